//! What cannot be drawn.

use std::fmt::Display;
use thiserror::Error;

/// A picture that cannot be drawn.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PlotError {
    /// A curve of nothing.
    #[error("curve {curve} has no point that can be drawn")]
    Empty {
        /// Its name.
        curve: String,
    },
    /// A row that does not fit the columns.
    #[error("row {row} of {group} has {found} numbers for {expected} columns")]
    Ragged {
        /// The group's name.
        group: String,
        /// The row, counted from 0.
        row: usize,
        /// Its length.
        found: usize,
        /// The number of columns.
        expected: usize,
    },
    /// The drawing library failed.
    #[error("drawing failed: {0}")]
    Drawing(String),
}

impl PlotError {
    pub(crate) fn drawing(error: impl Display) -> Self {
        Self::Drawing(error.to_string())
    }
}
