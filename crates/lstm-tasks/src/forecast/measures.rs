//! How good forecasts are: MASE (E36), RMSE, quantile loss, coverage.

/// The measures of many forecasts of one column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Score {
    mase: Mean,
    square: Mean,
    quantile_loss: Mean,
    covered: Mean,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Mean {
    sum: f64,
    count: usize,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1;
    }

    fn get(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

impl Score {
    // ANCHOR: add
    /// Adds the forecast `quantiles` of a value y. `levels` says which quantiles they are, `median` where
    /// the median is, and `naive` is the denominator of E36.
    ///
    /// ```text
    /// MASE = mean |y − ŷ| / mean |y_t − y_{t−m}|                               (E36)
    /// ```
    /// ŷ is the median, and the mean in the denominator is that of the training part.
    pub fn add(
        &mut self,
        y: f64,
        quantiles: &[f64],
        levels: &[f64],
        median: usize,
        naive: Option<f64>,
    ) {
        let error = y - quantiles[median];
        if let Some(naive) = naive {
            self.mase.add(error.abs() / naive);
        }
        self.square.add(error * error);
        for (forecast, q) in quantiles.iter().zip(levels) {
            let error = y - forecast;
            self.quantile_loss
                .add(f64::max(q * error, (q - 1.0) * error));
        }
        if let [low, .., high] = quantiles {
            self.covered
                .add(f64::from(u8::from(*low <= y && y <= *high)));
        }
    }
    // ANCHOR_END: add

    /// The number of forecasts.
    #[must_use]
    pub fn forecasts(&self) -> usize {
        self.square.count
    }

    /// MASE; `None` without a forecast that has one.
    #[must_use]
    pub fn mase(&self) -> Option<f64> {
        self.mase.get()
    }

    /// The root of the mean squared error of the median.
    #[must_use]
    pub fn rmse(&self) -> Option<f64> {
        self.square.get().map(f64::sqrt)
    }

    /// The quantile loss (E34), the mean over quantiles.
    #[must_use]
    pub fn quantile_loss(&self) -> Option<f64> {
        self.quantile_loss.get()
    }

    /// The fraction of values from the lowest to the highest quantile; `None` if there is only one.
    #[must_use]
    pub fn coverage(&self) -> Option<f64> {
        self.covered.get()
    }
}

/// The denominator of E36: the mean of |y_t − y_{t−m}| over the training part. `None` if there is no
/// such pair or all are equal.
#[must_use]
pub fn naive_error(train: &[Option<f64>], season: usize) -> Option<f64> {
    let mut mean = Mean::default();
    for pair in train.iter().skip(season).zip(train) {
        if let (Some(after), Some(before)) = pair {
            mean.add((after - before).abs());
        }
    }
    mean.get().filter(|mean| *mean > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// MASE (E36), and the other measures.
    #[test]
    fn a_worked_example_of_two_forecasts() {
        // |3 − 1| and |7 − 3|; the pair with the missing value does not count.
        let train = [Some(1.0), Some(3.0), Some(7.0), None, Some(9.0)];
        let naive = naive_error(&train, 1);
        assert_eq!(naive, Some(3.0));
        let (levels, mut score) = ([0.1, 0.5, 0.9], Score::default());
        score.add(10.0, &[4.0, 7.0, 8.0], &levels, 1, naive);
        score.add(6.0, &[4.0, 7.0, 8.0], &levels, 1, naive);
        // Errors of the median: 3 and −1.
        assert_eq!(score.mase(), Some((1.0 + 1.0 / 3.0) / 2.0));
        assert_eq!(score.rmse(), Some(5.0_f64.sqrt()));
        // 0.1·6 + 0.5·3 + 0.9·2 = 3.9, and 0.1·2 + 0.5·1 + 0.1·2 = 0.9.
        assert!((score.quantile_loss().unwrap() - 4.8 / 6.0).abs() < 1e-15);
        assert_eq!(score.coverage(), Some(0.5));
    }

    #[test]
    fn without_differences_there_is_no_mase() {
        assert_eq!(naive_error(&[Some(2.0); 5], 1), None);
        assert_eq!(naive_error(&[Some(1.0), None, Some(2.0), None], 1), None);
        assert_eq!(naive_error(&[], 3), None);
        assert_eq!(Score::default().mase(), None);
    }
}
