//! Mistakes in forecasting.

use crate::rejects;
use exercises::judge::forecasting as judge;
use exercises::solutions::forecasting as right;

/// The number of targets that are present.
fn count(present: &[bool]) -> f64 {
    present.iter().filter(|m| **m).count() as f64
}

/// The answer, both numbers multiplied.
fn times(factor: f64, (loss, dy): (f64, Vec<f64>)) -> (f64, Vec<f64>) {
    (factor * loss, dy.into_iter().map(|d| factor * d).collect())
}

#[test]
fn quantile_loss() {
    rejects(
        judge::quantile_loss(|q, forecast, y, m| right::quantile_loss(1.0 - q, forecast, y, m)),
        "q and 1 − q are exchanged",
    );
    rejects(
        judge::quantile_loss(|q, forecast, y, present| {
            times(
                count(present),
                right::quantile_loss(q, forecast, y, present),
            )
        }),
        "the sum is not divided by N",
    );
    rejects(
        judge::quantile_loss(|q, forecast, y, present| {
            let of_all = count(present) / y.len() as f64;
            times(of_all, right::quantile_loss(q, forecast, y, present))
        }),
        "N counts the missing target",
    );
    rejects(
        judge::quantile_loss(|q, forecast, y, _| {
            right::quantile_loss(q, forecast, y, &vec![true; y.len()])
        }),
        "the missing target counts",
    );
    rejects(
        judge::quantile_loss(|q, forecast, y, present| {
            let (loss, mut dy) = right::quantile_loss(q, forecast, y, present);
            for (d, (forecast, y)) in dy.iter_mut().zip(forecast.iter().zip(y)) {
                *d = if forecast == y {
                    -q / count(present)
                } else {
                    *d
                };
            }
            (loss, dy)
        }),
        "not 0 where the forecast is exact",
    );
    rejects(
        judge::quantile_loss(|q, forecast, y, present| {
            let (loss, dy) = right::quantile_loss(q, forecast, y, present);
            (loss, times(-1.0, (0.0, dy)).1)
        }),
        "Every element has the wrong sign",
    );
    // A mask that multiplies.
    rejects(
        judge::quantile_loss(|q, forecast, y, present| {
            let (_, dy) = right::quantile_loss(q, forecast, y, present);
            let errors = y.iter().zip(forecast).map(|(y, forecast)| y - forecast);
            let losses = errors
                .zip(present)
                .map(|(e, m)| f64::from(u8::from(*m)) * (q * e).max((q - 1.0) * e));
            (losses.sum::<f64>() / count(present), dy)
        }),
        "0 · NaN is NaN",
    );
}

#[test]
fn mase() {
    rejects(
        judge::mase(|train, _, y, forecast| right::mase(train, 1, y, forecast)),
        "one row instead of one season",
    );
    rejects(
        judge::mase(|_, season, y, forecast| right::mase(y, season, y, forecast)),
        "the denominator comes from the test part",
    );
    rejects(
        judge::mase(|train, season, y, forecast| 1.0 / right::mase(train, season, y, forecast)),
        "numerator and denominator are exchanged",
    );
    rejects(
        judge::mase(|train, season, y, forecast| {
            let mean = y.iter().zip(forecast).map(|(y, f)| y - f).sum::<f64>() / y.len() as f64;
            right::mase(train, season, &[mean.max(0.0)], &[0.0])
        }),
        "the errors keep their signs",
    );
    rejects(
        judge::mase(|train, season, y, forecast| {
            let squares: Vec<f64> = y
                .iter()
                .zip(forecast)
                .map(|(y, f)| (y - f) * (y - f))
                .collect();
            right::mase(train, season, &squares, &vec![0.0; y.len()])
        }),
        "the errors are squared",
    );
    rejects(
        judge::mase(|train, season, y, forecast| {
            let pairs = (train.len() - season) as f64;
            right::mase(train, season, y, forecast) * y.len() as f64 / pairs
        }),
        "sums are divided",
    );
    rejects(
        judge::mase(|train, season, y, forecast| {
            let (rows, pairs) = (train.len() as f64, (train.len() - season) as f64);
            right::mase(train, season, y, forecast) * rows / pairs
        }),
        "counts as rows without an error",
    );
}
