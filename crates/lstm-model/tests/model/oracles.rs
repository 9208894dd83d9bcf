//! A gradient against dual numbers and central differences.

use lstm_bptt::oracle::{ScalarFunction, central_gradient, disagreement, dual_gradient};
use lstm_model::gradcheck::{CENTRAL_TOLERANCE, DUAL_TOLERANCE};

/// Asserts that every one of `found` is the gradient of `function` at `theta`.
pub fn agree(function: &impl ScalarFunction, theta: &[f64], found: [&[f64]; 2]) {
    let dual = dual_gradient(function, theta);
    let central = central_gradient(function, theta);
    for found in found {
        let worst = disagreement(found, &dual);
        assert!(worst.relative <= DUAL_TOLERANCE, "dual: {worst:?}");
        let worst = disagreement(found, &central);
        assert!(worst.relative <= CENTRAL_TOLERANCE, "central: {worst:?}");
    }
}
