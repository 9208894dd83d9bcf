//! The model as a whole: gradients, engines, optimisers, training, reading, checkpoints.

mod checkpoints;
mod engines;
mod gradients;
mod optimizers;
mod reading;
mod training;
