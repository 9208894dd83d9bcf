//! Chapter on sampling: E24. `cargo test -p exercises sampling::`

/// p ∝ exp(z/τ) (E24): p_v is at index v. τ = 0 is the limit: all of the probability goes to the
/// largest logit, the first of equals.
///
/// No τ above 0, however small, may overflow.
pub fn temperature(z: &[f64], tau: f64) -> Vec<f64> {
    todo!("a softmax of z / tau, and the limit at 0")
}

/// Keeps the k largest probabilities, of equals the first, sets the others to 0, and divides by the
/// sum of what is left, so that it is 1 again (E24). With k ≥ V all stay.
pub fn top_k(p: &[f64], k: usize) -> Vec<f64> {
    todo!("rank, cut, renormalise")
}

/// Keeps the smallest set of the largest probabilities whose sum is at least `mass`, sets the others
/// to 0, and divides by the sum of what is left (E24). It keeps at least one.
pub fn top_p(p: &[f64], mass: f64) -> Vec<f64> {
    todo!("rank, add up until it is enough, cut, renormalise")
}
