//! What can be wrong with a sequence.

use lstm_gates::GateError;
use thiserror::Error;

/// A sequence that this layer cannot read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CellError {
    /// The shapes of the weights do not fit together.
    #[error(transparent)]
    Gate(#[from] GateError),
    /// An input is not of length D.
    #[error("x_{t} has length {found}, expected the input size {expected}")]
    InputLength {
        /// The step, counted from 1.
        t: usize,
        /// Its length.
        found: usize,
        /// D
        expected: usize,
    },
    /// An initial state is not of length H.
    #[error("initial {state} has length {found}, expected the hidden size {expected}")]
    StateLength {
        /// `h` or `c`.
        state: &'static str,
        /// Its length.
        found: usize,
        /// H
        expected: usize,
    },
}
