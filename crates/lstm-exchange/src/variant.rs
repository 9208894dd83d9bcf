//! The LSTM with the options that other people's have, and with their mistakes.

mod activation;
mod case;
mod cell;
mod mistake;

pub use activation::Activation;
pub use case::{Case, Direction, Gradients, Loss, Outcome, Padding};
pub use cell::{Block, Options, Step, Weights};
pub use mistake::Mistake;
