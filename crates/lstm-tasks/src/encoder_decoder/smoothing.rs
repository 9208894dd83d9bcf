//! Label smoothing: a fraction ε of the target's probability is spread evenly over the vocabulary.
//!
//! Szegedy et al. (2016), doi 10.1109/CVPR.2016.308. With q = (1 − ε) onehot(y) + ε/V, the loss
//! −Σ q ln p is the loss without smoothing plus ε (z_y − z̄), where z̄ is the mean of all logits. So the
//! gradient on the logits is the gradient without smoothing plus ε (onehot(y) − 1/V), which the engine's
//! head adds ([`Weighting`](lstm_model::Weighting)).

use lstm_model::{Head, HeadPass};
use nalgebra::{DVector, RealField, convert};

// ANCHOR: excess
/// Σ_t m_t (z_t\[y_t\] − z̄_t). Smoothing adds ε times this sum to the loss.
pub(super) fn excess<T: RealField + Copy>(head: &Head<T>, pass: HeadPass<'_, T>) -> T {
    let (w_mean, b_mean) = means(head);
    let mut sum = T::zero();
    for (n, h_t) in pass.h.column_iter().enumerate() {
        if pass.mask[n] {
            let y = pass.targets[n] as usize;
            sum += (head.w.row(y) - w_mean.transpose()).transpose().dot(&h_t) + head.b[y] - b_mean;
        }
    }
    sum
}
// ANCHOR_END: excess

// ANCHOR: means
/// The mean row of W_y and the mean of b_y.
fn means<T: RealField + Copy>(head: &Head<T>) -> (DVector<T>, T) {
    let v: T = convert(head.vocab_size() as f64);
    let sum = head.w.row_sum().transpose();
    (sum / v, head.b.sum() / v)
}
// ANCHOR_END: means
