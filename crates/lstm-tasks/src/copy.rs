//! Words that are taken from the source instead of the vocabulary (E30).

use crate::batch::{Padded, length};
use lstm_gates::sigmoid;
use lstm_model::{Canonical, Head, ModelError, Parameters, Tensors, softmax};
use nalgebra::{DMatrix, DVector, RealField};

/// The switch between writing and copying, p_gen = σ(w · h̃_t + b), and the mixture it makes (E30):
/// p = p_gen · p_vocab + (1 − p_gen) · Σ_{s: w_s = w} α_ts.
///
/// See, Liu & Manning (2017), arXiv 1704.04368. Here p_gen sees h̃_t alone, which holds what they give it:
/// the context and the decoder's state. Source and target have one vocabulary of parts of words, so
/// that a name can be copied part by part, and nothing is outside the vocabulary.
#[derive(Clone, Debug, PartialEq)]
pub struct Copying<T> {
    /// w, H.
    pub w: DVector<T>,
    /// b, one number.
    pub b: DVector<T>,
}

/// Target tokens whose distributions are held at one time.
const CHUNK: usize = 256;

/// What one target token gives and asks.
struct Mixture<T> {
    /// p_gen
    write: T,
    /// Σ_{s: w_s = y} α_ts
    copied: T,
    /// p of the token: p_gen p_vocab + (1 − p_gen) copied
    p: T,
}

impl<T: RealField + Copy> Copying<T> {
    /// As likely to write as to copy, whatever it sees.
    pub fn zeros(hidden_size: usize) -> Self {
        Self {
            w: DVector::zeros(hidden_size),
            b: DVector::zeros(1),
        }
    }

    // ANCHOR: distribution
    /// p of every token that may come, V×N: `h` is h̃, H×N; `weights` is α, S×N, on the sequence `source`.
    pub fn distribution(
        &self,
        head: &Head<T>,
        h: &DMatrix<T>,
        weights: &DMatrix<T>,
        source: &[u32],
    ) -> DMatrix<T> {
        let mut p = head.logits(h);
        for (t, mut p_t) in p.column_iter_mut().enumerate() {
            let write = self.write(h, t);
            let vocabulary = softmax(p_t.as_slice());
            for (p, of) in p_t.iter_mut().zip(vocabulary) {
                *p = write * of;
            }
            for (&word, &alpha) in source.iter().zip(weights.column(t).iter()) {
                p_t[word as usize] += (T::one() - write) * alpha;
            }
        }
        p
    }

    /// p_gen of one token.
    fn write(&self, h: &DMatrix<T>, n: usize) -> T {
        sigmoid(self.w.dot(&h.column(n)) + self.b[0])
    }
    // ANCHOR_END: distribution

    // ANCHOR: mixture
    fn mixture(
        &self,
        h: &DMatrix<T>,
        weights: &[DMatrix<T>],
        source: &Padded,
        n: usize,
        target: u32,
        vocabulary: T,
    ) -> Mixture<T> {
        let batch_size = source.lengths.len();
        let (t, b) = (n / batch_size, n % batch_size);
        let alpha = weights[b].column(t);
        let copied = (0..length(source.span(), b))
            .filter(|s| source.ids[s * batch_size + b] == target)
            .fold(T::zero(), |sum, s| sum + alpha[s]);
        let write = self.write(h, n);
        // No target is impossible: where both ways to it have underflowed, its cost stays finite.
        let least = nalgebra::convert(1e-30);
        let p = (write * vocabulary + (T::one() - write) * copied).max(least);
        Mixture { write, copied, p }
    }
    // ANCHOR_END: mixture

    /// −Σ_t m_t ln p_t\[y_t\] of E30, in nats: `h` is h̃ of every target token, H×(T·B); `weights` is α of
    /// each sequence.
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
    /// The loss of [`loss`](Self::loss) and its gradient times `scale`, which is *added* to `grad` and
    /// `grad_head`; returned are the nats, dh̃ (H×(T·B)), and dα of each sequence.
    ///
    /// With y the target, r = p_gen p_vocab\[y\] / p is the part of p that was written. So
    /// dz = r (p_vocab − onehot(y)), dα_ts = −(1 − p_gen)/p where w_s = y, and
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
        let batch_size = source.lengths.len();
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
                let vocabulary = softmax(z_t.as_slice());
                let Mixture { write, copied, p } =
                    self.mixture(h, weights, source, n, targets[n], vocabulary[y]);
                nats -= p.ln();
                let written = write * vocabulary[y] / p;
                for (dz, &of) in z_t.iter_mut().zip(&vocabulary) {
                    *dz = scale * written * of;
                }
                z_t[y] -= scale * written;
                let (t, b) = (n / batch_size, n % batch_size);
                let mut dalpha = dweights[b].column_mut(t);
                for s in 0..dalpha.len() {
                    if source.ids[s * batch_size + b] == targets[n] {
                        dalpha[s] = -scale * (one - write) / p;
                    }
                }
                let da = -scale * (vocabulary[y] - copied) * write * (one - write) / p;
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

impl<T: RealField + Copy> Parameters for Copying<T> {
    type Scalar = T;

    fn slices(&self) -> Vec<&[T]> {
        vec![self.w.as_slice(), self.b.as_slice()]
    }

    fn slices_mut(&mut self) -> Vec<&mut [T]> {
        vec![self.w.as_mut_slice(), self.b.as_mut_slice()]
    }
}

impl Canonical for Copying<f32> {
    fn export(&self, prefix: &str, tensors: &mut Tensors) {
        self.w.export(&format!("{prefix}.w"), tensors);
        self.b.export(&format!("{prefix}.b"), tensors);
    }

    fn import(&mut self, prefix: &str, tensors: &mut Tensors) -> Result<(), ModelError> {
        self.w.import(&format!("{prefix}.w"), tensors)?;
        self.b.import(&format!("{prefix}.b"), tensors)
    }
}
