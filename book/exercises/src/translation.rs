//! Chapter on translation: E29. `cargo test -p exercises translation::`

/// de from α = softmax(e) and dα: the backward pass of a softmax (E29).
///
/// ```text
/// de_s = α_s (dα_s − Σ_r α_r dα_r)
/// ```
/// Shapes: everything S.
pub fn softmax_backward(alpha: &[f64], dalpha: &[f64]) -> Vec<f64> {
    todo!("each dα minus their mean, weighted by α, times α")
}
