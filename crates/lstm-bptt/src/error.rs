//! What can be wrong with a backward pass.

use lstm_gates::GateError;
use thiserror::Error;

/// Weights, a tape, a loss gradient and an accumulator that do not fit together.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum BpttError {
    /// A window of no steps.
    #[error("the truncation window is 0 steps, expected at least 1")]
    ZeroWindow,
    /// The shapes of the weights do not fit together.
    #[error("the weights: {0}")]
    Weights(GateError),
    /// The loss has more or fewer dh_t than the tape has steps.
    #[error("the loss has a gradient on {found} steps, the tape has {expected}")]
    SeqLen {
        /// Gradients given.
        found: usize,
        /// T
        expected: usize,
    },
    /// An input on the tape is not of length D.
    #[error("x_{t} of the tape has length {found}, expected the input size {expected}")]
    InputLength {
        /// The step, counted from 1.
        t: usize,
        /// Its length.
        found: usize,
        /// D
        expected: usize,
    },
    /// A vector of the tape or of the loss is not of length H.
    #[error("{tensor} has length {found}, expected the hidden size {expected}")]
    Length {
        /// `h_0 of the tape`, `i_1 of the tape` …, or `dh_1` … `dh_T`, `dc_T`.
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
