//! The whole way back, and clipping.

use super::{Keep, V, same_steps, walk, walked};
use crate::judge::case::{Case, D, H, T, case};
use crate::judge::{Verdict, agree, list};
use lstm_bptt::LossGradient;
use lstm_cell::{State, Tape};
use lstm_gates::LstmParams;

pub fn backward(
    answer: fn(
        &LstmParams<f64>,
        &Tape<f64>,
        &LossGradient<f64>,
        &mut LstmParams<f64>,
    ) -> (Vec<V>, State<f64>),
) -> Verdict {
    let Case { p, tape, loss, .. } = case();
    // What stands in `grad` before is to stay in it.
    let run = |walk: &dyn Fn(&mut LstmParams<f64>) -> (Vec<V>, State<f64>)| {
        let mut grad = p.clone();
        let (dx, initial) = walk(&mut grad);
        walked(&grad, &dx, &initial)
    };
    let all = Keep::default();
    let with = |keep: Keep| run(&|grad| walk(&p, &tape, &loss, &keep, grad));
    let ignored = |change: fn(&mut LossGradient<f64>)| {
        let mut loss = loss.clone();
        change(&mut loss);
        run(&|grad| walk(&p, &tape, &loss, &all, grad))
    };
    let suspects = [
        (
            "dc_prev is not handed on: the carousel is left out",
            with(Keep {
                c: |_| false,
                ..all
            }),
        ),
        (
            "dh_prev is not handed on: the sum in E9 is left out",
            with(Keep {
                h: |_| false,
                ..all
            }),
        ),
        (
            "the gradient on the h_T carried out, loss.last.h, is left out",
            ignored(|loss| loss.last.h.fill(0.0)),
        ),
        (
            "the gradient on the c_T carried out, loss.last.c, is left out",
            ignored(|loss| loss.last.c.fill(0.0)),
        ),
        (
            "W_h's gradient takes h_t for h_(t-1)",
            with(Keep { h_t: true, ..all }),
        ),
        (
            "the weights get the share of the last step alone",
            with(Keep {
                share: |t| t + 1 == T,
                ..all
            }),
        ),
        (
            "the weights get the share of the first step alone",
            with(Keep {
                share: |t| t == 0,
                ..all
            }),
        ),
        (
            "grad is overwritten and not added to",
            run(&|grad| {
                *grad = LstmParams::zeros(D, H);
                walk(&p, &tape, &loss, &all, grad)
            }),
        ),
        (
            "dx is in the order of the walk, last step first",
            run(&|grad| {
                let (mut dx, initial) = walk(&p, &tape, &loss, &all, grad);
                dx.reverse();
                (dx, initial)
            }),
        ),
    ];
    let found = run(&|grad| answer(&p, &tape, &loss, grad));
    same_steps(&found, &with(all))?;
    agree(&found, &with(all), &suspects)
}

pub fn clip_global_norm(answer: fn(&mut [&mut [f64]], f64) -> f64) -> Verdict {
    let clip = |clip: fn(&mut [&mut [f64]], f64) -> f64, size: f64| {
        let (mut a, mut b) = ([3.0 * size, 0.0], [-size, 4.0 * size, 2.0 * size]);
        let norm = clip(&mut [&mut a, &mut b], 1.5);
        vec![
            list("the norm returned", &[norm]),
            list("the first slice", &a),
            list("the second slice", &b),
        ]
    };
    let by_slice = |gradients: &mut [&mut [f64]], max_norm: f64| {
        gradients
            .iter_mut()
            .map(|slice| lstm_bptt::clip_global_norm(&mut [slice], max_norm))
            .sum()
    };
    let by_element = |gradients: &mut [&mut [f64]], max_norm: f64| {
        gradients
            .iter_mut()
            .flat_map(|slice| slice.iter_mut())
            .for_each(|g| *g = g.clamp(-max_norm, max_norm));
        0.0
    };
    for size in [1.0, 0.1] {
        let always = |gradients: &mut [&mut [f64]], max_norm: f64| {
            let all = || gradients.iter().flat_map(|slice| slice.iter());
            let norm = all().map(|g| g * g).sum::<f64>().sqrt();
            gradients
                .iter_mut()
                .flat_map(|slice| slice.iter_mut())
                .for_each(|g| *g *= max_norm / (norm + 1e-6));
            norm
        };
        let suspects = [
            ("every slice is clipped by itself", clip(by_slice, size)),
            ("every element is clipped by itself", clip(by_element, size)),
            (
                "a gradient within the bound is scaled too",
                clip(always, size),
            ),
        ];
        agree(
            &clip(answer, size),
            &clip(lstm_bptt::clip_global_norm, size),
            &suspects,
        )?;
    }
    Ok(())
}
