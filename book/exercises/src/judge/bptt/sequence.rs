//! The backward pass over a sequence, and clipping.

use super::{ALL, Keep, V, same_steps, walk, walked};
use crate::judge::case::{Case, D, H, T, case};
use crate::judge::{Verdict, agree, known, list};
use lstm_bptt::LossGradient;
use lstm_cell::{State, Tape};
use lstm_gates::LstmParams;

/// Mistakes in one part of the backward pass.
const MISTAKES: [(&str, Keep); 10] = [
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
    (
        "f_t is used for f_(t+1) in the carousel: each step multiplies by its own forget gate",
        Keep {
            carousel: |tape, t, step| match t.checked_sub(1) {
                Some(before) => step.dc_t.component_mul(&tape.steps[before].gates.f_t),
                None => step.dc_prev.clone(),
            },
            ..ALL
        },
    ),
    (
        "f_(t+2) is used for f_(t+1) in the carousel: the forget gate is read one step too late",
        Keep {
            carousel: |tape, t, step| match tape.steps.get(t + 1) {
                Some(after) => step.dc_t.component_mul(&after.gates.f_t),
                None => step.dc_prev.clone(),
            },
            ..ALL
        },
    ),
    (
        "loss.dh, the direct gradient on h_t, is left out",
        Keep {
            direct: |loss, t| &loss.dh[t] * 0.0,
            ..ALL
        },
    ),
    (
        "loss.dh is read from the wrong end",
        Keep {
            direct: |loss, t| loss.dh[loss.dh.len() - 1 - t].clone(),
            ..ALL
        },
    ),
    (
        "only the last loss.dh is used",
        Keep {
            direct: |loss, t| &loss.dh[t] * f64::from(u8::from(t + 1 == loss.dh.len())),
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
    let mut suspects: Vec<_> = MISTAKES.map(|(mistake, keep)| (mistake, with(keep))).into();
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
    let in_a_step = known::backward().into_iter();
    suspects.extend(in_a_step.map(|(mistake, step)| (mistake, with(Keep { step, ..ALL }))));
    let found = run(&|grad| answer(&p, &tape, &loss, grad));
    same_steps(&found, &with(ALL))?;
    agree(&found, &with(ALL), &suspects)
}

pub fn clip_global_norm(answer: fn(&mut [&mut [f64]], f64) -> f64) -> Verdict {
    for size in [1.0, 0.1] {
        let clip = |clip: &dyn Fn(&mut [&mut [f64]], f64) -> f64| {
            let (mut a, mut b) = ([3.0 * size, 0.0], [-size, 4.0 * size, 2.0 * size]);
            let norm = clip(&mut [&mut a, &mut b], 1.5);
            vec![
                list("the norm returned", &[norm]),
                list("the first slice", &a),
                list("the second slice", &b),
            ]
        };
        let by_slice = clip(&|gradients, max_norm| {
            let clip = |slice: &mut &mut [f64]| lstm_bptt::clip_global_norm(&mut [slice], max_norm);
            gradients.iter_mut().map(clip).sum()
        });
        let by_element =
            clip(&|gradients, max_norm| scale(gradients, |g, _| g.clamp(-max_norm, max_norm)));
        let times = |factor: fn(f64, f64) -> f64| {
            clip(&|gradients, max_norm| scale(gradients, |g, norm| g * factor(norm, max_norm)))
        };
        let returned = |change: fn(&mut f64)| {
            let mut found = clip(&lstm_bptt::clip_global_norm);
            found[0].1.apply(change);
            found
        };
        let suspects = [
            ("every slice is clipped separately", by_slice),
            ("every element is clipped separately", by_element),
            (
                "a gradient below the bound is scaled too",
                times(|norm, c| c / (norm + 1e-6)),
            ),
            (
                "1e-6 is not added to the norm",
                times(|norm, c| (c / norm).min(1.0)),
            ),
            (
                "the factor is turned upside down",
                times(|norm, c| ((norm + 1e-6) / c).min(1.0)),
            ),
            (
                "max is used for min",
                times(|norm, c| (c / (norm + 1e-6)).max(1.0)),
            ),
            ("the gradients are not multiplied", times(|_, _| 1.0)),
            (
                "the root of the sum of squares is missing",
                returned(|norm| *norm *= *norm),
            ),
            (
                "the norm after clipping is returned, not the one before",
                returned(|norm| *norm = norm.min(1.5)),
            ),
        ];
        let expected = clip(&lstm_bptt::clip_global_norm);
        agree(&clip(&answer), &expected, &suspects)?;
    }
    Ok(())
}

/// Changes every element by a function of it and the global norm, and returns the norm.
fn scale(gradients: &mut [&mut [f64]], change: impl Fn(f64, f64) -> f64) -> f64 {
    let all = || gradients.iter().flat_map(|slice| slice.iter());
    let norm = all().map(|g| g * g).sum::<f64>().sqrt();
    let all = gradients.iter_mut().flat_map(|slice| slice.iter_mut());
    all.for_each(|g| *g = change(*g, norm));
    norm
}
