//! The whole model: gradients, engines, reading.

mod engines;
mod gradients;
mod reading;
