//! From h_t to a distribution over the vocabulary, and the gradient of the loss on it.

use crate::loss::{exponentials, log_sum_exp};
use lstm_gates::pytorch_uniform;
use nalgebra::{DMatrix, DVector, RealField};
use rand::Rng;

/// The dense softmax head z_t = W_y h_t + b_y (E20).
#[derive(Clone, Debug, PartialEq)]
pub struct Head<T> {
    /// W_y, V×H.
    pub w: DMatrix<T>,
    /// b_y, V.
    pub b: DVector<T>,
}

/// The number of tokens whose logits are in memory at the same time. The logits of a whole batch are
/// V·T·B numbers: 170 MB with a Chinese vocabulary, for which this number of tokens takes 3 to 14 MB.
const CHUNK: usize = 512;

impl<T: RealField + Copy> Head<T> {
    /// Weights drawn uniformly from ±1/√H, as PyTorch's `nn.Linear` draws them.
    pub fn init(vocab_size: usize, hidden_size: usize, rng: &mut impl Rng) -> Self {
        let w = pytorch_uniform(vocab_size, hidden_size, hidden_size, rng);
        let b = pytorch_uniform(vocab_size, 1, hidden_size, rng);
        Self {
            w,
            b: b.column(0).into_owned(),
        }
    }

    /// A head with all weights zero.
    pub fn zeros(vocab_size: usize, hidden_size: usize) -> Self {
        Self {
            w: DMatrix::zeros(vocab_size, hidden_size),
            b: DVector::zeros(vocab_size),
        }
    }

    /// V
    pub fn vocab_size(&self) -> usize {
        self.w.nrows()
    }

    /// z = W_y h + b_y of every column of `h` (E20): H×N in, V×N out.
    pub fn logits(&self, h: &DMatrix<T>) -> DMatrix<T> {
        let mut z = &self.w * h;
        for mut z_t in z.column_iter_mut() {
            z_t += &self.b;
        }
        z
    }

    /// −Σ_t m_t ln p_t\[y_t\], the sum in E21, in nats. `h` is H×N; `targets` and `mask` have N entries.
    pub fn loss(&self, h: &DMatrix<T>, targets: &[u32], mask: &[bool]) -> T {
        let log_p = self.log_probabilities(h, targets, mask).into_iter();
        log_p.fold(T::zero(), |nats, log_p| nats - log_p)
    }

    /// ln p_t\[y_t\] of every target (E20); 0 for a target that does not count.
    pub fn log_probabilities(&self, h: &DMatrix<T>, targets: &[u32], mask: &[bool]) -> Vec<T> {
        let mut log_p = vec![T::zero(); targets.len()];
        for start in (0..h.ncols()).step_by(CHUNK) {
            let len = CHUNK.min(h.ncols() - start);
            let z = self.logits(&h.columns(start, len).into_owned());
            for (t, z_t) in (start..).zip(z.column_iter()) {
                if mask[t] {
                    log_p[t] = z_t[targets[t] as usize] - log_sum_exp(z_t.as_slice());
                }
            }
        }
        log_p
    }
}

// ANCHOR: loss_and_gradient
impl<T: RealField + Copy> Head<T> {
    /// The loss of [`loss`](Self::loss) and its gradient times `scale`, which is 1/N in E21.
    ///
    /// ```text
    /// dz_t = m_t (p_t − onehot(y_t)) / N               (E21)
    /// ```
    /// dW_y and db_y are *added* to `grad`; the result is the nats and dh, H×N.
    pub fn loss_and_gradient(
        &self,
        h: &DMatrix<T>,
        targets: &[u32],
        mask: &[bool],
        scale: T,
        grad: &mut Self,
    ) -> (T, DMatrix<T>) {
        let mut nats = T::zero();
        let dh = self.backward(h, mask, grad, |t, z_t| {
            let target = targets[t] as usize;
            let z_target = z_t[target];
            let (max, total) = exponentials(z_t);
            nats += max + total.ln() - z_target;
            let scale_by_total = scale / total;
            z_t.iter_mut().for_each(|e| *e *= scale_by_total);
            z_t[target] -= scale;
        });
        (nats, dh)
    }

    /// The backward pass from a loss on the logits: `to_gradient` is called with the number t and the
    /// logits of each token that counts, and replaces the logits by dz_t.
    ///
    /// ```text
    /// dW_y = Σ_t dz_t h_tᵀ, db_y = Σ_t dz_t, dh_t = W_yᵀ dz_t
    /// ```
    /// dW_y and db_y are *added* to `grad`; the result is dh, H×N.
    pub(crate) fn backward(
        &self,
        h: &DMatrix<T>,
        mask: &[bool],
        grad: &mut Self,
        mut to_gradient: impl FnMut(usize, &mut [T]),
    ) -> DMatrix<T> {
        let mut dh = DMatrix::zeros(h.nrows(), h.ncols());
        let w_transposed = self.w.transpose();
        for start in (0..h.ncols()).step_by(CHUNK) {
            let len = CHUNK.min(h.ncols() - start);
            let h = h.columns(start, len).into_owned();
            let mut z = self.logits(&h);
            for (t, mut z_t) in (start..).zip(z.column_iter_mut()) {
                if mask[t] {
                    to_gradient(t, z_t.as_mut_slice());
                } else {
                    z_t.fill(T::zero());
                }
            }
            grad.w.gemm(T::one(), &z, &h.transpose(), T::one());
            for dz_t in z.column_iter() {
                grad.b += dz_t;
            }
            dh.columns_mut(start, len)
                .gemm(T::one(), &w_transposed, &z, T::zero());
        }
        dh
    }
}
// ANCHOR_END: loss_and_gradient

crate::fields!(Head<T> { w, b });

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::Parameters;
    use nalgebra::{dmatrix, dvector};

    /// With h_1 = 1, z = (ln 2, 0, 0), so p = (1/2, 1/4, 1/4).
    pub(crate) fn head() -> Head<f64> {
        Head {
            w: dmatrix![2.0_f64.ln(), 0.0; 0.0, 0.0; 0.0, 0.0],
            b: dvector![0.0, 0.0, 0.0],
        }
    }

    #[test]
    fn loss_and_gradient_of_a_worked_case() {
        // Target 0 costs ln 2, target 1 costs ln 4.
        let h = dmatrix![1.0, 1.0; 5.0, 5.0];
        let mut grad = head().zeros_like();
        let (nats, dh) = head().loss_and_gradient(&h, &[0, 1], &[true, true], 0.5, &mut grad);
        assert!((nats - 8.0_f64.ln()).abs() < 1e-15);
        assert!((head().loss(&h, &[0, 1], &[true, true]) - nats).abs() < 1e-15);
        // dz = (p − onehot)/2 = (−1/4, 1/8, 1/8) and (1/4, −3/8, 1/8).
        let db = dvector![0.0, -0.25, 0.25];
        assert!((&grad.b - &db).amax() < 1e-15);
        assert!((&grad.w - db * dmatrix![1.0, 5.0]).amax() < 1e-14);
        let ln2 = 2.0_f64.ln();
        assert!((dh - dmatrix![-0.25 * ln2, 0.25 * ln2; 0.0, 0.0]).amax() < 1e-15);
    }

    #[test]
    fn a_masked_token_costs_nothing_and_teaches_nothing() {
        let h = dmatrix![1.0, f64::MAX; 5.0, 0.0];
        let mut grad = head().zeros_like();
        let (nats, dh) = head().loss_and_gradient(&h, &[0, 0], &[true, false], 1.0, &mut grad);
        assert!((nats - 2.0_f64.ln()).abs() < 1e-15);
        assert_eq!(dh.column(1).amax(), 0.0);
        assert!((grad.w.column(0) - dvector![-0.5, 0.25, 0.25]).amax() < 1e-15);
    }

    #[test]
    fn more_tokens_than_a_chunk_are_the_sum_of_their_parts() {
        let n = 2 * CHUNK + 3;
        let h = DMatrix::from_fn(2, n, |r, c| ((r + 2 * c) as f64).sin());
        let targets: Vec<u32> = (0..n as u32).map(|t| t % 3).collect();
        let mask: Vec<bool> = (0..n).map(|t| t % 5 != 0).collect();
        let mut grad = head().zeros_like();
        let (nats, dh) = head().loss_and_gradient(&h, &targets, &mask, 1.0, &mut grad);
        let (mut sum, mut single) = (0.0, head().zeros_like());
        let log_p = head().log_probabilities(&h, &targets, &mask);
        for t in 0..n {
            let h_t = h.columns(t, 1).into_owned();
            let log_p_t = head().log_probabilities(&h_t, &targets[t..=t], &mask[t..=t]);
            assert_eq!(log_p[t], log_p_t[0]);
            let (nats_t, dh_t) =
                head().loss_and_gradient(&h_t, &targets[t..=t], &mask[t..=t], 1.0, &mut single);
            assert!((dh.column(t) - dh_t.column(0)).amax() < 1e-14);
            sum += nats_t;
        }
        assert!((nats - sum).abs() < 1e-9);
        assert!((head().loss(&h, &targets, &mask) - sum).abs() < 1e-9);
        assert!((grad.w - single.w).amax() < 1e-9 && (grad.b - single.b).amax() < 1e-9);
    }
}
