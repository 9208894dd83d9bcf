//! Truncation.

use super::bptt::{ALL, Keep, same_steps, walk, walked, weights};
use super::case::{Case, D, H, T, case};
use super::{Verdict, agree, known};
use lstm_bptt::LossGradient;
use lstm_cell::{State, Tape};
use lstm_gates::LstmParams;
use nalgebra::DVector;

type V = DVector<f64>;

pub fn backward_truncated(
    answer: fn(
        &LstmParams<f64>,
        &Tape<f64>,
        &LossGradient<f64>,
        usize,
        &mut LstmParams<f64>,
    ) -> (Vec<V>, State<f64>),
) -> Verdict {
    let Case { p, tape, loss, .. } = case();
    let run = |walk: &dyn Fn(&mut LstmParams<f64>) -> (Vec<V>, State<f64>)| {
        let mut grad = p.clone();
        let (dx, initial) = walk(&mut grad);
        walked(&grad, &dx, &initial)
    };
    let with = |keep: Keep| run(&|grad| walk(&p, &tape, &loss, &keep, grad));
    // T = 5 in windows of 2: the edges are before steps 2 and 4, counted from 0.
    let inside: fn(usize) -> bool = |t| t != 2 && t != 4;
    let mut suspects = vec![
        ("nothing is cut", with(ALL)),
        (
            "the carousel crosses the edge",
            with(Keep { h: inside, ..ALL }),
        ),
        (
            "the sum in E9 crosses the edge",
            with(Keep { c: inside, ..ALL }),
        ),
        (
            "the windows are counted from the last step",
            with(Keep {
                h: |t| t != 1 && t != 3,
                c: |t| t != 1 && t != 3,
                ..ALL
            }),
        ),
        (
            "the gradient of the initial state is cut too",
            with(Keep {
                h: |t| t % 2 != 0,
                c: |t| t % 2 != 0,
                ..ALL
            }),
        ),
    ];
    let cut = Keep {
        h: inside,
        c: inside,
        ..ALL
    };
    let in_a_step = known::backward().into_iter();
    suspects.extend(in_a_step.map(|(mistake, step)| (mistake, with(Keep { step, ..cut }))));
    for (window, keep) in [(2, cut), (T, ALL), (T + 1, ALL)] {
        let found = run(&|grad| answer(&p, &tape, &loss, window, grad));
        let window = |why| format!("With a window of {window}: {why}");
        same_steps(&found, &with(keep)).map_err(window)?;
        agree(&found, &with(keep), &suspects).map_err(window)?;
    }
    Ok(())
}

pub fn gradient_by_windows(
    answer: fn(&LstmParams<f64>, &[V], State<f64>, &[V], usize) -> LstmParams<f64>,
) -> Verdict {
    let Case {
        p,
        xs,
        initial,
        tape,
        loss,
    } = case();
    let loss = LossGradient {
        last: State::zeros(H),
        ..loss
    };
    let whole = |tape: &Tape<f64>, window| {
        let mut grad = LstmParams::zeros(D, H);
        lstm_bptt::backward_truncated(&p, tape, &loss, window, &mut grad).expect("the shapes fit");
        weights(&grad)
    };
    for window in [2, 3, T] {
        // Every window from the same state, with or without the short one at the end.
        let reset = |state: &State<f64>| {
            let mut grad = LstmParams::zeros(D, H);
            let parts = xs.chunks(window).zip(loss.dh.chunks(window));
            for (xs, dh) in parts {
                let tape = lstm_cell::sequence(&p, xs, state.clone()).expect("the shapes fit");
                let loss = LossGradient {
                    dh: dh.to_vec(),
                    last: State::zeros(H),
                };
                lstm_bptt::backward(&p, &tape, &loss, &mut grad).expect("the shapes fit");
            }
            weights(&grad)
        };
        let full = T - T % window;
        let short = {
            let tape =
                lstm_cell::sequence(&p, &xs[..full], initial.clone()).expect("the shapes fit");
            let loss = LossGradient {
                dh: loss.dh[..full].to_vec(),
                ..loss.clone()
            };
            let mut grad = LstmParams::zeros(D, H);
            lstm_bptt::backward_truncated(&p, &tape, &loss, window, &mut grad)
                .expect("the shapes fit");
            weights(&grad)
        };
        let suspects = [
            (
                "every window starts from the initial state",
                reset(&initial),
            ),
            ("every window starts from zero", reset(&State::zeros(H))),
            ("gradients cross the edges", whole(&tape, T)),
            ("the last window, which is shorter, is left out", short),
        ];
        let found = weights(&answer(&p, &xs, initial.clone(), &loss.dh, window));
        agree(&found, &whole(&tape, window), &suspects)
            .map_err(|why| format!("With a window of {window}: {why}"))?;
    }
    Ok(())
}
