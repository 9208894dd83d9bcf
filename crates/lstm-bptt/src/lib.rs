//! Back-propagation through time for the LSTM, written out: E9–E18.
//!
//! The article trains its model with `fit` and never says what that does; this crate shows it. The forward pass (lstm-cell) left a [`Tape`](lstm_cell::Tape); from the loss's gradient
//! on every h_t and on the last state, [`backward`] walks it from t = T to 1:
//!
//! ```text
//! dh_t   = (∂L/∂h_t)_direct + Σ_k W_hkᵀ da^k_{t+1}                     (E9)
//! da^o_t = dh_t ⊙ tanh(c_t) ⊙ o_t ⊙ (1 − o_t)                         (E10)
//! dc_t   = dh_t ⊙ o_t ⊙ (1 − tanh² c_t) + dc_{t+1} ⊙ f_{t+1}          (E11)
//! da^i_t = dc_t ⊙ g_t ⊙ i_t ⊙ (1 − i_t)                               (E12)
//! da^f_t = dc_t ⊙ c_{t−1} ⊙ f_t ⊙ (1 − f_t)                           (E13)
//! da^g_t = dc_t ⊙ i_t ⊙ (1 − g_t²)                                    (E14)
//! dx_t   = Σ_k W_xkᵀ da^k_t                                           (E15)
//! dW_xk  = Σ_t da^k_t x_tᵀ, dW_hk = Σ_t da^k_t h_{t−1}ᵀ, db_k = Σ_t da^k_t   (E16)
//! dh_0   = Σ_k W_hkᵀ da^k_1, dc_0 = dc_1 ⊙ f_1                        (E17)
//! g ← g · min(1, c / (‖g‖₂ + 1e−6))                                   (E18)
//! ```
//! `d·` is ∂L/∂· and has the shape of what it differentiates.
//!
//! Read [`step_back`] first, then [`backward`], then [`backward_truncated`]. [`GradientFlow`] shows
//! how much of the gradient is left at each step, [`clip_global_norm`] bounds its norm, and the
//! [`oracle`] module has the two independent methods by which every gradient here is checked.
//!
//! *Invariant:* this crate recomputes nothing that the tape holds and draws no random number.

mod step;
mod sequence;
mod check;
mod flow;
mod clip;
pub mod oracle;
mod error;

pub use clip::clip_global_norm;
pub use error::BpttError;
pub use flow::GradientFlow;
pub use sequence::{LossGradient, SequenceGradient, backward, backward_truncated};
pub use step::{
    GateGradients, StepGradient, accumulate, cell_gradient, gate_gradients, input_gradient,
    recurrent_gradient, step_back,
};
