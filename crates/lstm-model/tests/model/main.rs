//! The model as a whole: gradients, engines, optimisers, training, checkpoints.

mod checkpoints;
mod engines;
mod gradients;
mod optimizers;
mod training;
