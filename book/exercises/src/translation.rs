//! Chapter on translation: E29. `cargo test -p exercises translation::`

use nalgebra::{DMatrix, DVector};

/// de from α = softmax(e) and dα: the backward pass of a softmax (E29).
///
/// ```text
/// de_s = α_s (dα_s − Σ_r α_r dα_r)
/// ```
/// Shapes: everything S.
pub fn softmax_backward(alpha: &[f64], dalpha: &[f64]) -> Vec<f64> {
    todo!("each dα minus their mean, weighted by α, times α")
}

/// One step of attention: the weights α_t and the vector h̃_t (E29).
///
/// ```text
/// e_ts = h_tᵀ W_a h̄_s,  α_t = softmax_s(e_t),  h̃_t = tanh(W_c [Σ_s α_ts h̄_s ; h_t])
/// ```
/// Shapes: `w_a` H×H; `w_c` H×2H; `memory` H×S, whose column s is h̄_s; `h_t` H. The results are α_t, of
/// length S, and h̃_t, of length H.
///
/// Scores of a thousand must not overflow; `lstm_model::softmax` takes and gives a slice of numbers.
pub fn attention(
    w_a: &DMatrix<f64>,
    w_c: &DMatrix<f64>,
    memory: &DMatrix<f64>,
    h_t: &DVector<f64>,
) -> (DVector<f64>, DVector<f64>) {
    todo!("scores, softmax, weighted mean, then the layer with tanh")
}
