//! Mistakes in the backward pass of one step.

mod slopes;
mod sequence;

use crate::rejects;
use exercises::judge::bptt as judge;
use lstm_bptt::GateGradients;
use lstm_cell::Step;
use lstm_gates::LstmParams;
use nalgebra::DVector;

type V = DVector<f64>;

/// 1 − tanh² c_t
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
        "c_t is used instead of c_(t-1)",
    );
    rejects(
        judge::gate_gradients(|s, c, dh, _| lstm_bptt::gate_gradients(s, c, dh, dh)),
        "dh_t is used instead of dc_t",
    );
    rejects(
        judge::gate_gradients(|s, c, _, dc| lstm_bptt::gate_gradients(s, c, dc, dc)),
        "dc_t instead of dh_t",
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
        "These are the numbers expected in da_f",
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
        "overwritten instead of added to",
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
    rejects(
        judge::accumulate(|grad, da, x, h| {
            let [da_i, da_f, da_g, da_o] = da.blocks().map(|da_k| -da_k);
            let minus = GateGradients {
                da_i,
                da_f,
                da_g,
                da_o,
            };
            lstm_bptt::accumulate(grad, &minus, x, h);
        }),
        "subtracted and not added",
    );
}

#[test]
fn step_back() {
    rejects(
        judge::step_back(|p, s, c, dh, dc| {
            let slope = s.tanh_c_t.map(|y| 1.0 - y);
            let dc_t = dh.component_mul(&s.gates.o_t).component_mul(&slope) + dc;
            let gates = lstm_bptt::gate_gradients(s, c, dh, &dc_t);
            lstm_bptt::StepGradient {
                dx_t: lstm_bptt::input_gradient(p, &gates),
                dh_prev: lstm_bptt::recurrent_gradient(p, &gates),
                dc_prev: dc_t.component_mul(&s.gates.f_t),
                gates,
                dc_t,
            }
        }),
        "the square is missing",
    );
    rejects(
        judge::step_back(|p, s, c, dh, dc| {
            let back = lstm_bptt::step_back(p, s, c, dh, dc);
            lstm_bptt::StepGradient {
                dc_prev: back.dc_t.component_mul(&s.gates.o_t),
                ..back
            }
        }),
        "o_t is used for f_t in what is passed on",
    );
    rejects(
        judge::step_back(|p, s, c, dh, dc| {
            let back = lstm_bptt::step_back(p, s, c, dh, dc);
            let blocks = p.blocks().into_iter().zip(back.gates.blocks());
            lstm_bptt::StepGradient {
                dh_prev: blocks.map(|(gate, da_k)| &gate.w_h * da_k).sum(),
                ..back
            }
        }),
        "W_h is not transposed",
    );
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
        "without the factor f_t",
    );
    rejects(
        judge::step_back(|p, s, _, dh, dc| lstm_bptt::step_back(p, s, &s.c_t, dh, dc)),
        "c_t is used instead of c_(t-1)",
    );
}
