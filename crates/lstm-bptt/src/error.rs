//! What can be wrong with a backward pass.

use lstm_gates::GateError;
use thiserror::Error;

/// A loss gradient or an accumulator that does not fit the weights and the tape.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum BpttError {
    /// A window of no steps.
    #[error("the truncation window is 0 steps, expected at least 1")]
    ZeroWindow,
    /// One dh_t for each step is needed.
    #[error("the loss has a gradient on {found} steps, the tape has {expected}")]
    SeqLen {
        /// Gradients given.
        found: usize,
        /// T
        expected: usize,
    },
    /// A gradient is not of length H.
    #[error("{tensor} has length {found}, expected the hidden size {expected}")]
    Length {
        /// `dh_1` … `dh_T`, `dc_T`.
        tensor: String,
        /// Its length.
        found: usize,
        /// H
        expected: usize,
    },
    /// The accumulator does not have the shapes of the weights.
    #[error("the gradient to add to: {0}")]
    Gradient(GateError),
}
