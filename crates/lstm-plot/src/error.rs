//! Errors of drawing.

use std::fmt::Display;
use thiserror::Error;

/// A picture that cannot be drawn.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum PlotError {
    /// A picture without content.
    #[error("picture {title:?} has nothing to draw")]
    Blank {
        /// Its title.
        title: String,
    },
    /// An axis whose ticks do not define a scale.
    #[error(
        "axis {label:?} needs two or more ticks, finite, ascending, and positive if logarithmic"
    )]
    Axis {
        /// Its label.
        label: String,
    },
    /// A curve without a point that can be drawn.
    #[error("curve {curve} has no point that can be drawn")]
    Empty {
        /// Its name.
        curve: String,
    },
    /// A point outside its axes.
    #[error("curve {curve} leaves the axes at ({x}, {y})")]
    Outside {
        /// The curve's name.
        curve: String,
        /// The point.
        x: f64,
        /// The point.
        y: f64,
    },
    /// Cells whose size is not positive and finite.
    #[error("cells of {width}×{height} pixels cannot be drawn")]
    Cell {
        /// Their width.
        width: f64,
        /// Their height.
        height: f64,
    },
    /// A row with another length than the list of columns.
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
