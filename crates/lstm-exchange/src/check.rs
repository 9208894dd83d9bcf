//! A recorded LSTM against the same LSTM computed here.

use crate::onnx::understand_file;
use crate::recorded::{Computation, understand};
use crate::tensor::{Difference, difference};
use crate::variant::Mistake;
use crate::{ExchangeError, Recording, Tensors};
use std::path::Path;

/// Relative to the recorded tensor's largest element: a decade or more above what rounding makes of a
/// hundred steps in double precision.
const DOUBLE: f64 = 1e-12;
/// The same for tensors recorded in single precision.
const SINGLE: f64 = 1e-5;

/// The outcome of a check, tensor by tensor.
#[derive(Debug)]
pub struct Report {
    /// Whose conventions the file follows.
    pub format: &'static str,
    /// One for each recorded or computed tensor.
    pub rows: Vec<Row>,
    /// The mistakes with which everything would agree.
    pub explanations: Vec<Mistake>,
}

/// One tensor.
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
    /// It was compared.
    Compared {
        /// How far it is off.
        difference: Difference,
        /// How far it may be off, relative.
        tolerance: f64,
    },
    /// It should have been recorded.
    Missing,
    /// It has another shape than the computed one.
    Shape {
        /// The recorded shape.
        found: Vec<usize>,
        /// The computed one.
        expected: Vec<usize>,
    },
    /// It is recorded, and nothing is known that it could be.
    Unknown,
    /// Its numbers cannot be computed again, but something must hold of them.
    Stated {
        /// What must hold.
        what: &'static str,
        /// How far it is from holding.
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
            Self::Stated { off, tolerance, .. } => off <= tolerance,
            Self::Missing | Self::Shape { .. } | Self::Unknown => false,
        }
    }
}

impl Report {
    /// Whether all agree.
    pub fn is_ok(&self) -> bool {
        self.rows.iter().all(|row| row.finding.is_ok())
    }
}

/// Checks a file.
///
/// # Errors
/// If it cannot be read or understood, or holds what is not supported.
pub fn check(path: &Path) -> Result<Report, ExchangeError> {
    match path.extension().and_then(|e| e.to_str()) {
        Some("safetensors") => check_recording(&Recording::open(path)?),
        Some("onnx") => {
            let file = understand_file(path)?;
            Ok(judge(&file.recording, &*file.computation, &file.used))
        }
        _ => Err(ExchangeError::UnknownFile),
    }
}

/// Checks a recording.
///
/// # Errors
/// If it cannot be understood, or holds what is not supported.
pub fn check_recording(recording: &Recording) -> Result<Report, ExchangeError> {
    let (computation, used) = understand(recording)?;
    Ok(judge(recording, &*computation, &used))
}

fn judge(recording: &Recording, computation: &dyn Computation, used: &[String]) -> Report {
    let mut rows = compare(recording, &computation.compute(None), used);
    rows.extend(computation.statements());
    let explanations = match rows.iter().all(|row| row.finding.is_ok()) {
        true => Vec::new(),
        false => explain(recording, computation),
    };
    Report {
        format: computation.format(),
        rows,
        explanations,
    }
}

fn compare(recording: &Recording, computed: &Tensors, used: &[String]) -> Vec<Row> {
    let row = |tensor: &String| Row {
        tensor: tensor.clone(),
        finding: finding(recording, computed, tensor),
    };
    let recorded = recording.tensors.keys();
    let others = recorded.filter(|name| !computed.contains_key(*name) && !used.contains(name));
    computed.keys().chain(others).map(row).collect()
}

fn finding(recording: &Recording, computed: &Tensors, name: &str) -> Finding {
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
    let is_single = recording.single.get(name) == Some(&true);
    Finding::Compared {
        difference: difference(found, recorded),
        tolerance: if is_single { SINGLE } else { DOUBLE },
    }
}

/// Everything that a recording should hold as computed from the rest of it, with a mistake or without.
///
/// # Errors
/// If the recording cannot be understood, or holds what is not supported.
pub fn recompute(
    recording: &Recording,
    mistake: Option<Mistake>,
) -> Result<Tensors, ExchangeError> {
    Ok(understand(recording)?.0.compute(mistake))
}

fn is_gradient(name: &str) -> bool {
    name.starts_with("grad")
}

/// Which wrong LSTMs a recording tells from a right one.
#[derive(Clone, Debug, Default)]
pub struct Power {
    /// Those that it rejects, each with how far its numbers are off, relative to a tensor's largest
    /// element.
    pub rejected: Vec<(Mistake, f64)>,
    /// Those that it lets pass.
    pub passed: Vec<Mistake>,
}

/// Puts every mistake that a recording could show into its computation: a mistake on the way forward
/// must show in the outputs, one on the way back in the gradients.
///
/// # Errors
/// If the recording cannot be understood, or holds what is not supported.
pub fn power(recording: &Recording) -> Result<Power, ExchangeError> {
    let (computation, _) = understand(recording)?;
    Ok(measure(recording, &*computation))
}

fn measure(recording: &Recording, computation: &dyn Computation) -> Power {
    let mut power = Power::default();
    for mistake in Mistake::all()
        .into_iter()
        .filter(|&m| computation.applies(m))
    {
        let computed = computation.compute(Some(mistake));
        let seen = computed
            .keys()
            .filter(|name| is_gradient(name) == mistake.is_backward())
            .filter_map(|name| match finding(recording, &computed, name) {
                Finding::Compared {
                    difference,
                    tolerance,
                } if difference.relative > tolerance => Some(difference.relative),
                _ => None,
            })
            .reduce(f64::max);
        match seen {
            Some(off) => power.rejected.push((mistake, off)),
            None => power.passed.push(mistake),
        }
    }
    power
}

/// The power of a file.
///
/// # Errors
/// If it cannot be read or understood, or holds what is not supported.
pub fn power_of(path: &Path) -> Result<Power, ExchangeError> {
    match path.extension().and_then(|e| e.to_str()) {
        Some("safetensors") => power(&Recording::open(path)?),
        Some("onnx") => {
            let file = understand_file(path)?;
            Ok(measure(&file.recording, &*file.computation))
        }
        _ => Err(ExchangeError::UnknownFile),
    }
}

/// The known mistakes whose numbers are those of the file: of the way forward, if its outputs are
/// wrong, else of the way back.
fn explain(recording: &Recording, computation: &dyn Computation) -> Vec<Mistake> {
    let agrees = |computed: &Tensors, gradients: bool| {
        let mut some = computed
            .keys()
            .filter(|name| is_gradient(name) == gradients)
            .peekable();
        some.peek().is_some() && some.all(|name| finding(recording, computed, name).is_ok())
    };
    let explained = |candidates: Vec<Mistake>, gradients: bool| -> Vec<Mistake> {
        let holds = |m: &Mistake| agrees(&computation.compute(Some(*m)), gradients);
        candidates.into_iter().filter(holds).collect()
    };
    if agrees(&computation.compute(None), false) {
        return explained(Mistake::backward(), true);
    }
    let forward = explained(Mistake::forward(), false);
    match forward.is_empty() {
        // A trace's later losses and weights follow from its gradients.
        true => explained(Mistake::backward(), false),
        false => forward,
    }
}
