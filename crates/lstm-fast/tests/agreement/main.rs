//! The fast engine against the spec engine, with every instruction set of the machine: layers, the
//! head, training, and what must hold to the bit.

mod case;
mod compare;
mod head;
mod layers;
mod reading;
