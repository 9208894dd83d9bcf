//! Draws curves, bars, heat maps, confusion matrices and coloured text as SVG with plotters.
//!
//! The `lstm` command draws pictures of runs, and the book its figures. Every function returns a complete
//! SVG document, the same bytes for the same numbers, on a light card that is readable on any page. The
//! program that shows the SVG chooses the fonts.
//!
//! plotters draws the lines, shapes and texts and writes the SVG; this crate computes the layout. The
//! charts of plotters are not used. Line charts would take sixty more lines, because our ticks need an
//! implementation of its coordinate traits. plotters writes the names of curves into a box and not at
//! their ends, has no heat map with groups and a key, and estimates the width of a text from its bytes,
//! which is wrong for Chinese.
//!
//! *Invariant:* this crate knows numbers and labels. Of the LSTM it knows only the colours of the gates,
//! so that all pictures agree.

mod axis;
mod curves;
mod bars;
mod heatmap;
mod confusion;
mod text;
mod card;
mod error;

pub use axis::{Axis, Scale, grouped};
pub use bars::{Bar, BarChart, bar_chart};
pub use confusion::{ConfusionMatrix, confusion_matrix};
pub use curves::{Band, Curve, Mark, Panel, band_chart, line_charts};
pub use error::PlotError;
pub use heatmap::{HeatMap, Range, Rows, Tone, heat_map};
pub use text::{ColouredText, coloured_text};
