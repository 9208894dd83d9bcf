//! Exponential smoothing: level, trend and season (Holt–Winters, additive).

use super::Baseline;

/// ```text
/// l_t = l_{t−1} + b_{t−1} + α e_t,   b_t = b_{t−1} + β e_t,   s_t = s_{t−m} + γ e_t
/// ```
/// e_t is the error of the forecast l_{t−1} + b_{t−1} + s_{t−m}; at a missing value it is 0. α, β and γ
/// are those of a grid with the smallest squared errors one row ahead.
#[derive(Clone, Debug)]
pub struct ExponentialSmoothing {
    rates: [f64; 3],
    level: f64,
    trend: f64,
    season: Vec<f64>,
    rows: usize,
}

const ALPHA: [f64; 7] = [0.02, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0];
const BETA: [f64; 4] = [0.0, 0.002, 0.02, 0.1];
const GAMMA: [f64; 4] = [0.0, 0.05, 0.1, 0.3];

impl ExponentialSmoothing {
    /// Fits the rates. Without two whole seasons there is no season.
    #[must_use]
    pub fn fit(train: &[Option<f64>], season: usize) -> Self {
        let season = if train.len() < 2 * season { 1 } else { season };
        let gammas = if season > 1 { &GAMMA[..] } else { &GAMMA[..1] };
        let start = Self::start(train, season);
        let mut best = (f64::INFINITY, start.clone());
        for alpha in ALPHA {
            for beta in BETA {
                for &gamma in gammas {
                    let rates = [alpha, beta, gamma];
                    let fresh = Self {
                        rates,
                        ..start.clone()
                    };
                    let error = fresh.clone().squared_error(train);
                    if error < best.0 {
                        best = (error, fresh);
                    }
                }
            }
        }
        best.1
    }

    /// The level and the season of the first season.
    fn start(train: &[Option<f64>], season: usize) -> Self {
        let first = &train[..train.len().min(season.max(2))];
        let present: Vec<f64> = first.iter().flatten().copied().collect();
        let level = present.iter().sum::<f64>() / present.len().max(1) as f64;
        let place = |k: usize| train.get(k).copied().flatten().map_or(0.0, |y| y - level);
        Self {
            rates: [0.0; 3],
            level,
            trend: 0.0,
            season: if season > 1 {
                (0..season).map(place).collect()
            } else {
                vec![0.0]
            },
            rows: 0,
        }
    }

    fn squared_error(mut self, train: &[Option<f64>]) -> f64 {
        let mut sum = 0.0;
        for &value in train {
            sum += value.map_or(0.0, |y| (y - self.ahead(1)).powi(2));
            self.read(value);
        }
        sum
    }

    fn ahead(&self, k: usize) -> f64 {
        let season = self.season[(self.rows + k - 1) % self.season.len()];
        self.level + k as f64 * self.trend + season
    }
}

impl Baseline for ExponentialSmoothing {
    fn read(&mut self, value: Option<f64>) {
        let error = value.map_or(0.0, |y| y - self.ahead(1));
        let [alpha, beta, gamma] = self.rates;
        let place = self.rows % self.season.len();
        self.level += self.trend + alpha * error;
        self.trend += beta * error;
        self.season[place] += gamma * error;
        self.rows += 1;
    }

    fn forecast(&self, horizon: usize) -> Vec<f64> {
        (1..=horizon).map(|k| self.ahead(k)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_season_and_a_trend_are_continued() {
        let y = |t: usize| 0.01 * t as f64 + [0.0, 2.0, -1.0][t % 3];
        let train: Vec<Option<f64>> = (0..300).map(|t| Some(y(t))).collect();
        let mut model = ExponentialSmoothing::fit(&train, 3);
        train.iter().for_each(|&value| model.read(value));
        for (k, forecast) in model.forecast(6).into_iter().enumerate() {
            assert!((forecast - y(300 + k)).abs() < 0.05, "{k}: {forecast}");
        }
    }
}
