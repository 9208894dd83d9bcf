//! Label smoothing: a fraction ε of the target's probability is spread evenly over the vocabulary.
//!
//! Szegedy et al. (2016), doi 10.1109/CVPR.2016.308. With q = (1 − ε) onehot(y) + ε/V, the loss
//! −Σ q ln p is the loss without smoothing plus ε (z_y − z̄), where z̄ is the mean of all logits. So the
//! gradient is the gradient without smoothing plus ε (onehot(y) − 1/V). No softmax is needed, so the
//! engine's fast head still computes the loss.

use lstm_model::{Head, HeadPass};
use nalgebra::{DMatrix, DVector, RealField, convert};

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

/// Adds `scale` times the gradient of [`excess`] to `grad` and to dh.
pub(super) fn add_gradient<T: RealField + Copy>(
    head: &Head<T>,
    pass: HeadPass<'_, T>,
    scale: T,
    grad: &mut Head<T>,
    dh: &mut DMatrix<T>,
) {
    if scale.is_zero() {
        return;
    }
    let (w_mean, _) = means(head);
    let spread: T = scale / convert(head.vocab_size() as f64);
    let w_transposed = head.w.transpose();
    // The columns of W_yᵀ are contiguous in memory, the rows of W_y are not.
    let mut dw_transposed = DMatrix::zeros(head.w.ncols(), head.w.nrows());
    let mut h_sum = DVector::zeros(pass.h.nrows());
    let mut tokens = T::zero();
    for (n, h_t) in pass.h.column_iter().enumerate() {
        if pass.mask[n] {
            let y = pass.targets[n] as usize;
            dw_transposed.column_mut(y).axpy(scale, &h_t, T::one());
            grad.b[y] += scale;
            h_sum += h_t;
            tokens += T::one();
            let mut dh_t = dh.column_mut(n);
            dh_t.axpy(scale, &w_transposed.column(y), T::one());
            dh_t.axpy(-scale, &w_mean, T::one());
        }
    }
    for mut column in dw_transposed.column_iter_mut() {
        column.axpy(-spread, &h_sum, T::one());
    }
    grad.w += dw_transposed.transpose();
    grad.b.add_scalar_mut(-spread * tokens);
}

// ANCHOR: means
/// The mean row of W_y and the mean of b_y.
fn means<T: RealField + Copy>(head: &Head<T>) -> (DVector<T>, T) {
    let v: T = convert(head.vocab_size() as f64);
    let sum = head.w.row_sum().transpose();
    (sum / v, head.b.sum() / v)
}
// ANCHOR_END: means
