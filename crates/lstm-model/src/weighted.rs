//! The gradient of the head's loss with a factor for each token, and with label smoothing.

use crate::Head;
use crate::loss::exponentials;
use nalgebra::{DMatrix, RealField, convert};

/// The gradient on the logits: dz_t = w_t (p_t − onehot(y_t)) + s (onehot(y_t) − 1/V).
pub struct Weighting<'a, T> {
    /// Called with the number t and ln p_t\[y_t\] of each target that counts, in their order; returns
    /// w_t.
    pub weigh: &'a mut dyn FnMut(usize, T) -> T,
    /// s: ε of label smoothing times the scale of the loss; 0 without smoothing.
    pub smoothing: T,
}

impl<T: RealField + Copy> Head<T> {
    /// The gradient with the dz_t of a [`Weighting`]: dW_y and db_y are *added* to `grad`; the result is
    /// dh, H×N.
    pub fn weighted_gradient(
        &self,
        h: &DMatrix<T>,
        targets: &[u32],
        mask: &[bool],
        weighting: Weighting<'_, T>,
        grad: &mut Self,
    ) -> DMatrix<T> {
        let Weighting { weigh, smoothing } = weighting;
        let uniform = smoothing / convert(self.vocab_size() as f64);
        self.backward(h, mask, grad, |t, z_t| {
            let target = targets[t] as usize;
            let z_target = z_t[target];
            let (max, total) = exponentials(z_t);
            let w = weigh(t, z_target - max - total.ln());
            let w_by_total = w / total;
            z_t.iter_mut().for_each(|e| *e = *e * w_by_total - uniform);
            z_t[target] += smoothing - w;
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::tests::head;
    use nalgebra::dmatrix;

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
        let dh = head().weighted_gradient(&h, &targets, &mask, weighting, &mut grad);
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
