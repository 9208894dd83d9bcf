//! The four gates of the LSTM: E1–E5.
//!
//! This is the article's section 核心概念 (core concepts) with its formulas 1–3 put right.
//! The article prints the forget gate twice and calls the first copy the input gate, and it
//! multiplies x_t and h_{t−1} by one and the same matrix. Here every gate has its own W_x, its
//! own W_h and its own b:
//!
//! ```text
//! a^k_t = W_xk x_t + W_hk h_{t−1} + b_k      k ∈ {i, f, g, o}     (E1)
//! i_t = σ(a^i_t)                                                  (E2)
//! f_t = σ(a^f_t)                                                  (E3)
//! o_t = σ(a^o_t)                                                  (E4)
//! g_t = tanh(a^g_t)                                               (E5)
//! ```
//! Shapes: x_t is D, h_{t−1} is H, W_xk is H×D, W_hk is H×H, everything else is H.
//!
//! The crate reads from top to bottom: [`sigmoid`] and [`tanh`] with their derivatives, one
//! [`Gate`], the four of them in [`LstmParams`], and the numbers they start from ([`Init`]).
//!
//! *Invariant:* this crate knows no time. A gate sees one x_t and one h_{t−1} and remembers nothing.
//!
//! Everything is generic over `T: nalgebra::RealField + Copy`, so the same lines run in `f32`, in
//! `f64` and in dual numbers, which differentiate them exactly.

mod activation;
mod gate;
mod params;
mod gates;
mod init;
mod error;

pub use activation::{sigmoid, sigmoid_derivative, tanh, tanh_derivative};
pub use error::GateError;
pub use gate::{Gate, preactivation};
pub use gates::{GateValues, candidate, forget_gate, gates, input_gate, output_gate};
pub use init::{Init, glorot_uniform, orthogonal, pytorch_uniform};
pub use params::{BLOCKS, LstmParams};
