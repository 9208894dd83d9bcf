//! A step with peepholes. No crate trains them, so the solution is written here.

use crate::beyond::Peepholes;
use lstm_cell::{State, Step, hidden_state};
use lstm_gates::{GateValues, LstmParams, candidate, preactivation, sigmoid, tanh};
use nalgebra::DVector;

// ANCHOR: peephole_step
/// One step of an LSTM with peepholes: i_t and f_t read c_{t−1}, o_t reads c_t.
pub fn peephole_step(
    p: &LstmParams<f64>,
    peepholes: &Peepholes,
    x_t: &DVector<f64>,
    previous: &State<f64>,
) -> Step<f64> {
    let State { h, c } = previous;
    let i_t = (preactivation(&p.i, x_t, h) + peepholes.p_i.component_mul(c)).map(sigmoid);
    let f_t = (preactivation(&p.f, x_t, h) + peepholes.p_f.component_mul(c)).map(sigmoid);
    let g_t = candidate(p, x_t, h);
    let c_t = f_t.component_mul(c) + i_t.component_mul(&g_t);
    // The output gate has to wait for c_t.
    let o_t = (preactivation(&p.o, x_t, h) + peepholes.p_o.component_mul(&c_t)).map(sigmoid);
    let tanh_c_t = c_t.map(tanh);
    Step {
        x_t: x_t.clone(),
        h_t: hidden_state(&o_t, &tanh_c_t),
        gates: GateValues { i_t, f_t, g_t, o_t },
        c_t,
        tanh_c_t,
    }
}
// ANCHOR_END: peephole_step
