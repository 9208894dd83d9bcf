//! Copying words from the source instead of generating them from the vocabulary (E30).

use crate::batch::Padded;
use lstm_gates::sigmoid;
use lstm_model::{Head, fields, softmax};
use nalgebra::{DMatrix, DVector, RealField};

/// The switch between generating and copying, p_gen = σ(w · h̃_t + b), and the mixture of both (E30):
/// p = p_gen · p_vocab + (1 − p_gen) · Σ_{s: w_s = w} α_ts.
///
/// See, Liu & Manning (2017), arXiv 1704.04368. In the paper, p_gen reads the context and the decoder's
/// state; here it reads h̃_t, which is computed from both. Source and target share one vocabulary of
/// subword tokens, so a name is copied token by token, and no word is outside the vocabulary.
#[derive(Clone, Debug, PartialEq)]
pub struct Copying<T> {
    /// w, H.
    pub w: DVector<T>,
    /// b, 1.
    pub b: DVector<T>,
}

/// The arguments of a pass over the targets of a batch, the same for the loss alone and for the loss with
/// its gradient.
#[derive(Clone, Copy)]
pub struct CopyPass<'a, T> {
    /// h̃ of every target token, H×(T·B).
    pub h: &'a DMatrix<T>,
    /// α of each sequence.
    pub weights: &'a [DMatrix<T>],
    /// The sources.
    pub source: &'a Padded,
    /// The T·B target tokens.
    pub targets: &'a [u32],
    /// For each of the T·B targets, whether it counts.
    pub mask: &'a [bool],
}

impl<T: RealField + Copy> CopyPass<'_, T> {
    /// The position of target token n in its sequence, and the number of the sequence.
    fn place(&self, n: usize) -> (usize, usize) {
        let batch_size = self.source.lengths.len();
        (n / batch_size, n % batch_size)
    }

    /// Whether each token of source b is the target token n.
    fn is_copied(&self, n: usize) -> impl Iterator<Item = bool> {
        let (batch_size, (_, b)) = (self.source.lengths.len(), self.place(n));
        let source = self.source.ids.iter().skip(b).step_by(batch_size);
        source
            .take(self.source.lengths[b])
            .map(move |&id| id == self.targets[n])
    }
}

/// The probability of one target token and its two parts.
struct Mixture<T> {
    /// p_gen
    p_gen: T,
    /// Σ_{s: w_s = y} α_ts
    copied: T,
    /// p_gen p_vocab + (1 − p_gen) copied
    p: T,
}

impl<T: RealField + Copy> Copying<T> {
    /// All weights zero: p_gen is 1/2 for every h̃.
    pub fn zeros(hidden_size: usize) -> Self {
        Self {
            w: DVector::zeros(hidden_size),
            b: DVector::zeros(1),
        }
    }

    // ANCHOR: distribution
    /// p of every token of the vocabulary, V×N: `h` is h̃, H×N; `weights` is α over the source, S×N.
    pub fn distribution(
        &self,
        head: &Head<T>,
        h: &DMatrix<T>,
        weights: &DMatrix<T>,
        source: &[u32],
    ) -> DMatrix<T> {
        let mut p = head.logits(h);
        for (t, mut p_t) in p.column_iter_mut().enumerate() {
            let p_gen = self.p_gen(h, t);
            let p_vocab = softmax(p_t.as_slice());
            for (p, generated) in p_t.iter_mut().zip(p_vocab) {
                *p = p_gen * generated;
            }
            for (&word, &alpha) in source.iter().zip(weights.column(t).iter()) {
                p_t[word as usize] += (T::one() - p_gen) * alpha;
            }
        }
        p
    }

    /// p_gen of target token n.
    fn p_gen(&self, h: &DMatrix<T>, n: usize) -> T {
        sigmoid(self.w.dot(&h.column(n)) + self.b[0])
    }
    // ANCHOR_END: distribution

    // ANCHOR: mixture
    /// The mixture for target token n; `p_vocab` is its probability in the vocabulary.
    fn mixture(&self, pass: CopyPass<'_, T>, n: usize, p_vocab: T) -> Mixture<T> {
        let (t, b) = pass.place(n);
        let alpha = pass.weights[b].column(t);
        let copied = alpha.iter().zip(pass.is_copied(n));
        let copied = copied
            .filter(|&(_, is_copied)| is_copied)
            .fold(T::zero(), |sum, (&alpha, _)| sum + alpha);
        let p_gen = self.p_gen(pass.h, n);
        // Keeps the loss finite if both parts underflow.
        let least = nalgebra::convert(1e-30);
        let p = (p_gen * p_vocab + (T::one() - p_gen) * copied).max(least);
        Mixture { p_gen, copied, p }
    }
    // ANCHOR_END: mixture

    /// −Σ_t m_t ln p_t\[y_t\] in nats, with p of E30. `log_p_vocab` is ln p_vocab\[y\] of each target
    /// ([`Head::log_probabilities`]).
    pub fn loss(&self, pass: CopyPass<'_, T>, log_p_vocab: &[T]) -> T {
        let mut nats = T::zero();
        for (n, log_p) in log_p_vocab.iter().enumerate() {
            if pass.mask[n] {
                nats -= self.mixture(pass, n, log_p.exp()).p.ln();
            }
        }
        nats
    }

    // ANCHOR: loss_and_gradient
    /// The loss of [`loss`](Self::loss) and its gradient times `scale`. The gradients of the weights are
    /// *added* to `grad`; the result is the loss in nats, dh̃ (H×(T·B)) and dα of each sequence.
    /// `head_gradient` is [`Head::weighted_gradient`], with the factor r of each token.
    ///
    /// With y the target, r = p_gen p_vocab\[y\] / p is the fraction of p that comes from the vocabulary.
    /// So dz = r (p_vocab − onehot(y)), dα_ts = −(1 − p_gen)/p where w_s = y, and
    /// du = d(w · h̃ + b) = −(p_vocab\[y\] − copied) p_gen (1 − p_gen)/p.
    pub fn loss_and_gradient(
        &self,
        pass: CopyPass<'_, T>,
        scale: T,
        grad: &mut Self,
        head_gradient: impl FnOnce(&mut dyn FnMut(usize, T) -> T) -> DMatrix<T>,
    ) -> (T, DMatrix<T>, Vec<DMatrix<T>>) {
        let one = T::one();
        let mut nats = T::zero();
        let mut du = DVector::zeros(pass.targets.len());
        let zeros = |alpha: &DMatrix<T>| DMatrix::zeros(alpha.nrows(), alpha.ncols());
        let mut dweights: Vec<DMatrix<T>> = pass.weights.iter().map(zeros).collect();
        let mut dh = head_gradient(&mut |n, log_p_vocab| {
            let p_vocab = log_p_vocab.exp();
            let Mixture { p_gen, copied, p } = self.mixture(pass, n, p_vocab);
            nats -= p.ln();
            let (t, b) = pass.place(n);
            let dalpha_ts = -scale * (one - p_gen) / p;
            let mut dalpha_t = dweights[b].column_mut(t);
            for (dalpha, is_copied) in dalpha_t.iter_mut().zip(pass.is_copied(n)) {
                if is_copied {
                    *dalpha = dalpha_ts;
                }
            }
            du[n] = -scale * (p_vocab - copied) * p_gen * (one - p_gen) / p;
            scale * p_gen * p_vocab / p
        });
        dh.ger(one, &self.w, &du, one);
        grad.w.gemv(one, pass.h, &du, one);
        grad.b[0] += du.sum();
        (nats, dh, dweights)
    }
    // ANCHOR_END: loss_and_gradient
}

fields!(Copying<T> { w, b });
