//! A generated series of which everything is known, and the best possible forecast of it.
//!
//! ```text
//! y_t = slope t + A sin(2π t / 12) + B sin(2π t / 84) ± R + σ ε_t,   ε_t normal
//! ```
//! The sign of R is the regime, which changes with a small probability at every step and is never
//! observed. Some values are missing. Read as a row every two hours, the seasons are a day and a week.

use super::Objective;
use super::normal::{below, solve};
use crate::data::series::{Columns, Series};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::StandardNormal;
use std::f64::consts::TAU;

const ROWS: usize = 6000;
const SEED: u64 = 1;
const SLOPE: f64 = 5e-4;
const SEASONS: [(f64, f64); 2] = [(12.0, 3.0), (84.0, 2.0)];
const REGIME: f64 = 1.5;
const SWITCH: f64 = 0.01;
const NOISE: f64 = 1.0;
const MISSING: f64 = 0.03;

/// The one column of the series.
#[must_use]
pub fn columns() -> Columns {
    Columns {
        time: None,
        id: None,
        values: vec!["y".to_owned()],
        known: Vec::new(),
    }
}

// ANCHOR: series
/// The series, always the same.
#[must_use]
pub fn series() -> Series {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut sign = 1.0;
    let value = |t: usize| {
        if rng.random_bool(SWITCH) {
            sign = -sign;
        }
        let noise = NOISE * rng.sample::<f64, _>(StandardNormal);
        let y = foreseeable(t) + sign * REGIME + noise;
        (!rng.random_bool(MISSING)).then_some(y)
    };
    Series {
        id: String::new(),
        start: None,
        values: vec![(0..ROWS).map(value).collect()],
        known: Vec::new(),
    }
}
// ANCHOR_END: series

/// The part of y_t that does not depend on chance.
fn foreseeable(t: usize) -> f64 {
    let t = t as f64;
    let seasons = SEASONS.map(|(period, height)| height * (TAU * t / period).sin());
    SLOPE * t + seasons.iter().sum::<f64>()
}

// ANCHOR: oracle
/// The best possible forecaster: it knows the formula and every constant, and only chance is hidden from
/// it, the noise and the regime.
///
/// The values so far say how probable the regime +R is: w_t by Bayes' rule, and w_{t+k} because the
/// regime changes k times at most. The forecast is then a mixture of two normal distributions, and no
/// forecaster has a lower expected loss than one that states its quantiles.
#[derive(Clone, Debug)]
pub struct Oracle {
    rows: usize,
    /// w_t, the probability of the regime +R given all values so far.
    upper: f64,
}

impl Default for Oracle {
    fn default() -> Self {
        Self {
            rows: 0,
            upper: 0.5,
        }
    }
}

impl Oracle {
    /// Reads the value of the next row.
    pub fn read(&mut self, value: Option<f64>) {
        let before = after(self.upper, 1);
        let likelihood = |y: f64, sign: f64| {
            let u = (y - foreseeable(self.rows) - sign * REGIME) / NOISE;
            (-0.5 * u * u).exp()
        };
        self.upper = value.map_or(before, |y| {
            let (up, down) = (
                before * likelihood(y, 1.0),
                (1.0 - before) * likelihood(y, -1.0),
            );
            up / (up + down)
        });
        self.rows += 1;
    }

    /// The forecast of the k-th row from now: what the head of a perfect network would give, in the units
    /// of the data.
    #[must_use]
    pub fn forecast(&self, k: usize, objective: &Objective) -> Vec<f64> {
        let (w, middle) = (after(self.upper, k), foreseeable(self.rows - 1 + k));
        match objective {
            Objective::Quantiles(quantiles) => {
                let part = |x: f64, sign: f64| below((x - middle - sign * REGIME) / NOISE);
                let mixture = |x: f64| w * part(x, 1.0) + (1.0 - w) * part(x, -1.0);
                let far = REGIME + 10.0 * NOISE;
                let quantile = |&q: &f64| solve(q, middle - far, middle + far, mixture);
                quantiles.iter().map(quantile).collect()
            }
            Objective::Gaussian => {
                let mean = middle + REGIME * (2.0 * w - 1.0);
                let variance = NOISE * NOISE + 4.0 * w * (1.0 - w) * REGIME * REGIME;
                vec![mean, variance.sqrt()]
            }
        }
    }
}

/// The probability of +R in k steps, if it is w now.
fn after(w: f64, k: usize) -> f64 {
    0.5 + (w - 0.5) * (1.0 - 2.0 * SWITCH).powi(k as i32)
}
// ANCHOR_END: oracle
