//! Chapter on forecasting: E34, E36. `cargo test -p exercises forecasting::`

/// The loss of one quantile q, the mean over the targets that are present, and its gradient dŷ.
///
/// ```text
/// L = (1/N) Σ m max(q e, (q − 1) e),   e = y − ŷ,   N = Σ m        (E34)
/// ```
/// Shapes: `forecast` is ŷ, `present` is m; both have the length of `y`, and so has dŷ. At least one
/// target is present.
///
/// A missing target has a gradient of 0, whatever its `y` is, even NaN. At y = ŷ the loss has a kink;
/// take 0 there.
pub fn quantile_loss(q: f64, forecast: &[f64], y: &[f64], present: &[bool]) -> (f64, Vec<f64>) {
    todo!(
        "a forecast that is too low costs q for each unit of its error, one that is too high 1 − q"
    )
}

/// MASE of the forecasts ŷ of the values y of the test part.
///
/// ```text
/// MASE = mean |y − ŷ| / mean |y_t − y_{t−m}|        (E36)
/// ```
/// The mean in the denominator is over the rows of `train`, the training part, that have a row one season
/// before them; `season` is m. `forecast` has the length of `y`.
pub fn mase(train: &[f64], season: usize, y: &[f64], forecast: &[f64]) -> f64 {
    todo!("two means of absolute errors, and their ratio")
}
