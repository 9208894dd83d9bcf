//! Chapter on sampling: E24. `cargo test -p exercises sampling::`

/// p ∝ exp(z/τ) (E24): p_v is at index v. τ = 0 is the limit: the largest logit has probability 1, the
/// first if several are equal.
///
/// Even the smallest τ above 0 must not overflow.
pub fn temperature(z: &[f64], tau: f64) -> Vec<f64> {
    todo!("a softmax of z / tau, and the limit at 0")
}

/// Keeps the k largest probabilities, the first ones if several are equal, sets the others to 0, and
/// divides by the sum of the kept ones, so that the sum is 1 again (E24). With k ≥ V all are kept.
pub fn top_k(p: &[f64], k: usize) -> Vec<f64> {
    todo!("rank, cut, renormalise")
}

/// Keeps the smallest set of the largest probabilities whose sum is at least `mass`, sets the others
/// to 0, and divides by the sum of the kept ones (E24). At least one is kept.
pub fn top_p(p: &[f64], mass: f64) -> Vec<f64> {
    todo!("rank, add up until it is enough, cut, renormalise")
}
