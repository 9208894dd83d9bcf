//! The backward pass of one step.

use super::weights;
use crate::judge::case::{Case, D, H, case, vector};
use crate::judge::known::{Backward, backward};
use crate::judge::{Tensors, Verdict, agree, list};
use lstm_bptt::{GateGradients, StepGradient, accumulate as add};
use lstm_cell::Step;
use lstm_gates::{BLOCKS, LstmParams};
use nalgebra::DVector;

type V = DVector<f64>;

/// The step on which the exercises about one step are judged, counted from 0.
const HERE: usize = 2;

fn gradients() -> GateGradients<f64> {
    gates([50, 51, 52, 53].map(|n| vector(H, n)))
}

fn gates([da_i, da_f, da_g, da_o]: [V; 4]) -> GateGradients<f64> {
    GateGradients {
        da_i,
        da_f,
        da_g,
        da_o,
    }
}

pub fn cell_gradient(answer: fn(&Step<f64>, &V, &V) -> V) -> Verdict {
    let Case { tape, .. } = case();
    let (s, dh_t, dc_next) = (&tape.steps[HERE], vector(H, 60), vector(H, 61));
    let dc = |v: V| vec![list("dc_t", v.as_slice())];
    let right = lstm_bptt::cell_gradient(s, &dh_t, &dc_next);
    let wrong = |rule: Backward| dc(rule.cell_gradient(s, &dh_t, &dc_next));
    let suspects: Vec<_> = backward()
        .into_iter()
        .map(|(what, rule)| (what, wrong(rule)))
        .collect();
    agree(&dc(answer(s, &dh_t, &dc_next)), &dc(right), &suspects)
}

pub fn gate_gradients(answer: fn(&Step<f64>, &V, &V, &V) -> GateGradients<f64>) -> Verdict {
    let Case { tape, .. } = case();
    let (s, c_prev) = (&tape.steps[HERE], tape.c_prev(HERE));
    let (dh_t, dc_t) = (vector(H, 60), vector(H, 61));
    let right = lstm_bptt::gate_gradients(s, c_prev, &dh_t, &dc_t);
    let wrong = |rule: Backward| values(&rule.gate_gradients(s, c_prev, &dh_t, &dc_t));
    let suspects: Vec<_> = backward()
        .into_iter()
        .map(|(what, rule)| (what, wrong(rule)))
        .collect();
    agree(
        &values(&answer(s, c_prev, &dh_t, &dc_t)),
        &values(&right),
        &suspects,
    )
}

pub fn input_gradient(answer: fn(&LstmParams<f64>, &GateGradients<f64>) -> V) -> Verdict {
    let (p, da) = (case().p, gradients());
    let dx = |v: V| vec![list("dx_t", v.as_slice())];
    let right = lstm_bptt::input_gradient(&p, &da);
    let suspects = BLOCKS
        .into_iter()
        .zip(p.blocks())
        .zip(da.blocks())
        .map(|((k, gate), da_k)| {
            let mistake = match k {
                'i' => "block i is left out",
                'f' => "block f is left out",
                'g' => "block g is left out",
                _ => "block o is left out",
            };
            (mistake, dx(&right - gate.w_x.tr_mul(da_k)))
        });
    let suspects: Vec<_> = suspects.collect();
    agree(&dx(answer(&p, &da)), &dx(right.clone()), &suspects)
}

pub fn recurrent_gradient(answer: fn(&LstmParams<f64>, &GateGradients<f64>) -> V) -> Verdict {
    let (p, da) = (case().p, gradients());
    let dh = |v: V| vec![list("dh_prev", v.as_slice())];
    let right = lstm_bptt::recurrent_gradient(&p, &da);
    let pairs = || p.blocks().into_iter().zip(da.blocks());
    let straight = pairs().map(|(gate, da_k)| &gate.w_h * da_k).sum();
    let one = |k: usize| &right - p.blocks()[k].w_h.tr_mul(da.blocks()[k]);
    let suspects = [
        ("W_h is not transposed", dh(straight)),
        ("block i is left out", dh(one(0))),
        ("block f is left out", dh(one(1))),
        ("block g is left out", dh(one(2))),
        ("block o is left out", dh(one(3))),
    ];
    agree(&dh(answer(&p, &da)), &dh(right.clone()), &suspects)
}

pub fn accumulate(answer: fn(&mut LstmParams<f64>, &GateGradients<f64>, &V, &V)) -> Verdict {
    let Case {
        p: before,
        xs,
        initial,
        ..
    } = case();
    let (da, x_t, h_prev) = (gradients(), &xs[0], &initial.h);
    let after = |add: &dyn Fn(&mut LstmParams<f64>)| {
        let mut grad = before.clone();
        add(&mut grad);
        weights(&grad)
    };
    let mut suspects = vec![
        (
            "grad is overwritten instead of added to",
            after(&|grad| {
                *grad = LstmParams::zeros(D, H);
                add(grad, &da, x_t, h_prev);
            }),
        ),
        (
            "the outer product is transposed",
            after(&|grad| {
                for (gate, da_k) in grad.blocks_mut().into_iter().zip(da.blocks()) {
                    gate.w_h += h_prev * da_k.transpose();
                }
            }),
        ),
        ("nothing is added", weights(&before)),
        (
            "the gradient is subtracted and not added",
            after(&|grad| {
                let minus = da.blocks().map(|da_k| -da_k);
                add(grad, &gates(minus), x_t, h_prev);
            }),
        ),
        (
            "the gradient is added twice",
            after(&|grad| {
                add(grad, &da, x_t, h_prev);
                add(grad, &da, x_t, h_prev);
            }),
        ),
    ];
    for (mistake, da_k) in [
        ("da of block i is used", &da.da_i),
        ("da of block f is used", &da.da_f),
        ("da of block g is used", &da.da_g),
        ("da of block o is used", &da.da_o),
    ] {
        let all = gates([da_k; 4].map(Clone::clone));
        suspects.push((mistake, after(&|grad| add(grad, &all, x_t, h_prev))));
    }
    let found = after(&|grad| answer(grad, &da, x_t, h_prev));
    agree(
        &found,
        &after(&|grad| add(grad, &da, x_t, h_prev)),
        &suspects,
    )
}

pub fn step_back(
    answer: fn(&LstmParams<f64>, &Step<f64>, &V, &V, &V) -> StepGradient<f64>,
) -> Verdict {
    let Case { p, tape, .. } = case();
    let (s, c_prev) = (&tape.steps[HERE], tape.c_prev(HERE));
    let (dh_t, dc_next) = (vector(H, 60), vector(H, 61));
    let values = |b: &StepGradient<f64>| {
        let mut all = vec![list("dc_t", b.dc_t.as_slice())];
        all.extend(values(&b.gates));
        all.extend([
            list("dx_t", b.dx_t.as_slice()),
            list("dh_prev", b.dh_prev.as_slice()),
            list("dc_prev", b.dc_prev.as_slice()),
        ]);
        all
    };
    let right = lstm_bptt::step_back(&p, s, c_prev, &dh_t, &dc_next);
    let wrong = |rule: Backward| values(&rule.step_back(&p, s, c_prev, &dh_t, &dc_next));
    let suspects: Vec<_> = backward()
        .into_iter()
        .map(|(what, rule)| (what, wrong(rule)))
        .collect();
    agree(
        &values(&answer(&p, s, c_prev, &dh_t, &dc_next)),
        &values(&right),
        &suspects,
    )
}

/// The gradients of the gates by name.
fn values(da: &GateGradients<f64>) -> Tensors {
    let names = BLOCKS.map(|k| format!("da_{k}"));
    let pairs = names.into_iter().zip(da.blocks());
    pairs
        .map(|(name, da_k)| list(name, da_k.as_slice()))
        .collect()
}
