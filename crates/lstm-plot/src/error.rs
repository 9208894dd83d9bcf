//! Errors of drawing.

use std::fmt::Display;
use thiserror::Error;

/// A picture that cannot be drawn.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum PlotError {
    /// A picture without content.
    #[error("picture {title:?} has nothing to draw")]
    Blank {
        /// The title of the picture.
        title: String,
    },
    /// An axis whose ticks do not define a scale.
    #[error(
        "axis {label:?} needs two or more ticks, finite, ascending, and positive if logarithmic"
    )]
    Axis {
        /// The label of the axis.
        label: String,
    },
    /// A curve without a point that can be drawn, or a bar with such a value.
    #[error("curve {curve} has no point that can be drawn")]
    Empty {
        /// The name of the curve or bar.
        curve: String,
    },
    /// A point outside its axes, or a bar longer than its axis.
    #[error("curve {curve} leaves the axes at ({x}, {y})")]
    Outside {
        /// The name of the curve or bar.
        curve: String,
        /// The point's x.
        x: f64,
        /// The point's y.
        y: f64,
    },
    /// Cells whose size is not positive and finite.
    #[error("cells of {width}×{height} pixels cannot be drawn")]
    Cell {
        /// The width of a cell.
        width: f64,
        /// The height of a cell.
        height: f64,
    },
    /// A row with another length than the list of columns.
    #[error("row {row} of {group} has {found} numbers for {expected} columns")]
    Ragged {
        /// The name of the group.
        group: String,
        /// The index of the row, counted from 0.
        row: usize,
        /// The length of the row.
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
