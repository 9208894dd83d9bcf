//! The backward pass of one step.

use lstm_cell::Step;
use lstm_gates::{Gate, LstmParams, sigmoid_derivative, tanh_derivative};
use nalgebra::{DVector, RealField};

// ANCHOR: gate_gradient_values
/// ∂L/∂a^k_t, the gradients of the four pre-activations of one step; each of length H.
#[derive(Clone, Debug, PartialEq)]
pub struct GateGradients<T> {
    /// da^i_t
    pub da_i: DVector<T>,
    /// da^f_t
    pub da_f: DVector<T>,
    /// da^g_t
    pub da_g: DVector<T>,
    /// da^o_t
    pub da_o: DVector<T>,
}
// ANCHOR_END: gate_gradient_values

impl<T> GateGradients<T> {
    /// The four in the order of [`BLOCKS`](lstm_gates::BLOCKS).
    pub fn blocks(&self) -> [&DVector<T>; 4] {
        [&self.da_i, &self.da_f, &self.da_g, &self.da_o]
    }
}

// ANCHOR: step_gradient
/// The gradients that the backward pass of one step returns.
#[derive(Clone, Debug, PartialEq)]
pub struct StepGradient<T> {
    /// ∂L/∂a^k_t of the four gates, each H.
    pub gates: GateGradients<T>,
    /// ∂L/∂c_t, H.
    pub dc_t: DVector<T>,
    /// ∂L/∂x_t, D.
    pub dx_t: DVector<T>,
    /// The gradient that reaches h_{t−1} through this step, H.
    pub dh_prev: DVector<T>,
    /// The gradient that reaches c_{t−1} through this step, H.
    pub dc_prev: DVector<T>,
}
// ANCHOR_END: step_gradient

// ANCHOR: cell_gradient
/// The gradient of the cell state, from two sides: through h_t, and along the cell itself.
///
/// ```text
/// dc_t = dh_t ⊙ o_t ⊙ (1 − tanh² c_t) + dc_{t+1} ⊙ f_{t+1}        (E11)
/// ```
/// Shapes: everything H; `dc_next` is the product dc_{t+1} ⊙ f_{t+1}.
///
/// The second term is the error carousel. c_t is used twice, by h_t and by c_{t+1}, and a value
/// that is used twice has the *sum* of two gradients. Along the carousel nothing is multiplied but
/// forget gates, and that is why an LSTM can carry an error far.
pub fn cell_gradient<T: RealField + Copy>(
    s: &Step<T>,
    dh_t: &DVector<T>,
    dc_next: &DVector<T>,
) -> DVector<T> {
    dh_t.component_mul(&s.gates.o_t)
        .component_mul(&s.tanh_c_t.map(tanh_derivative))
        + dc_next
}
// ANCHOR_END: cell_gradient

// ANCHOR: gate_gradients
/// The gradients of the four pre-activations.
///
/// ```text
/// da^o_t = dh_t ⊙ tanh(c_t) ⊙ o_t ⊙ (1 − o_t)        (E10)
/// da^i_t = dc_t ⊙ g_t       ⊙ i_t ⊙ (1 − i_t)        (E12)
/// da^f_t = dc_t ⊙ c_{t−1}   ⊙ f_t ⊙ (1 − f_t)        (E13)
/// da^g_t = dc_t ⊙ i_t       ⊙ (1 − g_t²)             (E14)
/// ```
/// Shapes: everything H. Each line: what arrives, times what the gate was multiplied with (E6, E7),
/// times the slope of its own activation.
pub fn gate_gradients<T: RealField + Copy>(
    s: &Step<T>,
    c_prev: &DVector<T>,
    dh_t: &DVector<T>,
    dc_t: &DVector<T>,
) -> GateGradients<T> {
    let k = &s.gates;
    GateGradients {
        da_i: dc_t
            .component_mul(&k.g_t)
            .component_mul(&k.i_t.map(sigmoid_derivative)),
        da_f: dc_t
            .component_mul(c_prev)
            .component_mul(&k.f_t.map(sigmoid_derivative)),
        da_g: dc_t
            .component_mul(&k.i_t)
            .component_mul(&k.g_t.map(tanh_derivative)),
        da_o: dh_t
            .component_mul(&s.tanh_c_t)
            .component_mul(&k.o_t.map(sigmoid_derivative)),
    }
}
// ANCHOR_END: gate_gradients

// ANCHOR: input_gradient
/// dx_t = Σ_k W_xkᵀ da^k_t (E15): all four gates read x_t, so four gradients come back to it.
///
/// Shapes: `da` H each; the result D.
pub fn input_gradient<T: RealField + Copy>(p: &LstmParams<T>, da: &GateGradients<T>) -> DVector<T> {
    p.i.w_x.tr_mul(&da.da_i)
        + p.f.w_x.tr_mul(&da.da_f)
        + p.g.w_x.tr_mul(&da.da_g)
        + p.o.w_x.tr_mul(&da.da_o)
}
// ANCHOR_END: input_gradient

// ANCHOR: recurrent_gradient
/// Σ_k W_hkᵀ da^k_t, the gradient that step t passes to h_{t−1}: the sum in (E9), and dh_0 (E17).
///
/// Shapes: `da` H each; the result H.
pub fn recurrent_gradient<T: RealField + Copy>(
    p: &LstmParams<T>,
    da: &GateGradients<T>,
) -> DVector<T> {
    p.i.w_h.tr_mul(&da.da_i)
        + p.f.w_h.tr_mul(&da.da_f)
        + p.g.w_h.tr_mul(&da.da_g)
        + p.o.w_h.tr_mul(&da.da_o)
}
// ANCHOR_END: recurrent_gradient

// ANCHOR: accumulate
/// Adds one step's contribution to the gradients of the weights.
///
/// ```text
/// dW_xk += da^k_t x_tᵀ,  dW_hk += da^k_t h_{t−1}ᵀ,  db_k += da^k_t        (E16)
/// ```
/// Shapes: `grad` as the weights; `da` H each; `x_t` D; `h_prev` H. The caller zeroes `grad`.
pub fn accumulate<T: RealField + Copy>(
    grad: &mut LstmParams<T>,
    da: &GateGradients<T>,
    x_t: &DVector<T>,
    h_prev: &DVector<T>,
) {
    for (Gate { w_x, w_h, b }, da_k) in grad.blocks_mut().into_iter().zip(da.blocks()) {
        w_x.ger(T::one(), da_k, x_t, T::one());
        w_h.ger(T::one(), da_k, h_prev, T::one());
        *b += da_k;
    }
}
// ANCHOR_END: accumulate

// ANCHOR: step_back
/// The backward pass of one LSTM step (E10–E15), from the gradients of h_t and c_t to those of x_t, h_{t−1}, c_{t−1}.
///
/// Shapes: `x_t` D; everything else H. `dh_t` is complete; `dc_next` is dc_{t+1} ⊙ f_{t+1}.
///
/// ```
/// use lstm_bptt::step_back;
/// use lstm_cell::{State, step};
/// use lstm_gates::LstmParams;
/// use nalgebra::dvector;
///
/// // H = D = 1, all weights 0: i = f = o = 1/2, g = 0. From c_{t−1} = 0 the cell stays 0.
/// let mut p = LstmParams::<f64>::zeros(1, 1);
/// p.g.w_h[0] = 3.0;
/// p.g.w_x[0] = 2.0;
/// let s = step(&p, &dvector![0.0], &State::zeros(1));
/// let back = step_back(&p, &s, &dvector![0.0], &dvector![1.0], &dvector![0.25]);
/// assert_eq!(back.dc_t[0], 0.75); // 1 · 1/2 · (1 − 0) + 1/4
/// assert_eq!(back.gates.da_g[0], 0.375); // 3/4 · 1/2 · (1 − 0)
/// assert_eq!(back.dx_t[0], 0.75); // 2 · 3/8
/// assert_eq!(back.dh_prev[0], 1.125); // 3 · 3/8
/// assert_eq!(back.dc_prev[0], 0.375); // 3/4 · 1/2
/// ```
///
/// # Panics
/// If the shapes do not fit.
pub fn step_back<T: RealField + Copy>(
    p: &LstmParams<T>,
    s: &Step<T>,
    c_prev: &DVector<T>,
    dh_t: &DVector<T>,
    dc_next: &DVector<T>,
) -> StepGradient<T> {
    let dc_t = cell_gradient(s, dh_t, dc_next);
    let gates = gate_gradients(s, c_prev, dh_t, &dc_t);
    StepGradient {
        dx_t: input_gradient(p, &gates),
        dh_prev: recurrent_gradient(p, &gates),
        dc_prev: dc_t.component_mul(&s.gates.f_t),
        gates,
        dc_t,
    }
}
// ANCHOR_END: step_back
