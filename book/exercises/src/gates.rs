//! Chapter *Four gates*: E1–E5. `cargo test -p exercises gates::`

use lstm_gates::{Gate, GateValues, LstmParams};
use nalgebra::DVector;

/// σ(a) = 1 / (1 + e^{−a}) (E2–E4) for every a: σ(1000) is 1 and σ(−1000) is 0, never a NaN.
pub fn sigmoid(a: f64) -> f64 {
    todo!("one over one plus an exponential")
}

/// σ′ in terms of the *output* y = σ(a).
pub fn sigmoid_derivative(y: f64) -> f64 {
    todo!("the slope of the sigmoid where its output is y")
}

/// tanh′ in terms of the *output* y = tanh(a).
pub fn tanh_derivative(y: f64) -> f64 {
    todo!("the slope of tanh where its output is y")
}

/// The pre-activation of one gate.
///
/// ```text
/// a^k_t = W_xk x_t + W_hk h_{t−1} + b_k        (E1)
/// ```
/// Shapes: `gate.w_x` H×D, `gate.w_h` H×H, `gate.b` H; `x_t` D; `h_prev` and the result H.
///
/// `&matrix * vector` is a product; `&a + &b` a sum.
pub fn preactivation(gate: &Gate<f64>, x_t: &DVector<f64>, h_prev: &DVector<f64>) -> DVector<f64> {
    todo!("two products and a bias")
}

/// The forget gate f_t = σ(a^f_t) (E3), of length H.
///
/// The weights of the four blocks are `p.i`, `p.f`, `p.g` and `p.o`. `v.map(function)` applies a
/// function to every element. For functions that you have not written yet, call those of the crate `lstm_gates`.
pub fn forget_gate(p: &LstmParams<f64>, x_t: &DVector<f64>, h_prev: &DVector<f64>) -> DVector<f64> {
    todo!("the activation of the pre-activation of block f")
}

/// The candidate g_t = tanh(a^g_t) (E5), of length H.
pub fn candidate(p: &LstmParams<f64>, x_t: &DVector<f64>, h_prev: &DVector<f64>) -> DVector<f64> {
    todo!("the activation of the pre-activation of block g")
}

/// All four blocks at one step (E1–E5), each of length H.
pub fn gates(p: &LstmParams<f64>, x_t: &DVector<f64>, h_prev: &DVector<f64>) -> GateValues<f64> {
    todo!("a GateValues with i_t, f_t, g_t and o_t")
}
