//! Linear autoregression.

use super::Baseline;
use nalgebra::{DMatrix, DVector};

/// y_t = w_0 + Σ_k w_k y_{t−k}, fitted by least squares. The forecasts of later rows read those of the
/// rows before.
#[derive(Clone, Debug)]
pub struct Autoregression {
    /// w_0, then the weights of the last value, the one before, …
    weights: DVector<f64>,
    /// The last values, the last one first. Where one is missing, it is the forecast of it.
    lags: Vec<f64>,
}

impl Autoregression {
    /// Fits the weights of `lags` values, or of a tenth of the number of rows if that is less.
    ///
    /// Rows of which a value is missing are left out. The normal equations are solved by the singular
    /// values, so that values that tell the same do no harm.
    #[must_use]
    pub fn fit(train: &[Option<f64>], lags: usize) -> Self {
        let p = lags.min(train.len() / 10).max(1);
        let (mut squares, mut products) = (DMatrix::zeros(p + 1, p + 1), DVector::zeros(p + 1));
        for t in p..train.len() {
            let before: Option<Vec<f64>> = train[t - p..t].iter().rev().copied().collect();
            if let (Some(before), Some(y)) = (before, train[t]) {
                let x = DVector::from_iterator(p + 1, std::iter::once(1.0).chain(before));
                squares.ger(1.0, &x, &x, 1.0);
                products.axpy(y, &x, 1.0);
            }
        }
        Self {
            weights: solve(squares, &products).unwrap_or_else(|| DVector::zeros(p + 1)),
            lags: vec![0.0; p],
        }
    }

    fn next(&self, lags: &[f64]) -> f64 {
        let weights = self.weights.as_slice();
        weights[0]
            + weights[1..]
                .iter()
                .zip(lags)
                .map(|(w, y)| w * y)
                .sum::<f64>()
    }
}

/// The weights of the smallest squared error; `None` if the values are so large that their squares are no
/// numbers, with which the decomposition would not end.
fn solve(squares: DMatrix<f64>, products: &DVector<f64>) -> Option<DVector<f64>> {
    if !squares.iter().chain(products).all(|v| v.is_finite()) {
        return None;
    }
    let svd = squares.try_svd(true, true, f64::EPSILON, 10_000)?;
    let least = 1e-10 * svd.singular_values.max();
    svd.solve(products, least).ok()
}

fn push(lags: &mut [f64], value: f64) {
    lags.rotate_right(1);
    lags[0] = value;
}

impl Baseline for Autoregression {
    fn read(&mut self, value: Option<f64>) {
        let value = value.unwrap_or_else(|| self.next(&self.lags));
        push(&mut self.lags, value);
    }

    fn forecast(&self, horizon: usize) -> Vec<f64> {
        let mut lags = self.lags.clone();
        let next = |_| {
            let next = self.next(&lags);
            push(&mut lags, next);
            next
        };
        (0..horizon).map(next).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_autoregressive_series_is_continued_exactly() {
        // y_t = 1 + 0.5 y_{t−1} − 0.8 y_{t−2}
        let mut y = vec![1.0, -1.0];
        for t in 2..80 {
            y.push(1.0 + 0.5 * y[t - 1] - 0.8 * y[t - 2]);
        }
        let train: Vec<Option<f64>> = y[..60].iter().copied().map(Some).collect();
        let mut model = Autoregression::fit(&train, 2);
        for weight in model.weights.iter().zip([1.0, 0.5, -0.8]) {
            assert!((weight.0 - weight.1).abs() < 1e-9, "{weight:?}");
        }
        for (t, value) in train.into_iter().enumerate() {
            // A missing value is bridged.
            model.read(value.filter(|_| t != 57));
        }
        let forecast = model.forecast(20);
        let worst = forecast.iter().zip(&y[60..]).map(|(a, b)| (a - b).abs());
        assert!(worst.fold(0.0, f64::max) < 1e-8);
    }
}
