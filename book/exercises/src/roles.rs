//! Chapter on semantic roles: E32. `cargo test -p exercises roles::`

use nalgebra::{DMatrix, DVector};

/// ln Z of one sentence by the forward algorithm (E32).
///
/// Shapes: K labels, T words; `emissions` is e, K×T, a column for each word; `transitions` is A, K×K,
/// with the label before as its row; `start` and `end` K.
///
/// Scores of a thousand must not overflow.
pub fn log_partition(
    emissions: &DMatrix<f64>,
    transitions: &DMatrix<f64>,
    start: &DVector<f64>,
    end: &DVector<f64>,
) -> f64 {
    todo!("carry ln of the sum of all beginnings that end in each label, from word to word")
}
