//! The cuts, wrong.

use crate::rejects;
use exercises::judge::truncation as judge;
use exercises::solutions as right;
use lstm_cell::State;
use lstm_gates::LstmParams;

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
            let (dx, initial) = right::truncation::backward_truncated(p, tape, loss, window, grad);
            (
                dx,
                State {
                    h: initial.h * 0.0,
                    c: initial.c * 0.0,
                },
            )
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
