//! The losses of forecasts: quantiles (E34) and a normal distribution (E35).

use super::normal;
use lstm_model::ModelError;
use nalgebra::{RealField, convert};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// What the numbers of the head mean, and the loss that they are trained with.
///
/// The head gives P numbers for each target: Q quantiles, or μ and a. Targets lie one after the other,
/// `z[n·P..(n + 1)·P]` belong to `y[n]`. A target that is missing, m = 0, adds nothing to the loss and
/// has no gradient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Objective {
    /// These quantiles of the target (E34), in ascending order; one of them is the median.
    Quantiles(Vec<f64>),
    /// The mean and the standard deviation of a normal distribution (E35).
    Gaussian,
}

/// ε of E35. The unit is the standard deviation of the training part, so no forecast claims to be more
/// precise than a thousandth of it.
const LEAST_DEVIATION: f64 = 1e-3;

/// The quantiles that a [`Objective::Gaussian`] forecast is reported by.
const REPORTED: [f64; 3] = [0.1, 0.5, 0.9];

/// The same quantiles of the standard normal distribution.
static STANDARD: LazyLock<[f64; 3]> = LazyLock::new(|| REPORTED.map(normal::quantile));

impl Default for Objective {
    fn default() -> Self {
        Self::Quantiles(REPORTED.to_vec())
    }
}

impl Objective {
    /// Checks the quantiles.
    ///
    /// # Errors
    /// [`ModelError::Setting`] if they are not ascending numbers between 0 and 1 with the median among
    /// them.
    pub fn check(&self) -> Result<(), ModelError> {
        let Self::Quantiles(quantiles) = self else {
            return Ok(());
        };
        let inside = quantiles.iter().all(|q| (1e-6..=1.0 - 1e-6).contains(q));
        let ascending = quantiles.windows(2).all(|pair| pair[0] < pair[1]);
        if inside && ascending && quantiles.contains(&0.5) && quantiles.len() <= 99 {
            return Ok(());
        }
        Err(ModelError::setting(
            "quantiles",
            format!("{quantiles:?}"),
            "ascending numbers between 0 and 1, at most 99, with the median 0.5 among them",
        ))
    }

    /// P, the numbers that the head gives for a target.
    #[must_use]
    pub fn per_target(&self) -> usize {
        match self {
            Self::Quantiles(quantiles) => quantiles.len(),
            Self::Gaussian => 2,
        }
    }

    /// The quantiles that a forecast is reported by.
    #[must_use]
    pub fn quantiles(&self) -> &[f64] {
        match self {
            Self::Quantiles(quantiles) => quantiles,
            Self::Gaussian => &REPORTED,
        }
    }

    /// The position of the median among the [`quantiles`](Self::quantiles).
    #[must_use]
    pub fn median(&self) -> usize {
        let median = self.quantiles().iter().position(|&q| q == 0.5);
        median.expect("checked: the median is among the quantiles")
    }

    // ANCHOR: loss
    /// The sum of the losses of all targets that are present (E34 or E35, without the division by N).
    ///
    /// ```text
    /// Σ m Σ_q max(q (y − ŷ_q), (q − 1) (y − ŷ_q))                              (E34)
    /// Σ m [ln s + (y − μ)² / (2 s²) + ½ ln 2π],   s = softplus(a) + ε          (E35)
    /// ```
    ///
    /// ```
    /// # use lstm_tasks::forecast::Objective;
    /// // The quantile 0.9 is forecast as 1, the value is 3: 0.9 · 2. Forecast as 4: 0.1 · 1.
    /// let objective = Objective::Quantiles(vec![0.9]);
    /// assert!((objective.loss(&[1.0, 4.0], &[3.0, 3.0], &[true, true]) - 1.9_f64).abs() < 1e-15);
    /// ```
    pub fn loss<T: RealField + Copy>(&self, z: &[T], y: &[T], present: &[bool]) -> T {
        let mut sum = T::zero();
        for ((z, &y), _) in targets(z, self.per_target(), y, present) {
            sum += match self {
                Self::Quantiles(quantiles) => quantile_loss(z, y, quantiles),
                Self::Gaussian => gaussian_loss(z, y),
            };
        }
        sum
    }
    // ANCHOR_END: loss

    // ANCHOR: loss_and_gradient
    /// The loss of [`loss`](Self::loss). Replaces z by dz, which is multiplied by `scale`, 1/N.
    ///
    /// ```text
    /// dŷ_q = −q m/N where y > ŷ_q, (1 − q) m/N where y < ŷ_q, 0 where equal       (E34)
    /// dμ = m (μ − y) / (s² N),   ds = m [1/s − (y − μ)²/s³] / N,   da = ds σ(a)   (E35)
    /// ```
    /// At y = ŷ the loss has a kink, and every number from −q to 1 − q is a subgradient; 0 is one of
    /// them. softplus′ = σ, and so the last factor.
    pub fn loss_and_gradient<T: RealField + Copy>(
        &self,
        z: &mut [T],
        y: &[T],
        present: &[bool],
        scale: T,
    ) -> T {
        let sum = self.loss(z, y, present);
        let size = self.per_target();
        for ((z, &y), &present) in z.chunks_exact_mut(size).zip(y).zip(present) {
            match self {
                _ if !present => z.fill(T::zero()),
                Self::Quantiles(quantiles) => quantile_gradient(z, y, quantiles, scale),
                Self::Gaussian => gaussian_gradient(z, y, scale),
            }
        }
        sum
    }
    // ANCHOR_END: loss_and_gradient

    /// The quantiles that the head's numbers `z` of one target stand for, in ascending order.
    ///
    /// A network that learned each quantile for itself may give a higher one for 0.1 than for 0.5. They
    /// are sorted here, in the forecast alone and not in the loss. Sorting never makes the quantile loss
    /// larger (Chernozhukov, Fernández-Val & Galichon 2010, 10.3982/ECTA7880), and in training E34 must
    /// see which number belongs to which quantile.
    #[must_use]
    pub fn forecast(&self, z: &[f64]) -> Vec<f64> {
        match self {
            Self::Quantiles(_) => {
                let mut sorted = z.to_vec();
                sorted.sort_by(f64::total_cmp);
                sorted
            }
            Self::Gaussian => {
                let (mean, deviation) = (z[0], deviation(z[1]));
                STANDARD.iter().map(|z| mean + deviation * z).collect()
            }
        }
    }
}

/// The numbers and the value of every target that is present.
fn targets<'a, T>(
    z: &'a [T],
    size: usize,
    y: &'a [T],
    present: &'a [bool],
) -> impl Iterator<Item = ((&'a [T], &'a T), &'a bool)> {
    assert_eq!(z.len(), size * y.len(), "the numbers of every target");
    let all = z.chunks_exact(size).zip(y).zip(present);
    all.filter(|(_, present)| **present)
}

// ANCHOR: quantile
fn quantile_loss<T: RealField + Copy>(z: &[T], y: T, quantiles: &[f64]) -> T {
    let mut sum = T::zero();
    for (&forecast, &q) in z.iter().zip(quantiles) {
        let (error, q) = (y - forecast, convert::<f64, T>(q));
        sum += if error > T::zero() {
            q * error
        } else {
            (q - T::one()) * error
        };
    }
    sum
}

fn quantile_gradient<T: RealField + Copy>(z: &mut [T], y: T, quantiles: &[f64], scale: T) {
    for (z, &q) in z.iter_mut().zip(quantiles) {
        let q = convert::<f64, T>(q);
        *z = if y > *z {
            -q * scale
        } else if y < *z {
            (T::one() - q) * scale
        } else {
            T::zero()
        };
    }
}
// ANCHOR_END: quantile

fn gaussian_loss<T: RealField + Copy>(z: &[T], y: T) -> T {
    let half: T = convert(0.5);
    let (s, two_pi) = (deviation(z[1]), T::two_pi());
    let u = (y - z[0]) / s;
    s.ln() + half * u * u + half * two_pi.ln()
}

fn gaussian_gradient<T: RealField + Copy>(z: &mut [T], y: T, scale: T) {
    let (s, sigma) = (deviation(z[1]), lstm_gates::sigmoid(z[1]));
    let u = (y - z[0]) / s;
    let ds = (T::one() - u * u) / s;
    z[0] = -u / s * scale;
    z[1] = ds * sigma * scale;
}

/// s = softplus(a) + ε, and softplus(a) = ln(1 + eᵃ) = max(a, 0) + ln(1 + e^{−|a|}), which does not
/// overflow.
fn deviation<T: RealField + Copy>(a: T) -> T {
    let positive = if a > T::zero() { a } else { T::zero() };
    positive + (-a.abs()).exp().ln_1p() + convert(LEAST_DEVIATION)
}
