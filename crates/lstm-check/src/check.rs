//! A recording compared with the same LSTM computed here.

use crate::difference::{Difference, difference};
use crate::explain::explain;
use crate::recorded::{Understood, read_model, understand};
use crate::{CheckError, Mistake, Recording};
use lstm_exchange::Tensors;
use std::path::Path;

/// The tolerance for tensors in double precision, relative to the recorded tensor's largest element: at least
/// ten times the rounding error of a hundred steps.
const DOUBLE: f64 = 1e-12;
/// The tolerance for tensors in single precision.
const SINGLE: f64 = 1e-5;

/// The result of a check.
#[derive(Debug)]
pub struct Report {
    /// The format of the recording.
    pub format: &'static str,
    /// One row for each recorded or computed tensor.
    pub rows: Vec<Row>,
    /// The known mistakes that would make everything agree.
    pub explanations: Vec<Mistake>,
}

/// A tensor and what was found about it.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name in the file.
    pub tensor: String,
    /// What was found.
    pub finding: Finding,
}

/// What was found about a tensor.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// It was compared with the computed one.
    Compared {
        /// How far apart the two are.
        difference: Difference,
        /// The largest relative difference that is accepted.
        tolerance: f64,
    },
    /// It was computed, and is not recorded.
    Missing,
    /// It has another shape than the computed one.
    Shape {
        /// The recorded shape.
        found: Vec<usize>,
        /// The computed one.
        expected: Vec<usize>,
    },
    /// It is recorded, and is neither an input nor a result of this format.
    Unknown,
    /// It cannot be computed, but must meet a condition.
    Condition {
        /// The condition.
        what: &'static str,
        /// How far the tensor is from meeting it.
        off: f64,
        /// How far it may be.
        tolerance: f64,
    },
}

impl Finding {
    /// Whether the tensor is as it should be.
    pub fn is_ok(&self) -> bool {
        match self {
            Self::Compared {
                difference,
                tolerance,
            } => difference.relative <= *tolerance,
            Self::Condition { off, tolerance, .. } => off <= tolerance,
            Self::Missing | Self::Shape { .. } | Self::Unknown => false,
        }
    }
}

impl Report {
    /// Whether all tensors are as they should be.
    pub fn is_ok(&self) -> bool {
        self.rows.iter().all(|row| row.finding.is_ok())
    }
}

/// Checks a file: a safetensors recording, or an ONNX model with a recording beside it.
///
/// # Errors
/// If the file cannot be read, has an unknown format, or has an option that is not supported.
pub fn check(path: &Path) -> Result<Report, CheckError> {
    let (recording, understood) = open(path)?;
    Ok(report(&recording, &understood))
}

/// Checks a recording.
///
/// # Errors
/// If it has an unknown format, or an option that is not supported.
pub fn check_recording(recording: &Recording) -> Result<Report, CheckError> {
    Ok(report(recording, &understand(recording)?))
}

/// Every tensor that a recording should hold, computed from its inputs, with a mistake or without.
///
/// # Errors
/// If it has an unknown format, or an option that is not supported.
pub fn recompute(recording: &Recording, mistake: Option<Mistake>) -> Result<Tensors, CheckError> {
    Ok(understand(recording)?.lstm.compute(mistake))
}

pub(crate) fn open(path: &Path) -> Result<(Recording, Understood), CheckError> {
    match path.extension().and_then(|e| e.to_str()) {
        Some("safetensors") => {
            let recording = Recording::open(path)?;
            let understood = understand(&recording)?;
            Ok((recording, understood))
        }
        Some("onnx") => read_model(path),
        _ => Err(CheckError::UnknownFile),
    }
}

fn report(recording: &Recording, understood: &Understood) -> Report {
    let lstm = &*understood.lstm;
    let mut rows = compare(recording, &lstm.compute(None), &understood.inputs);
    rows.extend(lstm.conditions());
    let is_ok = rows.iter().all(|row| row.finding.is_ok());
    Report {
        format: lstm.format(),
        rows,
        explanations: if is_ok {
            Vec::new()
        } else {
            explain(recording, lstm)
        },
    }
}

/// A row for each computed tensor, then for each recorded one that is neither computed nor an input.
fn compare(recording: &Recording, computed: &Tensors, inputs: &[String]) -> Vec<Row> {
    let row = |tensor: &String| Row {
        tensor: tensor.clone(),
        finding: finding(recording, computed, tensor),
    };
    let recorded = recording.tensors.keys();
    let others = recorded.filter(|name| !computed.contains_key(*name) && !inputs.contains(name));
    computed.keys().chain(others).map(row).collect()
}

/// Compares one tensor.
pub(crate) fn finding(recording: &Recording, computed: &Tensors, name: &str) -> Finding {
    let Some(found) = computed.get(name) else {
        return Finding::Unknown;
    };
    let Some(recorded) = recording.tensors.get(name) else {
        return Finding::Missing;
    };
    if recorded.shape != found.shape {
        return Finding::Shape {
            found: recorded.shape.clone(),
            expected: found.shape.clone(),
        };
    }
    let is_single = recording.is_single.get(name) == Some(&true);
    Finding::Compared {
        difference: difference(found, recorded),
        tolerance: if is_single { SINGLE } else { DOUBLE },
    }
}

/// Whether a tensor is a gradient, by its name.
pub(crate) fn is_gradient(name: &str) -> bool {
    name.starts_with("grad")
}
