//! Recordings as others make them: other number types, names and shapes, and what they leave out.

mod names;
mod plain;
mod precision;
mod shapes;
mod keras;

use lstm_check::{Finding, Recording, Report, check_recording};

/// The report on a recording that must be readable.
fn report(recording: &Recording) -> Report {
    check_recording(recording).unwrap_or_else(|error| panic!("{error}"))
}

/// How many tensors were compared, all of which must agree.
fn agreeing(recording: &Recording) -> usize {
    let report = report(recording);
    assert!(report.is_ok(), "{report:#?}");
    let compared = report.rows.iter().filter(|row| row.finding.is_compared());
    compared.count()
}

/// The tensors of which the report says this.
fn named(report: &Report, finding: &Finding) -> Vec<String> {
    let rows = report.rows.iter().filter(|row| row.finding == *finding);
    rows.map(|row| row.tensor.clone()).collect()
}

fn rename(recording: &mut Recording, from: &str, to: &str) {
    let tensor = recording.tensors.remove(from).unwrap();
    recording.tensors.insert(to.into(), tensor);
    if let Some(dtype) = recording.dtypes.remove(from) {
        recording.dtypes.insert(to.into(), dtype);
    }
}

fn reshape(recording: &mut Recording, name: &str, shape: &[usize]) {
    let tensor = recording.tensors.get_mut(name).unwrap();
    *tensor = lstm_exchange::Tensor::new(shape, tensor.data.clone());
}

fn says(recording: &mut Recording, key: &str, text: &str) {
    recording.metadata.insert(key.into(), text.into());
}
