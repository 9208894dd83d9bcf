//! Attention: how the decoder weights the source tokens at each step (E29).

use crate::batch::{columns_of, columns_of_mut};
use lstm_model::{Span, fields};
use nalgebra::{DMatrix, RealField};
use rand::Rng;

/// Luong's general attention (E29): e_ts = h_t^⊤ W_a h̄_s, α_t = softmax_s(e_t),
/// h̃_t = tanh(W_c \[Σ_s α_ts h̄_s ; h_t\]).
///
/// Luong, Pham & Manning (2015), arXiv 1508.04025. This network has no input feeding, so the states of
/// the decoder do not depend on the attention, and all of them are computed before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Attention<T> {
    /// W_a, H×H.
    pub w_a: DMatrix<T>,
    /// W_c, H×2H: the columns of the context come first, then those of the decoder's state.
    pub w_c: DMatrix<T>,
}

/// The arguments of a pass: the decoder's states attend to the encoder's outputs, the memory. The
/// backward pass gets the same as the forward pass.
#[derive(Clone, Copy)]
pub struct AttentionPass<'a, T> {
    /// h_t of every target token, H×(T·B).
    pub states: &'a DMatrix<T>,
    /// The shape of the targets.
    pub target: Span<'a>,
    /// h̄_s of every source token, H×(S·B).
    pub memory: &'a DMatrix<T>,
    /// The shape of the sources.
    pub source: Span<'a>,
}

/// The values of the forward pass that the backward pass reads.
#[derive(Clone, Debug)]
pub struct AttentionTape<T> {
    /// W_a h̄_s of every source token, H×(S·B).
    keys: DMatrix<T>,
    /// \[Σ_s α_ts h̄_s ; h_t\] of every target token, 2H×(T·B).
    joined: DMatrix<T>,
    /// α of each sequence, one column for each target token: S_b×T_b, without padding.
    pub weights: Vec<DMatrix<T>>,
    /// h̃_t of every target token, H×(T·B).
    pub output: DMatrix<T>,
}

/// The gradients of the inputs that the backward pass returns.
#[derive(Clone, Debug)]
pub struct AttentionGradient<T> {
    /// dh_t of every target token, H×(T·B).
    pub dstates: DMatrix<T>,
    /// dh̄_s of every source token, H×(S·B).
    pub dmemory: DMatrix<T>,
}

impl<T: RealField + Copy> Attention<T> {
    /// Weights drawn by Glorot's rule: uniform in ±√(6/(rows + columns)).
    pub fn init(hidden_size: usize, rng: &mut impl Rng) -> Self {
        let h = hidden_size;
        Self {
            w_a: lstm_gates::glorot_uniform(h, h, rng),
            w_c: lstm_gates::glorot_uniform(h, 2 * h, rng),
        }
    }

    /// All weights zero.
    pub fn zeros(hidden_size: usize) -> Self {
        let h = hidden_size;
        Self {
            w_a: DMatrix::zeros(h, h),
            w_c: DMatrix::zeros(h, 2 * h),
        }
    }

    fn hidden_size(&self) -> usize {
        self.w_a.nrows()
    }

    // ANCHOR: forward
    /// h̃ of every target token. A padded source token gets no weight; a padded target token has context
    /// 0, so its h̃ is tanh(W_c \[0 ; h_t\]).
    ///
    /// # Panics
    /// If the shapes do not fit the spans.
    pub fn forward(&self, pass: AttentionPass<'_, T>) -> AttentionTape<T> {
        let h = self.hidden_size();
        let keys = &self.w_a * pass.memory;
        let mut joined = DMatrix::zeros(2 * h, pass.states.ncols());
        joined.rows_mut(h, h).copy_from(pass.states);
        let mut weights = Vec::with_capacity(pass.target.batch_size);
        for b in 0..pass.target.batch_size {
            let queries = columns_of(pass.states, pass.target, b);
            let mut alpha = columns_of(&keys, pass.source, b).tr_mul(&queries);
            for mut column in alpha.column_iter_mut() {
                softmax_in_place(column.as_mut_slice());
            }
            let seen = columns_of(pass.memory, pass.source, b) * &alpha;
            for (t, seen_t) in seen.column_iter().enumerate() {
                let n = t * pass.target.batch_size + b;
                joined.view_mut((0, n), (h, 1)).copy_from(&seen_t);
            }
            weights.push(alpha);
        }
        let mut output = &self.w_c * &joined;
        output.apply(|v| *v = v.tanh());
        AttentionTape {
            keys,
            joined,
            weights,
            output,
        }
    }
    // ANCHOR_END: forward

    // ANCHOR: backward
    /// The backward pass of [`forward`](Self::forward): `doutput` is dh̃, H×(T·B), zero at padding;
    /// `dweights` is an additional gradient on each α, from E30, or `None`. The gradients of the weights are
    /// *added* to `grad`.
    ///
    /// With a_t = W_c \[seen_t ; h_t\], da_t = dh̃_t ⊙ (1 − h̃_t²), and from the softmax
    /// de_ts = α_ts (dα_ts − Σ_r α_tr dα_tr).
    pub fn backward(
        &self,
        pass: AttentionPass<'_, T>,
        tape: &AttentionTape<T>,
        doutput: &DMatrix<T>,
        dweights: Option<&[DMatrix<T>]>,
        grad: &mut Self,
    ) -> AttentionGradient<T> {
        let h = self.hidden_size();
        let da = doutput.zip_map(&tape.output, |d, out| d * (T::one() - out * out));
        grad.w_c
            .gemm(T::one(), &da, &tape.joined.transpose(), T::one());
        let djoined = self.w_c.transpose() * da;
        let mut dstates = djoined.rows(h, h).into_owned();
        let mut dmemory = DMatrix::zeros(h, pass.memory.ncols());
        let mut dkeys = DMatrix::zeros(h, pass.memory.ncols());
        for (b, alpha) in tape.weights.iter().enumerate() {
            let djoined = columns_of(&djoined, pass.target, b);
            let dseen = djoined.rows(0, h);
            let mut de = columns_of(pass.memory, pass.source, b).tr_mul(&dseen);
            if let Some(dweights) = dweights {
                de += &dweights[b];
            }
            for (mut de_t, alpha_t) in de.column_iter_mut().zip(alpha.column_iter()) {
                let mean = alpha_t.dot(&de_t);
                de_t.zip_apply(&alpha_t, |de, alpha| *de = alpha * (*de - mean));
            }
            let queries = columns_of(pass.states, pass.target, b);
            let mut dmemory = columns_of_mut(&mut dmemory, pass.source, b);
            dmemory += dseen * alpha.transpose();
            let mut dkeys = columns_of_mut(&mut dkeys, pass.source, b);
            dkeys += queries * de.transpose();
            let mut dstates = columns_of_mut(&mut dstates, pass.target, b);
            dstates += columns_of(&tape.keys, pass.source, b) * de;
        }
        grad.w_a
            .gemm(T::one(), &dkeys, &pass.memory.transpose(), T::one());
        dmemory.gemm(T::one(), &self.w_a.transpose(), &dkeys, T::one());
        AttentionGradient { dstates, dmemory }
    }
    // ANCHOR_END: backward
}

/// Applies the softmax; an empty input stays empty.
fn softmax_in_place<T: RealField + Copy>(z: &mut [T]) {
    if z.is_empty() {
        return;
    }
    let p = lstm_model::softmax(z);
    z.copy_from_slice(&p);
}

fields!(Attention<T> { w_a, w_c });
