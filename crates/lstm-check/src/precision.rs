//! How far a computed number may be from the recorded one: the tolerance, from the number type.
//!
//! All differences are relative to the largest magnitude in the recorded tensor.
//!
//! | number type | tolerance | largest rounding error measured |
//! |---|---|---|
//! | float64 | 1e−12 | |
//! | float32 | 1e−5 | 2.9e−7 |
//! | float16 | 3e−2 | 2.1e−3 |
//! | bfloat16 | 3e−1 | 2.2e−2 |
//!
//! `tests/check/foreign/precision.rs` measures the errors on sequences of up to a hundred steps in which every
//! operation is rounded to the number type. Each tensor is checked by the tolerance of its own number
//! type. If an input has a coarser type, and only the tolerance of that type accepts the tensor, that
//! tolerance is used and the report names the input. The outputs `spec64.…` of an ONNX recording are in
//! double precision by definition.
//!
//! If all numbers of a tensor are multiples of 10⁻ᵏ, it was printed as decimals and read back. It may be
//! off by half a unit of its last digit or, if inputs were printed too, by ten units of their last
//! digit.
//!
//! The tolerances for half precision exceed the effect of some mistakes. So a recording that is off by
//! more than a tenth of a tolerance is also compared with the results of every known mistake. If one of
//! them agrees in all tensors to within a tenth of the tolerance, the check reports that mistake.

use crate::recorded::Understood;
use crate::{CheckError, Recording};
use lstm_exchange::Tensor;
use safetensors::Dtype;
use std::collections::BTreeMap;

/// The largest tolerance that is accepted. With a larger one, many mistakes would pass.
const MOST: f64 = 0.1;

/// The tolerance of a check.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Tolerance {
    /// The tolerance of each tensor's number type.
    #[default]
    ByType,
    /// One tolerance for all tensors, relative to the largest magnitude in each.
    Stated(f64),
}

impl Tolerance {
    /// One tolerance for all tensors.
    ///
    /// # Errors
    /// If it is not above 0, is NaN, or is larger than 0.1.
    pub fn stated(given: f64) -> Result<Self, CheckError> {
        if given > 0.0 && given <= MOST {
            Ok(Self::Stated(given))
        } else {
            Err(CheckError::Tolerance { given, most: MOST })
        }
    }
}

/// The precision of recorded numbers, the most precise first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Precision {
    /// float64, and integers.
    Double,
    /// float32
    Single,
    /// float16
    Half,
    /// bfloat16
    Brain,
}

impl Precision {
    pub fn of(dtype: Dtype) -> Self {
        match dtype {
            Dtype::F32 => Self::Single,
            Dtype::F16 => Self::Half,
            Dtype::BF16 => Self::Brain,
            _ => Self::Double,
        }
    }

    pub fn tolerance(self) -> f64 {
        match self {
            Self::Double => 1e-12,
            Self::Single => 1e-5,
            Self::Half => 3e-2,
            Self::Brain => 3e-1,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Double => "float64",
            Self::Single => "float32",
            Self::Half => "float16",
            Self::Brain => "bfloat16",
        }
    }

    /// The decimal digits of a number of this type; `None` if there are too few to recognise printed
    /// numbers.
    fn digits(self) -> Option<f64> {
        match self {
            Self::Double => Some(15.9),
            Self::Single => Some(7.2),
            Self::Half | Self::Brain => None,
        }
    }

    /// The number of this type that is closest to `value`; half precision is never printed, so those
    /// types return `value`.
    fn nearest(self, value: f64) -> f64 {
        match self {
            Self::Single => f64::from(value as f32),
            _ => value,
        }
    }
}

/// A tolerance, and the reason if it differs from that of the number type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Allowance {
    pub tolerance: f64,
    /// A smaller bound: a known mistake is reported, although the tensor is within the tolerance, if it
    /// brings the difference below this bound.
    narrow: f64,
    pub reason: Option<String>,
}

impl Allowance {
    fn of_type(precision: Precision, reason: Option<String>) -> Self {
        let tolerance = precision.tolerance();
        Self {
            tolerance,
            narrow: 0.1 * tolerance,
            reason,
        }
    }
}

/// The tolerances for the tensors of one recording.
pub(crate) struct Allowances {
    /// For each tensor, from the narrowest to the widest.
    of: BTreeMap<String, Vec<Allowance>>,
}

impl Allowances {
    pub fn new(read: &Understood, stated: Tolerance) -> Self {
        let (recording, inputs) = (&read.recording, &read.inputs);
        let printed = Printed::of(recording);
        let floats = |name: &&String| recording.has(name);
        let coarsest = inputs
            .iter()
            .filter(floats)
            .max_by_key(|name| recording.precision(name));
        let of = recording.tensors.iter().map(|(name, tensor)| {
            if let Tolerance::Stated(tolerance) = stated {
                let stated = Allowance {
                    tolerance,
                    narrow: tolerance,
                    reason: None,
                };
                return (name.clone(), vec![stated]);
            }
            let own = recording.precision(name);
            let mut all = vec![Allowance::of_type(own, None)];
            let is_coarser = |input: &&String| recording.precision(input) > own;
            let is_double = name.starts_with("spec64.");
            if let Some(input) = coarsest.filter(|input| !is_double && is_coarser(input)) {
                let precision = recording.precision(input);
                let reason = format!("{} is {}", read.original(input), precision.name());
                all.push(Allowance::of_type(precision, Some(reason)));
            }
            all.extend(printed.allowance(name, tensor, inputs));
            all.sort_by(|a, b| a.tolerance.total_cmp(&b.tolerance));
            (name.clone(), all)
        });
        Self { of: of.collect() }
    }

    /// The same allowances, with the smaller bounds for known mistakes as tolerances.
    pub fn narrow(&self) -> Self {
        let narrow = |a: &Allowance| Allowance {
            tolerance: a.narrow,
            ..a.clone()
        };
        let narrowed = |all: &Vec<Allowance>| all.iter().map(narrow).collect();
        let of = self.of.iter();
        Self {
            of: of
                .map(|(name, all)| (name.clone(), narrowed(all)))
                .collect(),
        }
    }

    /// The narrowest tolerance of a tensor that accepts this difference; if none does, the widest.
    pub fn of(&self, name: &str, relative: f64) -> Allowance {
        let all = &self.of[name];
        let accepting = all.iter().find(|a| relative <= a.tolerance);
        accepting
            .or(all.last())
            .expect("every tensor has one")
            .clone()
    }
}

/// The tensors of a recording that were printed as decimals, with the number of decimals of each.
struct Printed(BTreeMap<String, i32>);

impl Printed {
    fn of(recording: &Recording) -> Self {
        let found = recording.tensors.iter().filter_map(|(name, tensor)| {
            let precision = recording.precision(name);
            let decimals = decimals(&tensor.data, precision)?;
            // Every number that is not a binary fraction is evidence that the tensor was printed.
            let telling = tensor.data.iter().filter(|v| (**v * 1024.0).fract() != 0.0);
            let evidence = telling.count() as f64 * (precision.digits()? - f64::from(decimals));
            Some((name.clone(), decimals, evidence))
        });
        let found: Vec<_> = found.collect();
        let all_evidence = |decimals: i32| -> f64 {
            let alike = found.iter().filter(|(_, own, _)| *own <= decimals);
            alike.map(|(.., evidence)| evidence).sum()
        };
        // This happens by chance once in 100 000 recordings.
        let printed = found.iter().filter(|(_, own, _)| all_evidence(*own) > 5.0);
        Self(printed.map(|(name, own, _)| (name.clone(), *own)).collect())
    }

    /// The tolerance of a tensor that was printed.
    fn allowance(&self, name: &str, tensor: &Tensor, inputs: &[String]) -> Option<Allowance> {
        let decimals = *self.0.get(name)?;
        let unit = |decimals: i32| 10_f64.powi(-decimals);
        let (mut most, mut narrow) = (0.501 * unit(decimals), 0.501 * unit(decimals));
        let mut reason = format!("printed with {decimals} decimals");
        // Inputs with one or two decimals were more likely typed than printed.
        let of_inputs = inputs.iter().filter_map(|input| self.0.get(input));
        if let Some(fewest) = of_inputs.copied().filter(|&own| own > 2).min() {
            most += 10.0 * unit(fewest);
            narrow += unit(fewest);
            reason = format!("{reason}, inputs with {fewest}");
        }
        let scale = tensor
            .data
            .iter()
            .fold(0.01, |most: f64, v| most.max(v.abs()));
        let tolerance = most / scale;
        (tolerance <= MOST).then_some(Allowance {
            tolerance,
            narrow: narrow / scale,
            reason: Some(reason),
        })
    }
}

/// The number of decimals that print all the numbers without loss; `None` if that takes too many.
fn decimals(numbers: &[f64], precision: Precision) -> Option<i32> {
    let most = precision.digits()? as i32 - 2;
    (1..=most).find(|&decimals| {
        let unit = 10_f64.powi(decimals);
        let is_multiple = |v: &f64| precision.nearest((v * unit).round() / unit) == *v;
        numbers.iter().all(is_multiple)
    })
}
