//! Mistakes in the cell.

use crate::rejects;
use exercises::judge::cell as judge;
use exercises::solutions as right;
use lstm_cell::{State, Step, Tape};
use lstm_gates::{LstmParams, tanh};
use nalgebra::DVector;

#[test]
fn cell_state() {
    rejects(
        judge::cell_state(|k, c| k.i_t.component_mul(c) + k.f_t.component_mul(&k.g_t)),
        "i and f are exchanged",
    );
    rejects(
        judge::cell_state(|k, c| c + k.i_t.component_mul(&k.g_t)),
        "not multiplied by f",
    );
    rejects(
        judge::cell_state(|k, c| k.f_t.component_mul(c) + &k.g_t),
        "not multiplied by i",
    );
    rejects(
        judge::cell_state(|k, c| k.f_t.component_mul(c)),
        "nothing is written",
    );
    rejects(
        judge::cell_state(|k, _| k.i_t.component_mul(&k.g_t)),
        "the old cell is lost",
    );
}

#[test]
fn hidden_state() {
    rejects(
        judge::hidden_state(|o, c| o.component_mul(&c.map(tanh))),
        "tanh is applied to c_t twice",
    );
    rejects(judge::hidden_state(|o, c| o + c), "h_t[0] is");
}

fn state(h: &DVector<f64>, c: &DVector<f64>) -> State<f64> {
    State {
        h: h.clone(),
        c: c.clone(),
    }
}

#[test]
fn step() {
    rejects(
        judge::step(|p, x, s| {
            let right = lstm_cell::step(p, x, s);
            Step {
                h_t: right.gates.o_t.component_mul(&right.c_t),
                ..right
            }
        }),
        "the tanh of the cell is left out",
    );
    rejects(
        judge::step(|p, x, s| {
            let right = lstm_cell::step(p, x, s);
            Step {
                tanh_c_t: right.c_t.clone(),
                ..right
            }
        }),
        "tanh_c_t is c_t itself",
    );
    rejects(
        judge::step(|p, x, s| {
            let swapped = LstmParams {
                i: p.f.clone(),
                f: p.i.clone(),
                ..p.clone()
            };
            let wrong = lstm_cell::step(&swapped, x, s);
            Step {
                gates: lstm_gates::gates(p, x, &s.h),
                ..wrong
            }
        }),
        "i and f are exchanged",
    );
    rejects(
        judge::step(|p, x, s| lstm_cell::step(p, x, &state(&s.h, &s.h))),
        "h_(t-1) is used instead of c_(t-1)",
    );
    rejects(
        judge::step(|p, x, s| lstm_cell::step(p, x, &state(&s.c, &s.h))),
        "the gates read c_(t-1)",
    );
    rejects(
        judge::step(|p, x, s| {
            let mut bare = p.clone();
            bare.blocks_mut()
                .into_iter()
                .for_each(|gate| gate.b.fill(0.0));
            lstm_cell::step(&bare, x, s)
        }),
        "the bias is left out",
    );
}

#[test]
fn sequence() {
    rejects(
        judge::sequence(|p, xs, initial| {
            let steps = xs.iter().map(|x| lstm_cell::step(p, x, &initial)).collect();
            Tape { initial, steps }
        }),
        "every step starts from the initial state",
    );
    rejects(
        judge::sequence(|p, xs, initial| {
            let tape = right::cell::sequence(p, xs, State::zeros(p.hidden_size()));
            Tape { initial, ..tape }
        }),
        "starts from zero and not from the initial state",
    );
    rejects(
        judge::sequence(|p, xs, initial| {
            let steps = xs
                .iter()
                .map(|x| lstm_cell::step(p, x, &State::zeros(p.hidden_size())))
                .collect();
            Tape { initial, steps }
        }),
        "every step starts from zero",
    );
    rejects(
        judge::sequence(|p, xs, initial| right::cell::sequence(p, &xs[1..], initial)),
        "the number of steps on the tape is 4, expected 5",
    );
    rejects(
        judge::sequence(|p, xs, initial| {
            let mut turned = p.clone();
            turned
                .blocks_mut()
                .into_iter()
                .for_each(|gate| gate.w_h.transpose_mut());
            right::cell::sequence(&turned, xs, initial)
        }),
        "W_h is transposed",
    );
}
