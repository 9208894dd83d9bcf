//! The way back, wrong.

use crate::rejects;
use exercises::judge::bptt as judge;
use lstm_bptt::{GateGradients, LossGradient};
use lstm_cell::{State, Step, Tape};
use lstm_gates::LstmParams;
use nalgebra::DVector;

type V = DVector<f64>;

/// The way back with a switch for each mistake.
fn walk(
    p: &LstmParams<f64>,
    tape: &Tape<f64>,
    loss: &LossGradient<f64>,
    grad: &mut LstmParams<f64>,
    wrong: &str,
) -> (Vec<V>, State<f64>) {
    let nothing = V::zeros(p.hidden_size());
    let mut dx = Vec::new();
    let mut dh = if wrong == "last h" {
        nothing.clone()
    } else {
        loss.last.h.clone()
    };
    let mut dc = if wrong == "last c" {
        nothing.clone()
    } else {
        loss.last.c.clone()
    };
    for t in (0..tape.steps.len()).rev() {
        let s = &tape.steps[t];
        let back = lstm_bptt::step_back(p, s, tape.c_prev(t), &(&loss.dh[t] + &dh), &dc);
        let h_prev = if wrong == "new h" {
            &s.h_t
        } else {
            tape.h_prev(t)
        };
        let biased = GateGradients {
            da_i: back.gates.da_f.clone(),
            ..back.gates.clone()
        };
        if wrong != "last step" || t + 1 == tape.steps.len() {
            lstm_bptt::accumulate(
                grad,
                if wrong == "bias" {
                    &biased
                } else {
                    &back.gates
                },
                &s.x_t,
                h_prev,
            );
        }
        dh = if wrong == "sum" {
            nothing.clone()
        } else {
            back.dh_prev
        };
        dc = if wrong == "carousel" {
            nothing.clone()
        } else {
            back.dc_prev
        };
        dx.push(back.dx_t);
    }
    if wrong != "order" {
        dx.reverse();
    }
    (dx, State { h: dh, c: dc })
}

fn slope(s: &Step<f64>) -> V {
    s.tanh_c_t.map(lstm_gates::tanh_derivative)
}

#[test]
fn cell_gradient() {
    rejects(
        judge::cell_gradient(|s, dh, _| dh.component_mul(&s.gates.o_t).component_mul(&slope(s))),
        "the carousel",
    );
    rejects(
        judge::cell_gradient(|s, dh, dc| dh.component_mul(&s.gates.o_t) + dc),
        "the slope 1 - tanh² c_t is left out",
    );
    rejects(
        judge::cell_gradient(|_, _, dc| dc.clone()),
        "only the carousel",
    );
    rejects(
        judge::cell_gradient(|s, dh, dc| {
            lstm_bptt::cell_gradient(s, dh, &dc.component_mul(&s.gates.f_t))
        }),
        "once more",
    );
}

#[test]
fn gate_gradients() {
    rejects(
        judge::gate_gradients(|s, c, dh, dc| GateGradients {
            da_o: dh.component_mul(&s.tanh_c_t),
            ..lstm_bptt::gate_gradients(s, c, dh, dc)
        }),
        "the slope of the gate's own activation is left out",
    );
    rejects(
        judge::gate_gradients(|s, c, dh, dc| GateGradients {
            da_i: dc.component_mul(&s.gates.g_t),
            ..lstm_bptt::gate_gradients(s, c, dh, dc)
        }),
        "da_i[0] is",
    );
    rejects(
        judge::gate_gradients(|s, _, dh, dc| lstm_bptt::gate_gradients(s, &s.c_t, dh, dc)),
        "c_t is read for c_(t-1)",
    );
    rejects(
        judge::gate_gradients(|s, c, dh, _| lstm_bptt::gate_gradients(s, c, dh, dh)),
        "dh_t is taken for dc_t",
    );
    rejects(
        judge::gate_gradients(|s, c, _, dc| lstm_bptt::gate_gradients(s, c, dc, dc)),
        "dc_t for dh_t",
    );
    rejects(
        judge::gate_gradients(|s, c, dh, dc| {
            let da = lstm_bptt::gate_gradients(s, c, dh, dc);
            GateGradients {
                da_i: da.da_f.clone(),
                da_f: da.da_i,
                ..da
            }
        }),
        "da_i[0] is",
    );
}

#[test]
fn input_gradient() {
    rejects(
        judge::input_gradient(|p, da| lstm_bptt::input_gradient(p, da) - p.g.w_x.tr_mul(&da.da_g)),
        "block g is left out",
    );
    rejects(
        judge::input_gradient(lstm_bptt::recurrent_gradient),
        "dx_t has length 3, expected length 2",
    );
}

#[test]
fn recurrent_gradient() {
    rejects(
        judge::recurrent_gradient(|p, da| {
            &p.i.w_h * &da.da_i + &p.f.w_h * &da.da_f + &p.g.w_h * &da.da_g + &p.o.w_h * &da.da_o
        }),
        "W_h is not transposed",
    );
    rejects(
        judge::recurrent_gradient(|p, da| {
            lstm_bptt::recurrent_gradient(p, da) - p.o.w_h.tr_mul(&da.da_o)
        }),
        "block o is left out",
    );
}

#[test]
fn accumulate() {
    rejects(
        judge::accumulate(|grad, da, x, h| {
            *grad = LstmParams::zeros(x.len(), h.len());
            lstm_bptt::accumulate(grad, da, x, h);
        }),
        "replaces it",
    );
    rejects(
        judge::accumulate(|grad, da, x, h| {
            let crossed = GateGradients {
                da_f: da.da_i.clone(),
                ..da.clone()
            };
            lstm_bptt::accumulate(grad, &crossed, x, h);
        }),
        "da of block i is used",
    );
    rejects(
        judge::accumulate(|grad, da, x, h| {
            lstm_bptt::accumulate(grad, da, x, h);
            grad.o.b += &da.da_g - &da.da_o;
        }),
        "grad.o.b[0] is",
    );
    rejects(
        judge::accumulate(|grad, da, x, h| {
            lstm_bptt::accumulate(grad, da, x, h);
            for (gate, da_k) in grad.blocks_mut().into_iter().zip(da.blocks()) {
                gate.w_h += h * da_k.transpose() - da_k * h.transpose();
            }
        }),
        "the outer product is transposed",
    );
}

#[test]
fn step_back() {
    rejects(
        judge::step_back(|p, s, c, dh, _| lstm_bptt::step_back(p, s, c, dh, &V::zeros(3))),
        "the carousel",
    );
    rejects(
        judge::step_back(|p, s, c, dh, dc| {
            let back = lstm_bptt::step_back(p, s, c, dh, dc);
            lstm_bptt::StepGradient {
                dc_prev: back.dc_t.clone(),
                ..back
            }
        }),
        "without f_t",
    );
    rejects(
        judge::step_back(|p, s, _, dh, dc| lstm_bptt::step_back(p, s, &s.c_t, dh, dc)),
        "c_t is read for c_(t-1)",
    );
}

#[test]
fn backward() {
    rejects(
        judge::backward(|p, tape, loss, grad| walk(p, tape, loss, grad, "carousel")),
        "the carousel is left out",
    );
    rejects(
        judge::backward(|p, tape, loss, grad| walk(p, tape, loss, grad, "sum")),
        "the sum in E9 is left out",
    );
    rejects(
        judge::backward(|p, tape, loss, grad| walk(p, tape, loss, grad, "last h")),
        "loss.last.h",
    );
    rejects(
        judge::backward(|p, tape, loss, grad| walk(p, tape, loss, grad, "last c")),
        "loss.last.c",
    );
    rejects(
        judge::backward(|p, tape, loss, grad| walk(p, tape, loss, grad, "new h")),
        "takes h_t for h_(t-1)",
    );
    rejects(
        judge::backward(|p, tape, loss, grad| walk(p, tape, loss, grad, "last step")),
        "the last step alone",
    );
    rejects(
        judge::backward(|p, tape, loss, grad| walk(p, tape, loss, grad, "bias")),
        "grad.i.w_x[(0, 0)] is",
    );
    rejects(
        judge::backward(|p, tape, loss, grad| walk(p, tape, loss, grad, "order")),
        "last step first",
    );
    rejects(
        judge::backward(|p, tape, loss, grad| {
            *grad = LstmParams::zeros(2, 3);
            walk(p, tape, loss, grad, "")
        }),
        "overwritten",
    );
}

#[test]
fn clip_global_norm() {
    rejects(
        judge::clip_global_norm(|g, c| {
            g.iter_mut()
                .map(|slice| lstm_bptt::clip_global_norm(&mut [slice], c))
                .sum()
        }),
        "the norm returned is",
    );
    rejects(
        judge::clip_global_norm(|g, c| {
            let norm = g
                .iter()
                .flat_map(|slice| slice.iter())
                .map(|g| g * g)
                .sum::<f64>()
                .sqrt();
            g.iter_mut()
                .for_each(|slice| _ = lstm_bptt::clip_global_norm(&mut [slice], c));
            norm
        }),
        "every slice is clipped by itself",
    );
    rejects(
        judge::clip_global_norm(|g, c| {
            let norm = g
                .iter()
                .flat_map(|slice| slice.iter())
                .map(|g| g * g)
                .sum::<f64>()
                .sqrt();
            g.iter_mut()
                .flat_map(|slice| slice.iter_mut())
                .for_each(|g| *g *= c / (norm + 1e-6));
            norm
        }),
        "a gradient within the bound is scaled too",
    );
    rejects(
        judge::clip_global_norm(|g, c| {
            let norm = g
                .iter()
                .flat_map(|slice| slice.iter())
                .map(|g| g * g)
                .sum::<f64>()
                .sqrt();
            g.iter_mut()
                .flat_map(|slice| slice.iter_mut())
                .for_each(|g| *g *= (c / norm).min(1.0));
            norm
        }),
        "the first slice[0] is",
    );
}
