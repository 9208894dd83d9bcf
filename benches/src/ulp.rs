//! The errors of the fast engine's exp, σ and tanh in units in the last place (ulp).
//!
//! The reference is computed in `f64`. A usual C library's exp is off by less than one ulp of an `f64`, and
//! its tanh by less than two. σ = 1 / (1 + e^{−x}) adds the rounding of a sum and of a quotient. So every
//! reference is off by less than 4 ulp of an `f64`, which is less than 10⁻⁸ ulp of an `f32`, and every error
//! here is right to six decimal places. A test compares the references with other formulas.

use crate::{Committed, Machine};
use lstm_fast::{Activation, Level};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// Beyond ±87 the engine's exp and σ are constant.
const CLAMP: f32 = 87.0;

/// The errors of one function at one level.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Errors {
    /// The largest error in ulp. Arguments that exp or σ clamps do not count.
    pub worst: f64,
    /// An argument with this error.
    pub at: f32,
    /// The number of neighbouring arguments x < x′ with f(x) > f(x′).
    pub backward_steps: u64,
    /// The largest f(x) − f(x′) of these, in ulp.
    pub largest_backward_step: f64,
    /// The largest |tanh(x) + tanh(−x)| in ulp, or the largest |σ(x) + σ(−x) − 1| in 2⁻²⁴, which is an ulp
    /// of numbers just below 1; 0 for exp.
    pub asymmetry: f64,
    /// f(−∞) and f(∞).
    pub limits: [f32; 2],
    /// The smallest and the largest argument with other values.
    pub between: [f32; 2],
}

impl Errors {
    /// The errors over the arguments of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let worse = if other.worst > self.worst {
            other
        } else {
            self
        };
        Self {
            worst: worse.worst,
            at: worse.at,
            backward_steps: self.backward_steps + other.backward_steps,
            largest_backward_step: self.largest_backward_step.max(other.largest_backward_step),
            asymmetry: self.asymmetry.max(other.asymmetry),
            limits: self.limits,
            between: [
                self.between[0].min(other.between[0]),
                self.between[1].max(other.between[1]),
            ],
        }
    }
}

/// The errors of exp, σ and tanh at one level.
pub type LevelErrors = [Errors; 3];

/// The errors at each of the levels, over all arguments ±x where the bits of x are in the range.
///
/// # Panics
/// If NaN gives a number; if a value is not between f(−∞) and f(∞); if two levels other than the portable
/// one give different bits.
pub fn measure(levels: &[Level], magnitudes: RangeInclusive<u32>) -> Vec<LevelErrors> {
    let positive: Vec<f32> = magnitudes.map(f32::from_bits).collect();
    let negative: Vec<f32> = positive.iter().map(|x| -x).collect();
    let mut all = vec![Vec::new(); levels.len()];
    for function in Activation::ALL {
        let exact = [&positive, &negative]
            .map(|xs| -> Vec<f64> { xs.iter().map(|&x| reference(function, x.into())).collect() });
        let mut fused: Option<[Vec<f32>; 2]> = None;
        for (level, all) in levels.iter().zip(&mut all) {
            let ys = [&positive, &negative].map(|xs| apply(function, *level, xs));
            let signed = |n: usize| Side {
                function,
                limits: [f32::NEG_INFINITY, f32::INFINITY]
                    .map(|x| apply(function, *level, &[x])[0]),
                xs: [&positive, &negative][n],
                ys: &ys[n],
                exact: &exact[n],
            };
            let asymmetry = asymmetry(function, &ys);
            let errors = signed(0).errors().and(signed(1).errors());
            all.push(Errors {
                asymmetry,
                ..errors
            });
            if *level != Level::portable() {
                expect_same_bits(fused.get_or_insert_with(|| ys.clone()), &ys);
            }
        }
    }
    let whole = |errors: Vec<Errors>| errors.try_into().expect("there are three functions");
    all.into_iter().map(whole).collect()
}

fn apply(function: Activation, level: Level, xs: &[f32]) -> Vec<f32> {
    let mut ys = xs.to_vec();
    function.apply(level, &mut ys);
    ys
}

/// The function in `f64`.
pub fn reference(function: Activation, x: f64) -> f64 {
    match function {
        Activation::Exp => x.exp(),
        Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Activation::Tanh => x.tanh(),
    }
}

/// Neighbouring arguments of one sign, in the order of their magnitude.
struct Side<'a> {
    function: Activation,
    limits: [f32; 2],
    xs: &'a [f32],
    ys: &'a [f32],
    exact: &'a [f64],
}

impl Side<'_> {
    fn errors(&self) -> Errors {
        let [low, high] = self.limits;
        let mut errors = Errors {
            worst: 0.0,
            at: 0.0,
            backward_steps: 0,
            largest_backward_step: 0.0,
            asymmetry: 0.0,
            limits: self.limits,
            between: [f32::INFINITY, f32::NEG_INFINITY],
        };
        for ((&x, &y), &exact) in self.xs.iter().zip(self.ys).zip(self.exact) {
            if x.is_nan() {
                assert!(y.is_nan(), "{:?} of NaN is {y}", self.function);
                continue;
            }
            assert!(low <= y && y <= high, "{:?}({x}) is {y}", self.function);
            if y != low {
                errors.between[0] = errors.between[0].min(x);
            }
            if y != high {
                errors.between[1] = errors.between[1].max(x);
            }
            let error = (f64::from(y) - exact).abs() / ulp(exact);
            if error > errors.worst && !self.is_clamped(x) {
                (errors.worst, errors.at) = (error, x);
            }
        }
        for (xs, ys) in self.xs.windows(2).zip(self.ys.windows(2)) {
            let rise = f64::from(ys[1]) - f64::from(ys[0]);
            let step = rise * f64::from(xs[1]).signum() / ulp(ys[0].into());
            if step < 0.0 {
                errors.backward_steps += 1;
                errors.largest_backward_step = errors.largest_backward_step.max(-step);
            }
        }
        errors
    }

    fn is_clamped(&self, x: f32) -> bool {
        match self.function {
            Activation::Exp => x.abs() > CLAMP,
            Activation::Sigmoid => x < -CLAMP,
            Activation::Tanh => false,
        }
    }
}

fn asymmetry(function: Activation, [positive, negative]: &[Vec<f32>; 2]) -> f64 {
    let pairs = positive.iter().zip(negative);
    let pairs = pairs.map(|(&a, &b)| (f64::from(a), f64::from(b)));
    // f64::max drops NaN.
    match function {
        Activation::Exp => 0.0,
        Activation::Sigmoid => pairs.fold(0.0, |worst: f64, (a, b)| {
            worst.max((a + b - 1.0).abs() / ulp(0.5))
        }),
        Activation::Tanh => pairs.fold(0.0, |worst: f64, (a, b)| worst.max((a + b).abs() / ulp(a))),
    }
}

fn expect_same_bits(one: &[Vec<f32>; 2], other: &[Vec<f32>; 2]) {
    for (a, b) in one.iter().flatten().zip(other.iter().flatten()) {
        let same = a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
        assert!(same, "two levels give {a} and {b}");
    }
}

/// The distance of neighbouring `f32` around this number.
fn ulp(number: f64) -> f64 {
    let exponent = (number.to_bits() >> 52) as i64 & 0x7ff;
    let smallest = 1023 + i64::from(f32::MIN_EXP) - 1;
    f64::from_bits(((exponent.max(smallest) - 23) as u64) << 52)
}

/// The committed record of all arguments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UlpRecord {
    /// The command that makes a record.
    pub command: String,
    /// The machine.
    pub machine: Machine,
    /// The name of each level, and its errors.
    pub levels: Vec<(String, LevelErrors)>,
}

impl Committed for UlpRecord {
    const FILE: &str = "ulp.json";
}

#[cfg(test)]
mod tests;
