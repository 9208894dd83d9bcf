//! Chapter on translation: E29. `cargo test -p exercises translation::`

/// From α = softmax(e) and dα to de: the way back through a softmax (E29).
///
/// ```text
/// de_s = α_s (dα_s − Σ_r α_r dα_r)
/// ```
/// Shapes: everything S.
pub fn softmax_backward(alpha: &[f64], dalpha: &[f64]) -> Vec<f64> {
    todo!("what each score gains, less what all of them gain on average")
}
