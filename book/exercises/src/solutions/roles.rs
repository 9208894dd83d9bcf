//! E32

use lstm_model::Span;
use lstm_tasks::Crf;
use nalgebra::{DMatrix, DVector};

/// [`Crf::log_partitions`]
pub fn log_partition(
    emissions: &DMatrix<f64>,
    transitions: &DMatrix<f64>,
    start: &DVector<f64>,
    end: &DVector<f64>,
) -> f64 {
    let crf = Crf {
        transitions: transitions.clone(),
        start: start.clone(),
        end: end.clone(),
    };
    crf.log_partitions(emissions, Span::full(emissions.ncols(), 1))[0]
}
