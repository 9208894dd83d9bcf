//! The gated recurrent unit of Cho and colleagues (2014), forward and backward.

use lstm_gates::{Gate, glorot_uniform, orthogonal, preactivation, sigmoid, tanh};
use lstm_gates::{sigmoid_derivative, tanh_derivative};
use nalgebra::{DVector, RealField};
use rand::Rng;

/// The weights of one GRU layer: three blocks of W_x (H×D), W_h (H×H) and b (H).
///
/// A gradient of these weights has the same shape and the same type.
#[derive(Clone, Debug, PartialEq)]
pub struct GruParams<T> {
    /// Reset gate: how much of the old state the candidate reads.
    pub r: Gate<T>,
    /// Forget gate: how much of the old state is kept. The papers write z for it or for 1 − f.
    pub f: Gate<T>,
    /// Candidate: what is written.
    pub g: Gate<T>,
}

// ANCHOR: forward
/// The input of one step and every value computed from it.
#[derive(Clone, Debug, PartialEq)]
pub struct GruStep<T> {
    /// x_t, D.
    pub x_t: DVector<T>,
    /// r_t, H.
    pub r_t: DVector<T>,
    /// f_t, H.
    pub f_t: DVector<T>,
    /// g_t, H.
    pub g_t: DVector<T>,
    /// h_t, H.
    pub h_t: DVector<T>,
}

/// One step of a GRU.
///
/// ```text
/// r_t = σ(W_xr x_t + W_hr h_{t−1} + b_r)
/// f_t = σ(W_xf x_t + W_hf h_{t−1} + b_f)
/// g_t = tanh(W_xg x_t + W_hg (r_t ⊙ h_{t−1}) + b_g)
/// h_t = f_t ⊙ h_{t−1} + (1 − f_t) ⊙ g_t
/// ```
/// Shapes: `x_t` D; `h_prev` and every other field of the result H.
pub fn step<T: RealField + Copy>(
    p: &GruParams<T>,
    x_t: &DVector<T>,
    h_prev: &DVector<T>,
) -> GruStep<T> {
    let r_t = preactivation(&p.r, x_t, h_prev).map(sigmoid);
    let f_t = preactivation(&p.f, x_t, h_prev).map(sigmoid);
    let g_t = preactivation(&p.g, x_t, &r_t.component_mul(h_prev)).map(tanh);
    let h_t = f_t.component_mul(h_prev) + f_t.map(one_minus).component_mul(&g_t);
    let x_t = x_t.clone();
    GruStep {
        x_t,
        r_t,
        f_t,
        g_t,
        h_t,
    }
}
// ANCHOR_END: forward

/// A GRU over a whole sequence, from h_0.
pub fn sequence<T: RealField + Copy>(
    p: &GruParams<T>,
    xs: &[DVector<T>],
    h_0: &DVector<T>,
) -> Vec<GruStep<T>> {
    let mut steps: Vec<GruStep<T>> = Vec::with_capacity(xs.len());
    for x_t in xs {
        let h_prev = steps.last().map_or(h_0, |s| &s.h_t);
        let s = step(p, x_t, h_prev);
        steps.push(s);
    }
    steps
}

// ANCHOR: backward
/// The backward pass of one step: dx_t and dh_{t−1} from dh_t. The gradients of the weights are added
/// to `grad`.
///
/// ```text
/// da^f_t = dh_t ⊙ (h_{t−1} − g_t) ⊙ f_t ⊙ (1 − f_t)
/// da^g_t = dh_t ⊙ (1 − f_t) ⊙ (1 − g_t²)
/// du_t   = W_hgᵀ da^g_t                                  of u_t = r_t ⊙ h_{t−1}
/// da^r_t = du_t ⊙ h_{t−1} ⊙ r_t ⊙ (1 − r_t)
/// dh_{t−1} = dh_t ⊙ f_t + du_t ⊙ r_t + W_hfᵀ da^f_t + W_hrᵀ da^r_t
/// ```
/// Shapes: `dx_t` D; everything else H.
pub fn step_back<T: RealField + Copy>(
    p: &GruParams<T>,
    s: &GruStep<T>,
    h_prev: &DVector<T>,
    dh_t: &DVector<T>,
    grad: &mut GruParams<T>,
) -> (DVector<T>, DVector<T>) {
    let da_f = dh_t
        .component_mul(&(h_prev - &s.g_t))
        .component_mul(&s.f_t.map(sigmoid_derivative));
    let da_g = dh_t
        .component_mul(&s.f_t.map(one_minus))
        .component_mul(&s.g_t.map(tanh_derivative));
    let du_t = p.g.w_h.tr_mul(&da_g);
    let da_r = du_t
        .component_mul(h_prev)
        .component_mul(&s.r_t.map(sigmoid_derivative));
    let dh_prev = dh_t.component_mul(&s.f_t)
        + du_t.component_mul(&s.r_t)
        + p.f.w_h.tr_mul(&da_f)
        + p.r.w_h.tr_mul(&da_r);
    let dx_t = p.r.w_x.tr_mul(&da_r) + p.f.w_x.tr_mul(&da_f) + p.g.w_x.tr_mul(&da_g);
    accumulate(&mut grad.r, &da_r, &s.x_t, h_prev);
    accumulate(&mut grad.f, &da_f, &s.x_t, h_prev);
    accumulate(&mut grad.g, &da_g, &s.x_t, &s.r_t.component_mul(h_prev));
    (dx_t, dh_prev)
}
// ANCHOR_END: backward

/// Back-propagation through time from the loss's direct gradient on every h_t: dx_1 … dx_T and dh_0.
pub fn backward<T: RealField + Copy>(
    p: &GruParams<T>,
    steps: &[GruStep<T>],
    h_0: &DVector<T>,
    dh: &[DVector<T>],
    grad: &mut GruParams<T>,
) -> (Vec<DVector<T>>, DVector<T>) {
    let mut dx = Vec::with_capacity(steps.len());
    let mut dh_next = DVector::zeros(h_0.len());
    for (t, s) in steps.iter().enumerate().rev() {
        let h_prev = if t == 0 { h_0 } else { &steps[t - 1].h_t };
        let (dx_t, dh_prev) = step_back(p, s, h_prev, &(&dh[t] + &dh_next), grad);
        dx.push(dx_t);
        dh_next = dh_prev;
    }
    dx.reverse();
    (dx, dh_next)
}

/// Adds one step's dW_x, dW_h and db; `read` is what W_h multiplied.
fn accumulate<T: RealField + Copy>(
    grad: &mut Gate<T>,
    da_t: &DVector<T>,
    x_t: &DVector<T>,
    read: &DVector<T>,
) {
    grad.w_x.ger(T::one(), da_t, x_t, T::one());
    grad.w_h.ger(T::one(), da_t, read, T::one());
    grad.b += da_t;
}

fn one_minus<T: RealField + Copy>(v: T) -> T {
    T::one() - v
}

impl<T: RealField + Copy> GruParams<T> {
    /// All weights zero.
    pub fn zeros(input_size: usize, hidden_size: usize) -> Self {
        let gate = Gate::zeros(input_size, hidden_size);
        Self {
            r: gate.clone(),
            f: gate.clone(),
            g: gate,
        }
    }

    /// Glorot-uniform W_x, orthogonal W_h, biases 0.
    pub fn init(input_size: usize, hidden_size: usize, rng: &mut impl Rng) -> Self {
        let mut gate = || Gate {
            w_x: glorot_uniform(hidden_size, input_size, rng),
            w_h: orthogonal(hidden_size, rng),
            b: DVector::zeros(hidden_size),
        };
        Self {
            r: gate(),
            f: gate(),
            g: gate(),
        }
    }

    /// The nine tensors as flat slices: w_x, w_h, b of r, f, g.
    pub fn slices(&self) -> Vec<&[T]> {
        [&self.r, &self.f, &self.g]
            .into_iter()
            .flat_map(|k| [k.w_x.as_slice(), k.w_h.as_slice(), k.b.as_slice()])
            .collect()
    }

    /// The nine tensors of [`slices`](Self::slices), to be changed.
    pub fn slices_mut(&mut self) -> Vec<&mut [T]> {
        [&mut self.r, &mut self.f, &mut self.g]
            .into_iter()
            .flat_map(|Gate { w_x, w_h, b }| {
                [w_x.as_mut_slice(), w_h.as_mut_slice(), b.as_mut_slice()]
            })
            .collect()
    }
}
