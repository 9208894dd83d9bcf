//! A recording compared with the same LSTM computed here.

use crate::choice::choose;
use crate::difference::{Difference, difference};
use crate::explain::{explain, is_y_swapped};
use crate::precision::Allowances;
use crate::recorded::{Understood, read_model, understand};
use crate::recording::is_alike;
use crate::{CheckError, Mistake, Recording, Tolerance};
use lstm_exchange::Tensors;
use std::path::Path;

/// The result of a check.
#[derive(Debug)]
pub struct Report {
    /// The format of the recording.
    pub format: &'static str,
    /// How the file was read where it allows several readings.
    pub notes: Vec<String>,
    /// One row for each recorded or computed tensor.
    pub rows: Vec<Row>,
    /// The known mistakes that would make everything agree.
    pub explanations: Vec<Mistake>,
    /// The tensors whose batch and time are swapped, if everything would agree after swapping them back.
    pub swapped: Option<&'static str>,
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
        /// Why the tolerance differs from that of the tensor's number type.
        reason: Option<String>,
    },
    /// It was computed but is not recorded, although its format requires it.
    Missing,
    /// It was computed but is not recorded, and the format does not require it.
    NotRecorded,
    /// It has another shape than the computed one.
    Shape {
        /// The recorded shape.
        found: Vec<usize>,
        /// The computed one.
        expected: Vec<usize>,
    },
    /// It is recorded, but it is neither an input nor a result that can be computed.
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
    /// Whether the tensor is as it should be, or was not compared.
    pub fn is_ok(&self) -> bool {
        match self {
            Self::Compared {
                difference,
                tolerance,
                ..
            } => difference.relative <= *tolerance,
            Self::Condition { off, tolerance, .. } => off <= tolerance,
            Self::Missing | Self::Shape { .. } => false,
            Self::NotRecorded | Self::Unknown => true,
        }
    }

    /// Whether the tensor was compared with an expected value or checked against a condition.
    pub fn is_compared(&self) -> bool {
        !matches!(self, Self::NotRecorded | Self::Unknown)
    }
}

impl Report {
    /// Whether all tensors that could be compared are as they should be.
    pub fn is_ok(&self) -> bool {
        self.rows.iter().all(|row| row.finding.is_ok())
    }
}

/// Checks a file: a safetensors recording, or an ONNX model with a recording beside it.
///
/// # Errors
/// If the file cannot be read, has an unknown format, or has an option that is not supported.
pub fn check(path: &Path) -> Result<Report, CheckError> {
    check_within(path, Tolerance::ByType)
}

/// Checks a file with a tolerance.
///
/// # Errors
/// As [`check()`].
pub fn check_within(path: &Path, tolerance: Tolerance) -> Result<Report, CheckError> {
    Ok(settle(open(path)?, tolerance)?.1)
}

/// Checks a recording.
///
/// # Errors
/// If it has an unknown format, or an option that is not supported.
pub fn check_recording(recording: &Recording) -> Result<Report, CheckError> {
    Ok(settle(understand(recording)?, Tolerance::ByType)?.1)
}

/// Every tensor that a recording should hold, computed from its inputs, with a mistake or without.
///
/// # Errors
/// If it has an unknown format, or an option that is not supported.
pub fn recompute(recording: &Recording, mistake: Option<Mistake>) -> Result<Tensors, CheckError> {
    let (read, _) = settle(understand(recording)?, Tolerance::ByType)?;
    let tensors = read.lstm.compute(mistake).into_iter();
    Ok(tensors
        .map(|(name, tensor)| read.theirs(&name, tensor))
        .collect())
}

pub(crate) fn open(path: &Path) -> Result<Vec<Understood>, CheckError> {
    match path.extension().and_then(|e| e.to_str()) {
        Some("safetensors") => understand(&Recording::open(path)?),
        Some("onnx") => Ok(vec![read_model(path)?]),
        _ => Err(CheckError::UnknownFile),
    }
}

/// Chooses the reading of a recording that agrees or fits best, and reports on it.
fn settle(
    readings: Vec<Understood>,
    tolerance: Tolerance,
) -> Result<(Understood, Report), CheckError> {
    let mut choice = choose(readings, tolerance);
    if !choice.rows.iter().any(|row| row.finding.is_compared()) {
        return Err(choice.read.no_output());
    }
    let narrow = choice.allowances.narrow();
    let is_ok = choice.rows.iter().all(|row| row.finding.is_ok());
    let mut explanations = Vec::new();
    let narrow_rows = rows(&choice.read, &narrow);
    if !narrow_rows.iter().all(|row| row.finding.is_ok()) {
        explanations = explain(&choice.read, &narrow);
    }
    if is_ok && !explanations.is_empty() {
        choice.rows = narrow_rows;
        let note = "a known mistake fits ten times better than the tolerances ask for";
        choice.notes.push(note.into());
    } else if !is_ok && explanations.is_empty() {
        explanations = explain(&choice.read, &choice.allowances);
    }
    let report = Report {
        format: choice.read.lstm.format(),
        swapped: if choice.is_swapped {
            Some("all sequences")
        } else {
            (!is_ok && is_y_swapped(&choice)).then_some("y")
        },
        notes: choice.notes,
        rows: choice
            .rows
            .into_iter()
            .map(|row| choice.read.renamed(row))
            .collect(),
        explanations,
    };
    Ok((choice.read, report))
}

/// A row for each computed tensor, for each recorded one that is neither computed nor an input, and for each
/// condition. Names are those of the reading.
pub(crate) fn rows(read: &Understood, allowances: &Allowances) -> Vec<Row> {
    let computed = read.lstm.compute(None);
    let recorded = read.recording.tensors.keys();
    let others =
        recorded.filter(|name| !computed.contains_key(*name) && !read.inputs.contains(name));
    let row = |tensor: &String| Row {
        tensor: tensor.clone(),
        finding: finding(read, allowances, &computed, tensor),
    };
    let rows = computed.keys().chain(others).map(row);
    rows.chain(read.lstm.conditions()).collect()
}

/// Compares one tensor.
pub(crate) fn finding(
    read: &Understood,
    allowances: &Allowances,
    computed: &Tensors,
    name: &str,
) -> Finding {
    let is_strict = read.lstm.is_strict();
    let Some(found) = computed.get(name) else {
        return Finding::Unknown;
    };
    let Some(recorded) = read.recording.tensors.get(name) else {
        return if is_strict {
            Finding::Missing
        } else {
            Finding::NotRecorded
        };
    };
    let fits = if is_strict {
        recorded.shape == found.shape
    } else {
        is_alike(&recorded.shape, &found.shape)
    };
    if !fits {
        return Finding::Shape {
            found: recorded.shape.clone(),
            expected: found.shape.clone(),
        };
    }
    let difference = difference(found, recorded);
    let allowance = allowances.of(name, difference.relative);
    Finding::Compared {
        difference,
        tolerance: allowance.tolerance,
        reason: allowance.reason,
    }
}

/// Whether a tensor is a gradient, by its name.
pub(crate) fn is_gradient(name: &str) -> bool {
    name.starts_with("grad")
}
