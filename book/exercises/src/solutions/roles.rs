//! E32

use lstm_model::Span;
use lstm_tasks::{Crf, LabelSet};
use nalgebra::{DMatrix, DVector};

/// [`Crf::log_partitions`]
pub fn log_partition(
    emissions: &DMatrix<f64>,
    transitions: &DMatrix<f64>,
    start: &DVector<f64>,
    end: &DVector<f64>,
) -> f64 {
    let crf = crf(transitions, start, end);
    crf.log_partitions(emissions, Span::full(emissions.ncols(), 1))[0]
}

/// [`lstm_tasks::viterbi`] over O and labels B-X, which may follow any label.
pub fn viterbi(
    emissions: &DMatrix<f64>,
    transitions: &DMatrix<f64>,
    start: &DVector<f64>,
    end: &DVector<f64>,
) -> Vec<u32> {
    let begins = (1..start.len()).map(|k| format!("B-{k}"));
    let names = std::iter::once("O".to_owned()).chain(begins).collect();
    let labels = LabelSet::from_names(names).unwrap();
    let crf = crf(transitions, start, end);
    let span = Span::full(emissions.ncols(), 1);
    lstm_tasks::viterbi(&crf, emissions, &labels, span, None)
        .unwrap()
        .remove(0)
}

fn crf(transitions: &DMatrix<f64>, start: &DVector<f64>, end: &DVector<f64>) -> Crf<f64> {
    Crf {
        transitions: transitions.clone(),
        start: start.clone(),
        end: end.clone(),
    }
}
