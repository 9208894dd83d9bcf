//! The minimal LSTM of Feng and colleagues (2024), forward and backward. Its gates do not read the past.
//!
//! The shares f′ and i′ are computed as the paper defines them. They are NaN if both gates underflow to
//! zero, that is at pre-activations below −745; the paper's own code computes them by logarithms.

use super::scan::{Update, one_by_one};
use lstm_gates::{glorot_uniform, sigmoid};
use nalgebra::{DMatrix, DVector, RealField};
use rand::Rng;

/// The weights of one block: W_x (H×D) and b (H). There is no W_h.
#[derive(Clone, Debug, PartialEq)]
pub struct Block<T> {
    /// W_xk, H×D.
    pub w_x: DMatrix<T>,
    /// b_k, H.
    pub b: DVector<T>,
}

/// The weights of one minLSTM layer. A gradient has the same shape and the same type.
#[derive(Clone, Debug, PartialEq)]
pub struct MinLstmParams<T> {
    /// Input gate.
    pub i: Block<T>,
    /// Forget gate.
    pub f: Block<T>,
    /// Candidate.
    pub g: Block<T>,
}

// ANCHOR: forward
/// The gates of one step. None of them reads h_{t−1}, so those of all steps can be computed at once.
#[derive(Clone, Debug, PartialEq)]
pub struct MinGates<T> {
    /// x_t, D.
    pub x_t: DVector<T>,
    /// i_t, H.
    pub i_t: DVector<T>,
    /// f_t, H.
    pub f_t: DVector<T>,
    /// f′_t, H: the share that is kept. The share that is written is i′_t = 1 − f′_t.
    pub keep_t: DVector<T>,
    /// g_t, H.
    pub g_t: DVector<T>,
}

/// The gates from the input.
///
/// ```text
/// i_t = σ(W_xi x_t + b_i)
/// f_t = σ(W_xf x_t + b_f)
/// f′_t = f_t / (f_t + i_t),  i′_t = i_t / (f_t + i_t) = 1 − f′_t
/// g_t = W_xg x_t + b_g
/// ```
/// Shapes: `x_t` D; everything else H.
pub fn gates<T: RealField + Copy>(p: &MinLstmParams<T>, x_t: &DVector<T>) -> MinGates<T> {
    let preactivation = |k: &Block<T>| &k.w_x * x_t + &k.b;
    let i_t = preactivation(&p.i).map(sigmoid);
    let f_t = preactivation(&p.f).map(sigmoid);
    MinGates {
        x_t: x_t.clone(),
        keep_t: f_t.component_div(&(&f_t + &i_t)),
        g_t: preactivation(&p.g),
        i_t,
        f_t,
    }
}

/// What a step does to the state.
///
/// ```text
/// h_t = f′_t ⊙ h_{t−1} + i′_t ⊙ g_t
/// ```
/// Shapes: everything H.
pub fn update<T: RealField + Copy>(k: &MinGates<T>) -> Update<T> {
    Update {
        a: k.keep_t.clone(),
        b: k.keep_t.map(|keep| T::one() - keep).component_mul(&k.g_t),
    }
}
// ANCHOR_END: forward

/// Everything a forward pass computed.
#[derive(Clone, Debug, PartialEq)]
pub struct MinTape<T> {
    /// h_0, from which the sequence started.
    pub h_0: DVector<T>,
    /// The gates of steps 1 … T.
    pub gates: Vec<MinGates<T>>,
    /// h_1 … h_T.
    pub hs: Vec<DVector<T>>,
}

/// A minLSTM over a whole sequence, from h_0, one step after the other.
pub fn sequence<T: RealField + Copy>(
    p: &MinLstmParams<T>,
    xs: &[DVector<T>],
    h_0: &DVector<T>,
) -> MinTape<T> {
    let gates: Vec<_> = xs.iter().map(|x_t| gates(p, x_t)).collect();
    let updates: Vec<_> = gates.iter().map(update).collect();
    MinTape {
        h_0: h_0.clone(),
        hs: one_by_one(h_0, &updates),
        gates,
    }
}

// ANCHOR: backward
/// The whole gradient on h_T, h_{T−1} … h_1: dh_t = direct_t + f′_{t+1} ⊙ dh_{t+1}, which is again of the
/// form a ⊙ h + b, with time running backwards. A scan can compute it.
pub fn backward_updates<T: RealField + Copy>(
    gates: &[MinGates<T>],
    direct: &[DVector<T>],
) -> Vec<Update<T>> {
    let seq_len = gates.len();
    let update = |t: usize| Update {
        // Nothing comes from beyond the last step.
        a: gates
            .get(t + 1)
            .map_or_else(|| direct[t].map(|_| T::zero()), |next| next.keep_t.clone()),
        b: direct[t].clone(),
    };
    (0..seq_len).rev().map(update).collect()
}

/// The gradients of the three pre-activations of one step, of i, f and g.
///
/// ```text
/// da^g_t = dh_t ⊙ i′_t
/// da^f_t = dh_t ⊙ (h_{t−1} − g_t) ⊙ f′_t ⊙ i′_t ⊙ (1 − f_t)
/// da^i_t = −dh_t ⊙ (h_{t−1} − g_t) ⊙ f′_t ⊙ i′_t ⊙ (1 − i_t)
/// ```
/// Shapes: everything H.
pub fn gate_gradients<T: RealField + Copy>(
    k: &MinGates<T>,
    h_prev: &DVector<T>,
    dh_t: &DVector<T>,
) -> [DVector<T>; 3] {
    let write_t = k.keep_t.map(|keep| T::one() - keep);
    let d_keep = dh_t.component_mul(&(h_prev - &k.g_t));
    let d_share = d_keep.component_mul(&k.keep_t).component_mul(&write_t);
    [
        -d_share.component_mul(&k.i_t.map(|i| T::one() - i)),
        d_share.component_mul(&k.f_t.map(|f| T::one() - f)),
        dh_t.component_mul(&write_t),
    ]
}
// ANCHOR_END: backward

/// The backward pass from the loss's direct gradient on every h_t: dx_1 … dx_T and dh_0. The gradients of
/// the weights are added to `grad`.
pub fn backward<T: RealField + Copy>(
    p: &MinLstmParams<T>,
    tape: &MinTape<T>,
    dh: &[DVector<T>],
    grad: &mut MinLstmParams<T>,
) -> (Vec<DVector<T>>, DVector<T>) {
    let nothing = DVector::zeros(tape.h_0.len());
    let mut dhs = one_by_one(&nothing, &backward_updates(&tape.gates, dh));
    dhs.reverse();
    let mut dx = Vec::with_capacity(dhs.len());
    for (t, (k, dh_t)) in tape.gates.iter().zip(&dhs).enumerate() {
        let h_prev = if t == 0 { &tape.h_0 } else { &tape.hs[t - 1] };
        let [da_i, da_f, da_g] = gate_gradients(k, h_prev, dh_t);
        dx.push(p.i.w_x.tr_mul(&da_i) + p.f.w_x.tr_mul(&da_f) + p.g.w_x.tr_mul(&da_g));
        let blocks = [&mut grad.i, &mut grad.f, &mut grad.g];
        for (block, da_k) in blocks.into_iter().zip([da_i, da_f, da_g]) {
            block.w_x.ger(T::one(), &da_k, &k.x_t, T::one());
            block.b += da_k;
        }
    }
    let dh_0 = match (tape.gates.first(), dhs.first()) {
        (Some(k), Some(dh_1)) => k.keep_t.component_mul(dh_1),
        _ => nothing,
    };
    (dx, dh_0)
}

impl<T: RealField + Copy> MinLstmParams<T> {
    /// All weights zero.
    pub fn zeros(input_size: usize, hidden_size: usize) -> Self {
        let block = Block {
            w_x: DMatrix::zeros(hidden_size, input_size),
            b: DVector::zeros(hidden_size),
        };
        Self {
            i: block.clone(),
            f: block.clone(),
            g: block,
        }
    }

    /// Glorot-uniform W_x, biases 0.
    pub fn init(input_size: usize, hidden_size: usize, rng: &mut impl Rng) -> Self {
        let mut block = || Block {
            w_x: glorot_uniform(hidden_size, input_size, rng),
            b: DVector::zeros(hidden_size),
        };
        Self {
            i: block(),
            f: block(),
            g: block(),
        }
    }

    /// The six tensors as flat slices: w_x, b of i, f, g.
    pub fn slices(&self) -> Vec<&[T]> {
        [&self.i, &self.f, &self.g]
            .into_iter()
            .flat_map(|k| [k.w_x.as_slice(), k.b.as_slice()])
            .collect()
    }

    /// The six tensors of [`slices`](Self::slices), to be changed.
    pub fn slices_mut(&mut self) -> Vec<&mut [T]> {
        [&mut self.i, &mut self.f, &mut self.g]
            .into_iter()
            .flat_map(|Block { w_x, b }| [w_x.as_mut_slice(), b.as_mut_slice()])
            .collect()
    }
}
