//! Checks and weights that the networks of the applications share.

use lstm_model::ModelError;
use nalgebra::{DMatrix, RealField, convert};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

/// Checks that H is even, that an estimate of the number of weights is at most 1e9, and that the dropout
/// is a rate.
pub(crate) fn check(hidden_size: usize, weights: f64, dropout: f64) -> Result<(), ModelError> {
    check_even(hidden_size)?;
    check_weights(weights)?;
    ModelError::check_rate("dropout", dropout)
}

/// Checks that half of H can read forward, and half backward.
pub(crate) fn check_even(hidden_size: usize) -> Result<(), ModelError> {
    if hidden_size.is_multiple_of(2) {
        return Ok(());
    }
    let expected = "an even number: half of it reads forward, half backward";
    Err(ModelError::setting("hidden size", hidden_size, expected))
}

/// Checks that an estimate of the number of weights is at most 1e9.
pub(crate) fn check_weights(weights: f64) -> Result<(), ModelError> {
    if weights <= 1e9 {
        return Ok(());
    }
    let about = format!("about {weights:.0e}");
    let expected = "at most 1e9; choose smaller sizes";
    Err(ModelError::setting("number of weights", about, expected))
}

/// Draws an embedding from the normal distribution with standard deviation 0.1.
pub(crate) fn draw_embedding<T: RealField>(table: &mut DMatrix<T>, rng: &mut impl Rng) {
    table.apply(|v| *v = convert(0.1 * rng.sample::<f64, _>(StandardNormal)));
}
