//! The fast engine against the spec engine, with every instruction set of the machine: layers, the
//! head, reading, and results that must have the same bits.

mod case;
mod compare;
mod head;
mod layers;
mod reading;
mod side_by_side;
mod stepping;
