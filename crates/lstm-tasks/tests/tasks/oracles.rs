//! The gradient of a whole network against dual numbers and central differences, tensor by tensor.

use lstm_bptt::oracle::{ScalarFunction, central_gradient, disagreement, dual_gradient};
use lstm_model::Parameters;

/// Sets the weights of `network` to `theta`.
pub fn fill<P: Parameters>(network: &mut P, theta: &[P::Scalar]) {
    let mut rest = theta;
    for slice in network.slices_mut() {
        let (own, others) = rest.split_at(slice.len());
        slice.copy_from_slice(own);
        rest = others;
    }
    assert!(rest.is_empty());
}

/// The tensors of a gradient.
pub fn tensors<P: Parameters<Scalar = f64>>(grad: &P) -> Vec<Vec<f64>> {
    grad.slices().into_iter().map(<[f64]>::to_vec).collect()
}

/// Asserts that every tensor of `analytic` is the gradient of the case at `theta`.
pub fn agree(case: &impl ScalarFunction, theta: &[f64], analytic: &[Vec<f64>]) {
    let (dual, central) = (dual_gradient(case, theta), central_gradient(case, theta));
    let mut start = 0;
    for (n, analytic) in analytic.iter().enumerate() {
        let here = start..start + analytic.len();
        start = here.end;
        if analytic.is_empty() {
            continue;
        }
        let worst = disagreement(analytic, &dual[here.clone()]);
        assert!(worst.relative < 1e-11, "tensor {n}, dual: {worst:?}");
        let worst = disagreement(analytic, &central[here]);
        assert!(worst.relative < 1e-6, "tensor {n}, central: {worst:?}");
    }
}
