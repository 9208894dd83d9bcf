//! Mistakes in truncation.

use crate::rejects;
use exercises::judge::truncation as judge;
use exercises::solutions as right;
use lstm_bptt::{LossGradient, accumulate, step_back};
use lstm_cell::{State, Tape};
use lstm_gates::LstmParams;
use nalgebra::DVector;

/// The backward pass in which dh and dc end at the steps (from 0) that two rules choose.
fn cut(
    (p, tape, loss): (&LstmParams<f64>, &Tape<f64>, &LossGradient<f64>),
    grad: &mut LstmParams<f64>,
    ends_h: impl Fn(usize) -> bool,
    ends_c: impl Fn(usize) -> bool,
) -> (Vec<DVector<f64>>, State<f64>) {
    let State { mut h, mut c } = loss.last.clone();
    let mut dx = Vec::new();
    for (t, s) in tape.steps.iter().enumerate().rev() {
        let back = step_back(p, s, tape.c_prev(t), &(&loss.dh[t] + &h), &c);
        accumulate(grad, &back.gates, &s.x_t, tape.h_prev(t));
        h = back.dh_prev * f64::from(!ends_h(t));
        c = back.dc_prev * f64::from(!ends_c(t));
        dx.insert(0, back.dx_t);
    }
    (dx, State { h, c })
}

#[test]
fn backward_truncated() {
    rejects(
        judge::backward_truncated(|p, tape, loss, _, grad| {
            right::bptt::backward(p, tape, loss, grad)
        }),
        "nothing is cut",
    );
    rejects(
        judge::backward_truncated(|p, tape, loss, window, grad| {
            cut(
                (p, tape, loss),
                grad,
                |t| t > 0 && t % window == 0,
                |_| false,
            )
        }),
        "the carousel crosses the edge",
    );
    rejects(
        judge::backward_truncated(|p, tape, loss, window, grad| {
            cut(
                (p, tape, loss),
                grad,
                |_| false,
                |t| t > 0 && t % window == 0,
            )
        }),
        "the sum in E9 crosses the edge",
    );
    rejects(
        judge::backward_truncated(|p, tape, loss, window, grad| {
            let edge = |t: usize| t > 0 && (tape.seq_len() - t).is_multiple_of(window);
            cut((p, tape, loss), grad, edge, edge)
        }),
        "the windows are counted from the last step",
    );
    rejects(
        judge::backward_truncated(|p, tape, loss, window, grad| {
            let edge = |t: usize| t.is_multiple_of(window);
            cut((p, tape, loss), grad, edge, edge)
        }),
        "the gradient of the initial state is cut too",
    );
}

#[test]
fn gradient_by_windows() {
    rejects(
        judge::gradient_by_windows(|p, xs, initial, dh, _| {
            right::truncation::gradient_by_windows(p, xs, initial, dh, xs.len())
        }),
        "gradients cross the edges",
    );
    rejects(
        judge::gradient_by_windows(|p, xs, initial, dh, window| {
            let mut grad = LstmParams::zeros(2, 3);
            for (xs, dh) in xs.chunks(window).zip(dh.chunks(window)) {
                let part =
                    right::truncation::gradient_by_windows(p, xs, initial.clone(), dh, window);
                for (to, from) in grad.slices_mut().into_iter().zip(part.slices()) {
                    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
                }
            }
            grad
        }),
        "every window starts from the initial state",
    );
    rejects(
        judge::gradient_by_windows(|p, xs, initial, dh, window| {
            let full = xs.len() - xs.len() % window;
            right::truncation::gradient_by_windows(p, &xs[..full], initial, &dh[..full], window)
        }),
        "the last window, which is shorter, is left out",
    );
}
