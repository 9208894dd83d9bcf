//! E29

use lstm_model::Span;
use lstm_tasks::{Attention, AttentionPass};
use nalgebra::{DMatrix, DVector};

/// [`Attention::backward`] where W_a and the memory are I, so that e_t is h_t and de_t is dh_t.
pub fn softmax_backward(alpha: &[f64], dalpha: &[f64]) -> Vec<f64> {
    let s = alpha.len();
    let mut attention = Attention::zeros(s);
    attention.w_a.fill_with_identity();
    let memory = DMatrix::identity(s, s);
    let scores = DMatrix::from_column_slice(s, 1, alpha).map(f64::ln);
    let pass = AttentionPass {
        states: &scores,
        target: Span::full(1, 1),
        memory: &memory,
        source: Span::full(s, 1),
    };
    let tape = attention.forward(pass);
    let dweights = [DMatrix::from_column_slice(s, 1, dalpha)];
    let (doutput, mut grad) = (DMatrix::zeros(s, 1), attention.clone());
    let back = attention.backward(pass, &tape, &doutput, Some(&dweights), &mut grad);
    back.dstates.as_slice().to_vec()
}

/// [`Attention::forward`] of one step.
pub fn attention(
    w_a: &DMatrix<f64>,
    w_c: &DMatrix<f64>,
    memory: &DMatrix<f64>,
    h_t: &DVector<f64>,
) -> (DVector<f64>, DVector<f64>) {
    let attention = Attention {
        w_a: w_a.clone(),
        w_c: w_c.clone(),
    };
    let tape = attention.forward(AttentionPass {
        states: &DMatrix::from_columns(std::slice::from_ref(h_t)),
        target: Span::full(1, 1),
        memory,
        source: Span::full(memory.ncols(), 1),
    });
    let column = |m: &DMatrix<f64>| m.column(0).into_owned();
    (column(&tape.weights[0]), column(&tape.output))
}
