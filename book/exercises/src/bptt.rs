//! Chapter *Back-propagation through time*: E9–E18. `cargo test -p exercises bptt::`

use lstm_bptt::{GateGradients, LossGradient, StepGradient};
use lstm_cell::{State, Step, Tape};
use lstm_gates::LstmParams;
use nalgebra::DVector;

/// The gradient of the cell state: c_t is read twice, so two gradients add.
///
/// ```text
/// dc_t = dh_t ⊙ o_t ⊙ (1 − tanh² c_t) + dc_{t+1} ⊙ f_{t+1}        (E11)
/// ```
/// Shapes: everything H; `dc_next` is the product dc_{t+1} ⊙ f_{t+1}, because step t+1 has its forget
/// gate and passes the product on.
///
/// The results of the forward step are in `s`: `s.gates.o_t`, `s.tanh_c_t` …
pub fn cell_gradient(s: &Step<f64>, dh_t: &DVector<f64>, dc_next: &DVector<f64>) -> DVector<f64> {
    todo!("the path through h_t, and the error carousel")
}

/// The gradients of the four pre-activations of one step.
///
/// ```text
/// da^o_t = dh_t ⊙ tanh(c_t) ⊙ o_t ⊙ (1 − o_t)        (E10)
/// da^i_t = dc_t ⊙ g_t       ⊙ i_t ⊙ (1 − i_t)        (E12)
/// da^f_t = dc_t ⊙ c_{t−1}   ⊙ f_t ⊙ (1 − f_t)        (E13)
/// da^g_t = dc_t ⊙ i_t       ⊙ (1 − g_t²)             (E14)
/// ```
/// Shapes: everything H.
pub fn gate_gradients(
    s: &Step<f64>,
    c_prev: &DVector<f64>,
    dh_t: &DVector<f64>,
    dc_t: &DVector<f64>,
) -> GateGradients<f64> {
    todo!("for each gate: the gradient that arrives, its partner in E6 or E7, its own derivative")
}

/// dx_t = Σ_k W_xkᵀ da^k_t (E15). Shapes: `da` H each; the result D.
///
/// `w.tr_mul(&v)` is Wᵀ v.
pub fn input_gradient(p: &LstmParams<f64>, da: &GateGradients<f64>) -> DVector<f64> {
    todo!("all four gates read x_t")
}

/// Σ_k W_hkᵀ da^k_t: the gradient that step t passes on to h_{t−1}, the sum in E9. Shapes: `da` and
/// the result H.
pub fn recurrent_gradient(p: &LstmParams<f64>, da: &GateGradients<f64>) -> DVector<f64> {
    todo!("all four gates read h_(t-1)")
}

/// *Adds* the gradients of one step to the gradients of the weights.
///
/// ```text
/// dW_xk += da^k_t x_tᵀ,  dW_hk += da^k_t h_{t−1}ᵀ,  db_k += da^k_t        (E16)
/// ```
/// Shapes: `grad` as the weights; `da` H each; `x_t` D; `h_prev` H.
///
/// `a * b.transpose()` is the outer product a bᵀ. `grad.blocks_mut()` lists the four blocks, each with
/// its `w_x`, `w_h` and `b`, and `da.blocks()` the four vectors in the same order.
pub fn accumulate(
    grad: &mut LstmParams<f64>,
    da: &GateGradients<f64>,
    x_t: &DVector<f64>,
    h_prev: &DVector<f64>,
) {
    todo!("for each block: two outer products and a sum")
}

/// The backward pass of one step (E10–E15), from the gradients of h_t and c_t to those of x_t, h_{t−1}
/// and c_{t−1}.
///
/// Shapes: `x_t` D; everything else H. `dh_t` is complete; `dc_next` is dc_{t+1} ⊙ f_{t+1}, and so
/// the `dc_prev` of the result is dc_t ⊙ f_t.
///
/// For functions that you have not written yet, call those of the crate `lstm_bptt`.
pub fn step_back(
    p: &LstmParams<f64>,
    s: &Step<f64>,
    c_prev: &DVector<f64>,
    dh_t: &DVector<f64>,
    dc_next: &DVector<f64>,
) -> StepGradient<f64> {
    todo!("first dc_t, then the four da, then the gradients of x_t, h_(t-1) and c_(t-1)")
}

/// Back-propagation through time over a tape (E9–E17): *adds* the gradients of the weights to `grad`,
/// and returns dx_1 … dx_T and the gradient of the initial state, dh_0 and dc_0.
///
/// Shapes: `loss.dh`, T vectors of length H, is the direct gradient on every h_t; `loss.last` is the
/// gradient on the final h_T and c_T.
///
/// `tape.h_prev(t)` and `tape.c_prev(t)` are h_{t−1} and c_{t−1} of `tape.steps[t]`. `lstm_bptt::step_back`
/// is the backward pass of one step, and `lstm_bptt::accumulate` adds its gradients of the weights.
pub fn backward(
    p: &LstmParams<f64>,
    tape: &Tape<f64>,
    loss: &LossGradient<f64>,
    grad: &mut LstmParams<f64>,
) -> (Vec<DVector<f64>>, State<f64>) {
    todo!("from the last step to the first: dh_t (E9), the step, its gradients of the weights")
}

/// Clips the gradients by their global norm, and returns the norm before clipping.
///
/// ```text
/// g ← g · min(1, c / (‖g‖₂ + 1e−6))        (E18)
/// ```
/// `gradients` are the gradients of all parameters as flat slices; c is `max_norm`.
pub fn clip_global_norm(gradients: &mut [&mut [f64]], max_norm: f64) -> f64 {
    todo!("one norm over all slices, one factor for all elements")
}
