//! Softmax, and a loss in bits per character and as a perplexity.

use nalgebra::{DMatrix, RealField};
use serde::{Deserialize, Serialize};

/// A loss summed over tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Loss {
    /// −Σ m_t ln p_t\[y_t\], in nats.
    pub nats: f64,
    /// N = Σ m_t
    pub tokens: usize,
}

impl Loss {
    /// L of E21, in nats per token; `None` if there is no token.
    pub fn mean(&self) -> Option<f64> {
        (self.tokens > 0).then(|| self.nats / self.tokens as f64)
    }

    /// Adds the loss over other tokens.
    pub fn add(&mut self, other: Self) {
        self.nats += other.nats;
        self.tokens += other.tokens;
    }
}

/// ln Σ e^z with the maximum subtracted (E20), so that no exponential overflows.
///
/// ```
/// let ln2 = 2.0_f64.ln();
/// assert!((lstm_model::log_sum_exp(&[ln2 + 1000.0, 1000.0]) - (3.0_f64.ln() + 1000.0)).abs() < 1e-12);
/// ```
pub fn log_sum_exp<T: RealField + Copy>(z: &[T]) -> T {
    let max = maximum(z);
    max + z
        .iter()
        .fold(T::zero(), |sum, &z| sum + (z - max).exp())
        .ln()
}

/// Turns every column of logits into ln p of its softmax.
pub fn log_softmax<T: RealField + Copy>(z: &mut DMatrix<T>) {
    for mut z_t in z.column_iter_mut() {
        let log_z = log_sum_exp(z_t.as_slice());
        z_t.add_scalar_mut(-log_z);
    }
}

// ANCHOR: softmax
/// Turns every z into e^{z − max} and returns max and the sum of the exponentials (E20).
pub(crate) fn exponentials<T: RealField + Copy>(z: &mut [T]) -> (T, T) {
    let max = maximum(z);
    let mut total = T::zero();
    for z in z {
        *z = (*z - max).exp();
        total += *z;
    }
    (max, total)
}

fn maximum<T: RealField + Copy>(z: &[T]) -> T {
    z.iter().fold(z[0], |m, &z| if z > m { z } else { m })
}

/// p = softmax(z) (E20).
///
/// ```
/// let p = lstm_model::softmax(&[2.0_f64.ln(), 0.0, 0.0]);
/// assert!((p[0] - 0.5).abs() < 1e-15 && (p[1] - 0.25).abs() < 1e-15);
/// ```
pub fn softmax<T: RealField + Copy>(z: &[T]) -> Vec<T> {
    let mut p = z.to_vec();
    let (_, total) = exponentials(&mut p);
    p.iter_mut().for_each(|p| *p /= total);
    p
}
// ANCHOR_END: softmax

/// Perplexity e^L (E22) of a mean loss in nats: the number of faces of a fair die that is equally hard to predict.
///
/// ```
/// assert!((lstm_model::perplexity(6.0_f64.ln()) - 6.0).abs() < 1e-14);
/// ```
pub fn perplexity(loss: f64) -> f64 {
    loss.exp()
}

/// Bits per character L / ln 2 (E22) of a mean loss in nats.
///
/// ```
/// assert!((lstm_model::bits_per_character(8.0_f64.ln()) - 3.0).abs() < 1e-14);
/// ```
pub fn bits_per_character(loss: f64) -> f64 {
    loss / std::f64::consts::LN_2
}

/// The value as an `f64`; NaN if it cannot be converted.
pub(crate) fn to_f64<T: RealField + Copy>(value: T) -> f64 {
    nalgebra::try_convert(value).unwrap_or(f64::NAN)
}
