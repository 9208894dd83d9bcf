//! The model as a whole: gradients, engines, reading.

mod engines;
mod gradients;
mod reading;
