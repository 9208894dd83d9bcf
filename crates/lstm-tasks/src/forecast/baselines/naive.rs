//! Forecasts that repeat a value.

use super::Baseline;

/// Every row will be like the last one that is present.
#[derive(Clone, Debug, Default)]
pub struct Persistence {
    last: f64,
}

impl Baseline for Persistence {
    fn read(&mut self, value: Option<f64>) {
        self.last = value.unwrap_or(self.last);
    }

    fn forecast(&self, horizon: usize) -> Vec<f64> {
        vec![self.last; horizon]
    }
}

/// Every row will be like the row one season before it. Where that is missing, the season before counts.
#[derive(Clone, Debug)]
pub struct SeasonalNaive {
    /// The last value at each place of the season.
    season: Vec<Option<f64>>,
    last: Persistence,
    rows: usize,
}

impl SeasonalNaive {
    /// With a season of this many rows.
    #[must_use]
    pub fn new(season: usize) -> Self {
        Self {
            season: vec![None; season],
            last: Persistence::default(),
            rows: 0,
        }
    }
}

impl Baseline for SeasonalNaive {
    fn read(&mut self, value: Option<f64>) {
        self.last.read(value);
        let place = self.rows % self.season.len();
        self.season[place] = value.or(self.season[place]);
        self.rows += 1;
    }

    fn forecast(&self, horizon: usize) -> Vec<f64> {
        let place = |k: usize| self.season[(self.rows + k) % self.season.len()];
        (0..horizon)
            .map(|k| place(k).unwrap_or(self.last.last))
            .collect()
    }
}
