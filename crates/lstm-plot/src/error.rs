//! What cannot be drawn.

use std::fmt::Display;
use thiserror::Error;

/// A picture that cannot be drawn.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum PlotError {
    /// A picture of nothing.
    #[error("picture {title:?} has nothing to draw")]
    Blank {
        /// Its title.
        title: String,
    },
    /// An axis that gives numbers no place.
    #[error(
        "axis {label:?} needs two or more ticks, finite, ascending, and positive if logarithmic"
    )]
    Axis {
        /// Its label.
        label: String,
    },
    /// A curve of nothing.
    #[error("curve {curve} has no point that can be drawn")]
    Empty {
        /// Its name.
        curve: String,
    },
    /// A point beyond the ends of its axes.
    #[error("curve {curve} leaves the axes at ({x}, {y})")]
    Outside {
        /// The curve's name.
        curve: String,
        /// The point.
        x: f64,
        /// The point.
        y: f64,
    },
    /// Cells that have no size.
    #[error("cells of {width}×{height} pixels cannot be drawn")]
    Cell {
        /// Their width.
        width: f64,
        /// Their height.
        height: f64,
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
