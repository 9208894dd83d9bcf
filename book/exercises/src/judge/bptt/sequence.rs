//! The backward pass over a sequence, and clipping.

use super::{ALL, Keep, V, same_steps, walk, walked};
use crate::judge::case::{Case, D, H, T, case};
use crate::judge::{Verdict, agree, list};
use lstm_bptt::LossGradient;
use lstm_cell::{State, Tape};
use lstm_gates::LstmParams;

/// Mistakes in one part of the backward pass.
const OMISSIONS: [(&str, Keep); 5] = [
    (
        "dc_prev is not passed on: the carousel is left out",
        Keep {
            c: |_| false,
            ..ALL
        },
    ),
    (
        "dh_prev is not passed on: the sum in E9 is left out",
        Keep {
            h: |_| false,
            ..ALL
        },
    ),
    (
        "the gradient of W_h uses h_t instead of h_(t-1)",
        Keep { h_t: true, ..ALL },
    ),
    (
        "only the last step adds to the gradients of the weights",
        Keep {
            share: |t| t + 1 == T,
            ..ALL
        },
    ),
    (
        "only the first step adds to the gradients of the weights",
        Keep {
            share: |t| t == 0,
            ..ALL
        },
    ),
];

pub fn backward(
    answer: fn(
        &LstmParams<f64>,
        &Tape<f64>,
        &LossGradient<f64>,
        &mut LstmParams<f64>,
    ) -> (Vec<V>, State<f64>),
) -> Verdict {
    let Case { p, tape, loss, .. } = case();
    // `grad` is not zero, because an answer must add to it.
    let run = |walk: &dyn Fn(&mut LstmParams<f64>) -> (Vec<V>, State<f64>)| {
        let mut grad = p.clone();
        let (dx, initial) = walk(&mut grad);
        walked(&grad, &dx, &initial)
    };
    let with = |keep: Keep| run(&|grad| walk(&p, &tape, &loss, &keep, grad));
    let ignored = |change: fn(&mut LossGradient<f64>)| {
        let mut loss = loss.clone();
        change(&mut loss);
        run(&|grad| walk(&p, &tape, &loss, &ALL, grad))
    };
    let mut suspects: Vec<_> = OMISSIONS
        .map(|(mistake, keep)| (mistake, with(keep)))
        .into();
    suspects.extend([
        (
            "the gradient on the h_T carried out, loss.last.h, is left out",
            ignored(|loss| loss.last.h.fill(0.0)),
        ),
        (
            "the gradient on the c_T carried out, loss.last.c, is left out",
            ignored(|loss| loss.last.c.fill(0.0)),
        ),
        (
            "grad is overwritten instead of added to",
            run(&|grad| {
                *grad = LstmParams::zeros(D, H);
                walk(&p, &tape, &loss, &ALL, grad)
            }),
        ),
        (
            "dx is in the order of the backward pass, last step first",
            run(&|grad| {
                let (mut dx, initial) = walk(&p, &tape, &loss, &ALL, grad);
                dx.reverse();
                (dx, initial)
            }),
        ),
    ]);
    let found = run(&|grad| answer(&p, &tape, &loss, grad));
    same_steps(&found, &with(ALL))?;
    agree(&found, &with(ALL), &suspects)
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
            ("every slice is clipped separately", clip(by_slice, size)),
            (
                "every element is clipped separately",
                clip(by_element, size),
            ),
            (
                "a gradient below the bound is scaled too",
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
