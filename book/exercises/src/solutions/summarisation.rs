//! E30

use lstm_model::Head;
use lstm_tasks::Copying;
use nalgebra::DMatrix;

/// [`Copying::distribution`] of a head and a switch that have biases only.
pub fn mixture(p_gen: f64, p_vocab: &[f64], alpha: &[f64], source: &[u32]) -> Vec<f64> {
    let mut head = Head::zeros(p_vocab.len(), 1);
    for (b, p) in head.b.iter_mut().zip(p_vocab) {
        *b = p.ln();
    }
    let mut copying = Copying::zeros(1);
    copying.b[0] = (p_gen / (1.0 - p_gen)).ln();
    let weights = DMatrix::from_column_slice(alpha.len(), 1, alpha);
    let p = copying.distribution(&head, &DMatrix::zeros(1, 1), &weights, source);
    p.as_slice().to_vec()
}
