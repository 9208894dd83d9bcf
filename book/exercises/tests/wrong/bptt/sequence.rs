//! Mistakes in the backward pass over a sequence, and in clipping.

use super::V;
use crate::rejects;
use exercises::judge::bptt as judge;
use lstm_bptt::{GateGradients, LossGradient};
use lstm_cell::{State, Tape};
use lstm_gates::LstmParams;

/// The backward pass with a switch for each mistake.
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
        let direct = match wrong {
            "direct" => &nothing,
            _ => &loss.dh[t],
        };
        let back = lstm_bptt::step_back(p, s, tape.c_prev(t), &(direct + &dh), &dc);
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
        dc = match wrong {
            "carousel" => nothing.clone(),
            "own f" if t > 0 => back.dc_t.component_mul(&tape.steps[t - 1].gates.f_t),
            "no f" => back.dc_t,
            _ => back.dc_prev,
        };
        dx.push(back.dx_t);
    }
    if wrong != "order" {
        dx.reverse();
    }
    (dx, State { h: dh, c: dc })
}

#[test]
fn backward() {
    rejects(
        judge::backward(|p, tape, loss, grad| walk(p, tape, loss, grad, "carousel")),
        "the carousel is left out",
    );
    rejects(
        judge::backward(|p, tape, loss, grad| walk(p, tape, loss, grad, "own f")),
        "f_t is used for f_(t+1) in the carousel",
    );
    rejects(
        judge::backward(|p, tape, loss, grad| walk(p, tape, loss, grad, "no f")),
        "dc_t is passed on without the factor f_t",
    );
    rejects(
        judge::backward(|p, tape, loss, grad| walk(p, tape, loss, grad, "direct")),
        "loss.dh, the direct gradient on h_t, is left out",
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
        "uses h_t instead of h_(t-1)",
    );
    rejects(
        judge::backward(|p, tape, loss, grad| walk(p, tape, loss, grad, "last step")),
        "only the last step adds",
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
        "every slice is clipped separately",
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
        "a gradient below the bound is scaled too",
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
        "1e-6 is not added to the norm",
    );
}
