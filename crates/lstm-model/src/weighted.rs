//! The gradient of the head's loss with a factor for each token, and with label smoothing.

use crate::Head;
use crate::head::CHUNK;
use crate::loss::{exponentials, log_sum_exp};
use nalgebra::{DMatrix, RealField, convert};

/// How the gradient on the logits follows from the probabilities:
/// dz_t = w_t (p_t − onehot(y_t)) + s (onehot(y_t) − 1/V).
pub struct Weighting<'a, T> {
    /// Is given the number of a target that counts and ln p_t\[y_t\], and returns w_t. It is called once
    /// for each such target, in their order.
    pub weigh: &'a mut dyn FnMut(usize, T) -> T,
    /// s, the fraction of label smoothing times the scale of the loss; 0 without smoothing.
    pub smoothing: T,
}

impl<T: RealField + Copy> Head<T> {
    /// ln p_t\[y_t\] of every target (E20); 0 for a target that does not count.
    pub fn log_probabilities(&self, h: &DMatrix<T>, targets: &[u32], mask: &[bool]) -> Vec<T> {
        let mut log_p = vec![T::zero(); targets.len()];
        for start in (0..h.ncols()).step_by(CHUNK) {
            let len = CHUNK.min(h.ncols() - start);
            let z = self.logits(&h.columns(start, len).into_owned());
            for (n, z_t) in (start..).zip(z.column_iter()) {
                if mask[n] {
                    log_p[n] = z_t[targets[n] as usize] - log_sum_exp(z_t.as_slice());
                }
            }
        }
        log_p
    }

    /// dh of every token, H×N, from the dz of a [`Weighting`]. dW_y and db_y are *added* to `grad`.
    pub fn weighted_gradient(
        &self,
        h: &DMatrix<T>,
        (targets, mask): (&[u32], &[bool]),
        weighting: Weighting<'_, T>,
        grad: &mut Self,
    ) -> DMatrix<T> {
        let Weighting { weigh, smoothing } = weighting;
        let spread = smoothing / convert(self.vocab_size() as f64);
        let w_transposed = self.w.transpose();
        let mut dh = DMatrix::zeros(h.nrows(), h.ncols());
        for start in (0..h.ncols()).step_by(CHUNK) {
            let len = CHUNK.min(h.ncols() - start);
            let h = h.columns(start, len).into_owned();
            let mut z = self.logits(&h);
            for (n, mut z_t) in (start..).zip(z.column_iter_mut()) {
                if !mask[n] {
                    z_t.fill(T::zero());
                    continue;
                }
                let y = targets[n] as usize;
                let z_y = z_t[y];
                let (max, total) = exponentials(z_t.as_mut_slice());
                let w = weigh(n, z_y - max - total.ln());
                z_t.apply(|e| *e = *e * (w / total) - spread);
                z_t[y] += smoothing - w;
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

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::{dmatrix, dvector};

    /// z = (ln 2, 0, 0), so p = (1/2, 1/4, 1/4).
    fn head() -> Head<f64> {
        Head {
            w: dmatrix![2.0_f64.ln(), 0.0; 0.0, 0.0; 0.0, 0.0],
            b: dvector![0.0, 0.0, 0.0],
        }
    }

    #[test]
    fn the_gradient_of_a_worked_case() {
        let h = dmatrix![1.0, 1.0, f64::MAX; 5.0, 5.0, 0.0];
        let (targets, mask) = ([0, 1, 0], [true, true, false]);
        let log_p = head().log_probabilities(&h, &targets, &mask);
        for (found, p) in log_p.iter().zip([0.5_f64, 0.25, 1.0]) {
            assert!((found - p.ln()).abs() < 1e-15);
        }
        let mut grad = Head::zeros(3, 2);
        let mut seen = Vec::new();
        let weighting = Weighting {
            weigh: &mut |n, log_p| {
                seen.push((n, log_p));
                [2.0, 4.0][n]
            },
            smoothing: 0.3,
        };
        let dh = head().weighted_gradient(&h, (&targets, &mask), weighting, &mut grad);
        assert_eq!(seen, [(0, log_p[0]), (1, log_p[1])]);
        // 2 (p − onehot) = (−1, 1/2, 1/2) and 4 (p − onehot) = (2, −3, 1); smoothing adds
        // 0.3 (onehot − 1/3) = (0.2, −0.1, −0.1) and (−0.1, 0.2, −0.1).
        let dz = dmatrix![-0.8, 1.9, 0.0; 0.4, -2.8, 0.0; 0.4, 0.9, 0.0];
        assert!((&grad.b - dz.column_sum()).amax() < 1e-14);
        assert!((grad.w.column(1) - 5.0 * dz.column_sum()).amax() < 1e-14);
        let expected = head().w.transpose() * dz;
        assert!((dh - expected).amax() < 1e-14);
    }
}
