//! A linear-chain conditional random field over the labels of a sentence (E32).
//!
//! ```text
//! score(y)  = start[y_1] + Σ_t e_t[y_t] + Σ_{t≥2} A[y_{t−1}, y_t] + end[y_T]
//! ln p(y|x) = score(y) − ln Z,   ln Z = ln Σ_{y'} e^{score(y')}        (E32)
//! ```
//! A softmax at every word chooses each label independently. Here the labels of a sentence are chosen
//! together, and A\[j, k\] scores label k after label j.
//!
//! Source: Lafferty, McCallum, Pereira, "Conditional Random Fields", ICML 2001.

mod lattice;
mod viterbi;

pub use viterbi::viterbi;

use crate::batch::length;
use lattice::Lattice;
use lstm_model::{Span, fields};
use nalgebra::{DMatrix, DVector, RealField};

/// The weights of a CRF over K labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Crf<T> {
    /// A, K×K: row the label before, column the label after.
    pub transitions: DMatrix<T>,
    /// The score of beginning with a label, K.
    pub start: DVector<T>,
    /// The score of ending with a label, K.
    pub end: DVector<T>,
}

impl<T: RealField + Copy> Crf<T> {
    /// All scores zero. Before training, such a CRF is a softmax at every word.
    pub fn zeros(labels: usize) -> Self {
        Self {
            transitions: DMatrix::zeros(labels, labels),
            start: DVector::zeros(labels),
            end: DVector::zeros(labels),
        }
    }

    /// K, the number of labels.
    pub fn labels(&self) -> usize {
        self.start.len()
    }

    /// score(y) of each sequence, B. `emissions` is K×(T·B); `labels` has T·B entries, of which those at
    /// padding are ignored. An empty sequence scores 0.
    ///
    /// # Panics
    /// If the shapes do not fit each other.
    pub fn scores(&self, emissions: &DMatrix<T>, labels: &[u32], span: Span<'_>) -> Vec<T> {
        self.assert_fits(emissions, span);
        assert_eq!(labels.len(), emissions.ncols(), "one label for each token");
        let mut scores = vec![T::zero(); span.batch_size];
        for (b, score) in scores.iter_mut().enumerate() {
            for t in 0..length(span, b) {
                let n = t * span.batch_size + b;
                let y = labels[n] as usize;
                *score += emissions[(y, n)];
                *score += match t {
                    0 => self.start[y],
                    _ => self.transitions[(labels[n - span.batch_size] as usize, y)],
                };
                if t + 1 == length(span, b) {
                    *score += self.end[y];
                }
            }
        }
        scores
    }

    /// ln Z of each sequence, B, by the forward algorithm; 0 for an empty sequence.
    ///
    /// # Panics
    /// If the shapes do not fit each other.
    pub fn log_partitions(&self, emissions: &DMatrix<T>, span: Span<'_>) -> Vec<T> {
        self.assert_fits(emissions, span);
        Lattice::forward(self, emissions, span).log_z
    }

    /// −Σ_b ln p(y_b|x_b), in nats (E32).
    ///
    /// # Panics
    /// If the shapes do not fit each other.
    pub fn loss(&self, emissions: &DMatrix<T>, labels: &[u32], span: Span<'_>) -> T {
        let scores = self.scores(emissions, labels, span);
        let log_z = self.log_partitions(emissions, span);
        log_z
            .iter()
            .zip(&scores)
            .fold(T::zero(), |sum, (&z, &s)| sum + z - s)
    }

    pub(crate) fn assert_fits(&self, emissions: &DMatrix<T>, span: Span<'_>) {
        span.assert_fits();
        assert_eq!(
            emissions.shape(),
            (self.labels(), span.seq_len * span.batch_size),
            "emissions are K×(T·B)"
        );
    }
}

// ANCHOR: loss_and_gradient
impl<T: RealField + Copy> Crf<T> {
    /// The loss of [`loss`](Self::loss) and its gradient times `scale`.
    ///
    /// The derivative of ln Z with respect to a score is an expectation: the number of times that a label
    /// sequence drawn from the model uses the score. With the marginals of the forward–backward algorithm,
    ///
    /// ```text
    /// ∂L/∂e_t[k]  = p(y_t = k|x) − [y_t = k]
    /// ∂L/∂A[j, k] = Σ_{t≥2} p(y_{t−1} = j, y_t = k|x) − [y_{t−1} = j, y_t = k]
    /// ∂L/∂start   = ∂L/∂e_1,   ∂L/∂end = ∂L/∂e_T
    /// ```
    /// `emissions` is K×(T·B). The gradient of the weights is *added* to `grad`; the result is the loss
    /// in nats and de, K×(T·B), which is zero at padding.
    ///
    /// # Panics
    /// If the shapes do not fit each other.
    pub fn loss_and_gradient(
        &self,
        emissions: &DMatrix<T>,
        labels: &[u32],
        span: Span<'_>,
        scale: T,
        grad: &mut Self,
    ) -> (T, DMatrix<T>) {
        let scores = self.scores(emissions, labels, span);
        let mut lattice = Lattice::forward(self, emissions, span);
        lattice.backward(self, emissions, span);
        lattice.add_pair_marginals(self, emissions, span, scale, &mut grad.transitions);

        let mut nats = T::zero();
        let mut de = DMatrix::zeros(self.labels(), emissions.ncols());
        for (b, &score) in scores.iter().enumerate() {
            nats += lattice.log_z[b] - score;
            let len = length(span, b);
            for t in 0..len {
                let n = t * span.batch_size + b;
                let y = labels[n] as usize;
                let mut de_t = de.column_mut(n);
                for k in 0..de_t.len() {
                    de_t[k] = lattice.marginal(k, n, b) * scale;
                }
                de_t[y] -= scale;
                if t == 0 {
                    grad.start += &de_t;
                } else {
                    grad.transitions[(labels[n - span.batch_size] as usize, y)] -= scale;
                }
                if t + 1 == len {
                    grad.end += &de_t;
                }
            }
        }
        (nats, de)
    }
}
// ANCHOR_END: loss_and_gradient

fields!(Crf<T> {
    transitions,
    start,
    end
});

#[cfg(test)]
mod tests {
    use super::*;
    use lstm_model::{Canonical, Parameters, Tensors};
    use nalgebra::{dmatrix, dvector};

    #[test]
    fn loss_and_gradient_of_a_worked_case() {
        // Two labels, two words; every score is the logarithm of a whole number, so that the paths'
        // weights can be multiplied by hand: 00 → 1·2·3·1·1 = 6, 01 → 1·2·1·1·1 = 2,
        // 10 → 2·1·1·1·1 = 2, 11 → 2·1·1·1·1 = 2. Z = 12.
        let crf = Crf {
            transitions: dmatrix![3.0_f64.ln(), 0.0; 0.0, 0.0],
            start: dvector![0.0, 2.0_f64.ln()],
            end: dvector![0.0, 0.0],
        };
        let e = dmatrix![2.0_f64.ln(), 0.0; 0.0, 0.0];
        let mut grad = crf.zeros_like();
        let (nats, de) = crf.loss_and_gradient(&e, &[0, 0], Span::full(2, 1), 1.0, &mut grad);
        assert!((nats - 2.0_f64.ln()).abs() < 1e-15);
        // p(y_1 = 0) = 8/12, p(y_2 = 0) = 8/12.
        let third = 1.0 / 3.0;
        assert!((de - dmatrix![-third, -third; third, third]).amax() < 1e-15);
        let sixth = 1.0 / 6.0;
        assert!((grad.transitions - dmatrix![-0.5, sixth; sixth, sixth]).amax() < 1e-15);
        assert!((grad.start - dvector![-third, third]).amax() < 1e-15);
        assert!((grad.end - dvector![-third, third]).amax() < 1e-15);
    }

    #[test]
    fn an_untrained_crf_is_a_softmax_at_every_word() {
        let crf = Crf::zeros(3);
        let e = DMatrix::from_fn(3, 4, |k, n| ((k * 7 + n * 3) as f64).sin());
        let labels = [0, 2, 1, 1];
        let expected: f64 = (0..4)
            .map(|n| {
                let z: Vec<f64> = e.column(n).iter().copied().collect();
                lstm_model::log_sum_exp(&z) - z[labels[n] as usize]
            })
            .sum();
        assert!((crf.loss(&e, &labels, Span::full(2, 2)) - expected).abs() < 1e-13);
    }

    #[test]
    fn import_inverts_export() {
        let mut crf = Crf::zeros(2);
        crf.transitions[(0, 1)] = 2.0_f32;
        crf.end[1] = -1.0;
        let mut tensors = Tensors::new();
        crf.export("crf", &mut tensors);
        let mut read = Crf::zeros(2);
        read.import("crf", &mut tensors).unwrap();
        assert_eq!(read, crf);
    }
}
