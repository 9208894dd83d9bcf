//! What can be wrong with a set of weights.

use thiserror::Error;

/// Weights whose shapes are not those of an LSTM layer.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum GateError {
    /// A size is zero.
    #[error("input size {input_size} and hidden size {hidden_size} must both be at least 1")]
    ZeroSize {
        /// D
        input_size: usize,
        /// H
        hidden_size: usize,
    },
    /// A tensor's shape does not follow from D and H.
    #[error(
        "shape mismatch in gate {block}: {tensor} is {}×{}, expected {}×{}",
        found.0, found.1, expected.0, expected.1
    )]
    Shape {
        /// One of [`BLOCKS`](crate::BLOCKS).
        block: char,
        /// `w_x`, `w_h` or `b`.
        tensor: &'static str,
        /// Rows and columns found.
        found: (usize, usize),
        /// Rows and columns expected.
        expected: (usize, usize),
    },
}
