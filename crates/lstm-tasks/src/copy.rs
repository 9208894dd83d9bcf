//! Copying words from the source instead of generating them from the vocabulary (E30).

use crate::batch::{Padded, length};
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
    /// b, one number.
    pub b: DVector<T>,
}

/// The number of target tokens whose distributions are in memory at the same time.
const CHUNK: usize = 256;

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
    /// All weights zero: p_gen is 1/2 whatever h̃ is.
    pub fn zeros(hidden_size: usize) -> Self {
        Self {
            w: DVector::zeros(hidden_size),
            b: DVector::zeros(1),
        }
    }

    // ANCHOR: distribution
    /// p of every token of the vocabulary, V×N: `h` is h̃, H×N; `weights` is α, S×N, over the tokens
    /// `source`.
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
    fn mixture(
        &self,
        h: &DMatrix<T>,
        weights: &[DMatrix<T>],
        source: &Padded,
        n: usize,
        target: u32,
        p_vocab: T,
    ) -> Mixture<T> {
        let batch_size = source.lengths.len();
        let (t, b) = (n / batch_size, n % batch_size);
        let alpha = weights[b].column(t);
        let copied = (0..length(source.span(), b))
            .filter(|s| source.ids[s * batch_size + b] == target)
            .fold(T::zero(), |sum, s| sum + alpha[s]);
        let p_gen = self.p_gen(h, n);
        // If both parts underflow, the loss must still be finite.
        let least = nalgebra::convert(1e-30);
        let p = (p_gen * p_vocab + (T::one() - p_gen) * copied).max(least);
        Mixture { p_gen, copied, p }
    }
    // ANCHOR_END: mixture

    /// −Σ_t m_t ln p_t\[y_t\] in nats, with p of E30: `h` is h̃ of every target token, H×(T·B); `weights` is
    /// α of each sequence.
    pub fn loss(
        &self,
        head: &Head<T>,
        h: &DMatrix<T>,
        weights: &[DMatrix<T>],
        source: &Padded,
        targets: &[u32],
        mask: &[bool],
    ) -> T {
        let mut nats = T::zero();
        for start in (0..targets.len()).step_by(CHUNK) {
            let len = CHUNK.min(targets.len() - start);
            let z = head.logits(&h.columns(start, len).into_owned());
            for (n, z_t) in (start..).zip(z.column_iter()) {
                if mask[n] {
                    let p_vocab = softmax(z_t.as_slice())[targets[n] as usize];
                    let mixture = self.mixture(h, weights, source, n, targets[n], p_vocab);
                    nats -= mixture.p.ln();
                }
            }
        }
        nats
    }

    // ANCHOR: loss_and_gradient
    /// The loss of [`loss`](Self::loss) and its gradient times `scale`. The gradients of the weights are
    /// *added* to `grad` and `grad_head`; the result is the loss in nats, dh̃ (H×(T·B)) and dα of each
    /// sequence.
    ///
    /// With y the target, r = p_gen p_vocab\[y\] / p is the fraction of p that comes from the vocabulary.
    /// So dz = r (p_vocab − onehot(y)), dα_ts = −(1 − p_gen)/p where w_s = y, and
    /// d(w · h̃ + b) = −(p_vocab\[y\] − copied) p_gen (1 − p_gen)/p.
    #[expect(
        clippy::too_many_arguments,
        reason = "the forward pass's six, the scale, two gradients out"
    )]
    pub fn loss_and_gradient(
        &self,
        head: &Head<T>,
        h: &DMatrix<T>,
        weights: &[DMatrix<T>],
        source: &Padded,
        targets: &[u32],
        mask: &[bool],
        scale: T,
        grad: &mut Self,
        grad_head: &mut Head<T>,
    ) -> (T, DMatrix<T>, Vec<DMatrix<T>>) {
        let one = T::one();
        let mut nats = T::zero();
        let mut dh = DMatrix::zeros(h.nrows(), targets.len());
        let mut dweights: Vec<DMatrix<T>> = weights
            .iter()
            .map(|alpha| DMatrix::zeros(alpha.nrows(), alpha.ncols()))
            .collect();
        let head_transposed = head.w.transpose();
        for start in (0..targets.len()).step_by(CHUNK) {
            let len = CHUNK.min(targets.len() - start);
            let chunk = h.columns(start, len).into_owned();
            let mut z = head.logits(&chunk);
            for (n, mut z_t) in (start..).zip(z.column_iter_mut()) {
                if !mask[n] {
                    z_t.fill(T::zero());
                    continue;
                }
                let y = targets[n] as usize;
                let p_vocab = softmax(z_t.as_slice());
                let Mixture { p_gen, copied, p } =
                    self.mixture(h, weights, source, n, targets[n], p_vocab[y]);
                nats -= p.ln();
                let generated = p_gen * p_vocab[y] / p;
                for (dz, &of) in z_t.iter_mut().zip(&p_vocab) {
                    *dz = scale * generated * of;
                }
                z_t[y] -= scale * generated;
                let dalpha_ts = -scale * (one - p_gen) / p;
                set_where_copied(&mut dweights, source, n, targets[n], dalpha_ts);
                let da = -scale * (p_vocab[y] - copied) * p_gen * (one - p_gen) / p;
                let h_t = h.column(n);
                dh.column_mut(n).axpy(da, &self.w, one);
                grad.w.axpy(da, &h_t, one);
                grad.b[0] += da;
            }
            grad_head.w.gemm(one, &z, &chunk.transpose(), one);
            for dz_t in z.column_iter() {
                grad_head.b += dz_t;
            }
            dh.columns_mut(start, len)
                .gemm(one, &head_transposed, &z, one);
        }
        (nats, dh, dweights)
    }
    // ANCHOR_END: loss_and_gradient
}

/// Sets dα_ts of target token n to `dalpha_ts` at every source token that is the target.
fn set_where_copied<T: RealField + Copy>(
    dweights: &mut [DMatrix<T>],
    source: &Padded,
    n: usize,
    target: u32,
    dalpha_ts: T,
) {
    let batch_size = source.lengths.len();
    let (t, b) = (n / batch_size, n % batch_size);
    for (s, dalpha) in dweights[b].column_mut(t).iter_mut().enumerate() {
        if source.ids[s * batch_size + b] == target {
            *dalpha = dalpha_ts;
        }
    }
}

fields!(Copying<T> { w, b });
