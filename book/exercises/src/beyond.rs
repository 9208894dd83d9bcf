//! Chapter *Beyond the LSTM*: a step with peepholes. `cargo test -p exercises beyond::`

use lstm_cell::{State, Step};
use lstm_gates::LstmParams;
use nalgebra::DVector;

/// The weights with which the gates read the cell, H each.
#[derive(Clone, Debug, PartialEq)]
pub struct Peepholes {
    /// Input gate.
    pub p_i: DVector<f64>,
    /// Forget gate.
    pub p_f: DVector<f64>,
    /// Output gate.
    pub p_o: DVector<f64>,
}

/// One step of an LSTM with peepholes.
///
/// ```text
/// i_t = σ(a^i_t + p_i ⊙ c_{t−1})     f_t = σ(a^f_t + p_f ⊙ c_{t−1})     g_t = tanh(a^g_t)
/// c_t = f_t ⊙ c_{t−1} + i_t ⊙ g_t
/// o_t = σ(a^o_t + p_o ⊙ c_t)         h_t = o_t ⊙ tanh(c_t)
/// ```
/// Shapes: `x_t` D; the three vectors of `peepholes`, both states and every other field of the result H.
///
/// `lstm_gates::preactivation` is E1 of one block.
pub fn peephole_step(
    p: &LstmParams<f64>,
    peepholes: &Peepholes,
    x_t: &DVector<f64>,
    previous: &State<f64>,
) -> Step<f64> {
    todo!("i_t, f_t and g_t from c_(t-1), then c_t, and only then o_t and h_t")
}
