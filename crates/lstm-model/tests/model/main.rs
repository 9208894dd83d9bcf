//! The whole model: gradients, engines, reading, sizes, weights by name.

mod bidirectional;
mod configurations;
mod engines;
mod gradients;
mod networks;
mod oracles;
mod reading;
mod weights;
