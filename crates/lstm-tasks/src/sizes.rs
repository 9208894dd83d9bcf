//! Checks and weights that both networks of the applications share.

use lstm_model::ModelError;
use nalgebra::{DMatrix, RealField, convert};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

/// Checks that H is even, that an estimate of the number of weights is at most 1e9, and that the dropout
/// is a rate.
pub(crate) fn check(hidden_size: usize, weights: f64, dropout: f64) -> Result<(), ModelError> {
    if !hidden_size.is_multiple_of(2) {
        let expected = "an even number: half of it reads forward, half backward";
        return Err(ModelError::setting("hidden size", hidden_size, expected));
    }
    if weights > 1e9 {
        let (about, expected) = (
            format!("about {weights:.0e}"),
            "at most 1e9; choose smaller sizes",
        );
        return Err(ModelError::setting("number of weights", about, expected));
    }
    ModelError::check_rate("dropout", dropout)
}

/// Draws an embedding from the normal distribution with standard deviation 0.1.
pub(crate) fn draw_embedding<T: RealField>(table: &mut DMatrix<T>, rng: &mut impl Rng) {
    table.apply(|v| *v = convert(0.1 * rng.sample::<f64, _>(StandardNormal)));
}
