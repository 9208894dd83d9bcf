//! E29

use lstm_model::Span;
use lstm_tasks::Attention;
use nalgebra::DMatrix;

/// [`Attention::backward`] where W_a and the memory are I, so that e_t is h_t and de_t is dh_t.
pub fn softmax_backward(alpha: &[f64], dalpha: &[f64]) -> Vec<f64> {
    let s = alpha.len();
    let mut attention = Attention::zeros(s);
    attention.w_a.fill_with_identity();
    let memory = DMatrix::identity(s, s);
    let scores = DMatrix::from_column_slice(s, 1, alpha).map(f64::ln);
    let (target, source) = (Span::full(1, 1), Span::full(s, 1));
    let tape = attention.forward(&scores, target, &memory, source);
    let back = attention.backward(
        &tape,
        &scores,
        target,
        &memory,
        source,
        &DMatrix::zeros(s, 1),
        Some(&[DMatrix::from_column_slice(s, 1, dalpha)]),
        &mut attention.clone(),
    );
    back.dstates.as_slice().to_vec()
}
