//! Mistakes beyond the LSTM.

use crate::rejects;
use exercises::beyond::Peepholes;
use exercises::judge::beyond as judge;
use exercises::solutions::beyond as right;
use lstm_cell::Step;
use lstm_gates::{preactivation, sigmoid, tanh};

#[test]
fn peephole_step() {
    rejects(
        judge::peephole_step(|p, _, x, state| lstm_cell::step(p, x, state)),
        "the peepholes are left out",
    );
    rejects(
        judge::peephole_step(|p, peepholes, x, state| {
            let step = right::peephole_step(p, peepholes, x, state);
            let a_o = preactivation(&p.o, x, &state.h) + peepholes.p_o.component_mul(&state.c);
            let mut gates = step.gates;
            gates.o_t = a_o.map(sigmoid);
            let h_t = gates.o_t.component_mul(&step.tanh_c_t);
            Step { gates, h_t, ..step }
        }),
        "o_t reads c_(t-1)",
    );
    rejects(
        judge::peephole_step(|p, peepholes, x, state| {
            let step = right::peephole_step(p, peepholes, x, state);
            let a_o = preactivation(&p.o, x, &state.h);
            let mut gates = step.gates;
            gates.o_t = (a_o + peepholes.p_o.component_mul(&step.c_t.map(tanh))).map(sigmoid);
            let h_t = gates.o_t.component_mul(&step.tanh_c_t);
            Step { gates, h_t, ..step }
        }),
        "o_t reads tanh(c_t)",
    );
    rejects(
        judge::peephole_step(|p, peepholes, x, state| {
            let Peepholes { p_i, p_f, p_o } = peepholes.clone();
            let (p_i, p_f) = (p_f, p_i);
            right::peephole_step(p, &Peepholes { p_i, p_f, p_o }, x, state)
        }),
        "p_i and p_f are exchanged",
    );
    rejects(
        judge::peephole_step(|p, peepholes, x, state| {
            let Peepholes { p_i, p_f, p_o } = peepholes.clone();
            let (p_f, p_o) = (p_o, p_f);
            right::peephole_step(p, &Peepholes { p_i, p_f, p_o }, x, state)
        }),
        "p_f and p_o are exchanged",
    );
    rejects(
        judge::peephole_step(|p, peepholes, x, state| {
            let step = right::peephole_step(p, peepholes, x, state);
            Step {
                h_t: step.gates.o_t.component_mul(&step.c_t),
                tanh_c_t: step.c_t.clone(),
                ..step
            }
        }),
        "the tanh of the cell is left out",
    );
}
