//! E34 and E36

use lstm_tasks::forecast::{Objective, Score, naive_error};

/// [`Objective::loss_and_gradient`] of one quantile
pub fn quantile_loss(q: f64, forecast: &[f64], y: &[f64], present: &[bool]) -> (f64, Vec<f64>) {
    let scale = 1.0 / present.iter().filter(|&&m| m).count() as f64;
    let (objective, mut dy) = (Objective::Quantiles(vec![q]), forecast.to_vec());
    let loss = objective.loss_and_gradient(&mut dy, y, present, scale);
    (loss * scale, dy)
}

/// [`Score::mase`] of medians
pub fn mase(train: &[f64], season: usize, y: &[f64], forecast: &[f64]) -> f64 {
    let train: Vec<_> = train.iter().copied().map(Some).collect();
    let (naive, mut score) = (naive_error(&train, season), Score::default());
    for (y, forecast) in y.iter().zip(forecast) {
        score.add(*y, &[*forecast], &[0.5], 0, naive);
    }
    score.mase().unwrap()
}
