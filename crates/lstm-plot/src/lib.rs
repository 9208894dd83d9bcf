//! The pictures: curves, bars and heat maps as SVG, drawn by plotters.
//!
//! The `lstm` command draws a run with it, and the book its figures. Every function returns a whole
//! SVG document, the same bytes for the same numbers, on a light card that reads well on any page.
//! No font of the system is asked: text is laid out by the SVG's reader.
//!
//! *Invariant:* this crate knows numbers and labels, and nothing of the LSTM.

mod axis;
mod curves;
mod bars;
mod heatmap;
mod card;
mod error;

pub use axis::{Axis, Scale, grouped};
pub use bars::{Bar, BarChart, bar_chart};
pub use curves::{Curve, Panel, line_charts};
pub use error::PlotError;
pub use heatmap::{HeatMap, Range, Rows, heat_map};
