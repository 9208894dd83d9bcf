//! The counts as curves, a panel for each kind of network with gates.

use super::record::{DISTANCES, recorded};
use crate::figures::solid;
use lstm_plot::{Axis, Panel, PlotError, line_charts};

/// How many of ten networks learn to recall, against the distance.
pub fn figure() -> Result<String, PlotError> {
    let distances = DISTANCES.map(|seq_len| seq_len as f64);
    let panel = |network: &str| {
        let curve = |(name, counts): (&str, Vec<usize>)| {
            let bias = name.rsplit(", ").next().expect("a name ends in its bias");
            let counts = counts.into_iter().map(|count| count as f64);
            solid(bias, distances.into_iter().zip(counts).collect())
        };
        Panel {
            x: Axis::logarithmic(&format!("T, {network}"), &distances),
            y: Axis::linear(
                "networks of ten that learn it",
                &[0.0, 2.0, 4.0, 6.0, 8.0, 10.0],
            ),
            curves: recorded(&format!("{network}, bias"))
                .into_iter()
                .map(curve)
                .collect(),
        }
    };
    line_charts(
        "How many of ten networks learn to recall, against the distance",
        &["LSTM", "GRU", "minLSTM"].map(panel),
    )
}
