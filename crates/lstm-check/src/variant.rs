//! The LSTM with the options that frameworks offer, forward and backward, with a mistake or without.

mod activation;
mod weights;
mod cell;
mod computation;
mod forward;
mod backward;

pub use activation::Activation;
pub use backward::Gradients;
pub use cell::StepValues;
pub use computation::{Computation, Direction, Loss, Padding, first_steps};
pub use forward::Outcome;
pub use weights::{Block, Options, Weights};
