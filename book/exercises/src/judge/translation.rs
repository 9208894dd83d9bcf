//! Translation.

use super::{Tensors, Verdict, agree, list, not_a_number};
use lstm_model::softmax;
use nalgebra::{DMatrix, DVector, dmatrix, dvector};

pub fn softmax_backward(answer: fn(&[f64], &[f64]) -> Vec<f64>) -> Verdict {
    let cases: [(&[f64], &[f64]); 3] = [
        (&[2.0_f64.ln(), 0.0, 0.0], &[4.0, 2.0, 0.0]),
        (&[0.3, -1.2, 0.8, 0.1], &[0.5, -0.7, 1.1, 2.0]),
        (&[0.0], &[3.0]),
    ];
    for (e, dalpha) in cases {
        let alpha = softmax(e);
        let named = |values: &[f64]| vec![list("de", values)];
        let of = |f: &dyn Fn(f64, f64) -> f64| -> Vec<f64> {
            alpha.iter().zip(dalpha).map(|(&a, &d)| f(a, d)).collect()
        };
        let sum = |values: Vec<f64>| values.iter().sum::<f64>();
        let mean = sum(of(&|a, d| a * d));
        let plain = sum(dalpha.to_vec()) / alpha.len() as f64;
        let suspects = [
            ("the mean is not subtracted", named(&of(&|a, d| a * d))),
            (
                "each α is treated as an independent sigmoid",
                named(&of(&|a, d| a * (1.0 - a) * d)),
            ),
            (
                "the mean does not weight each dα by its α",
                named(&of(&|a, d| a * (d - plain))),
            ),
            ("the factor α is missing", named(&of(&|_, d| d - mean))),
        ];
        let right = of(&|a, d| a * (d - mean));
        agree(&named(&answer(&alpha, dalpha)), &named(&right), &suspects)?;
    }
    Ok(())
}

/// The arguments of a step of attention.
struct Step {
    w_a: DMatrix<f64>,
    w_c: DMatrix<f64>,
    memory: DMatrix<f64>,
    h_t: DVector<f64>,
}

pub fn attention(
    answer: fn(
        &DMatrix<f64>,
        &DMatrix<f64>,
        &DMatrix<f64>,
        &DVector<f64>,
    ) -> (DVector<f64>, DVector<f64>),
) -> Verdict {
    for step in steps() {
        let (alpha, output) = answer(&step.w_a, &step.w_c, &step.memory, &step.h_t);
        let found = vec![
            list("α_t", alpha.as_slice()),
            list("h̃_t", output.as_slice()),
        ];
        let suspects = mistakes().map(|(what, rule)| (what, rule.of(&step)));
        let verdict = agree(&found, &RIGHT.of(&step), &suspects);
        not_a_number(
            verdict,
            "An exponential overflows: subtract the largest score before it.",
        )?;
    }
    Ok(())
}

/// A step without a pattern, the chapter's worked example, and a step with large scores.
fn steps() -> [Step; 3] {
    let number = |n: usize| (1.7 * n as f64 + 0.3).sin();
    let step = |scale: f64| Step {
        w_a: DMatrix::from_fn(3, 3, |j, k| scale * number(j + 4 * k)),
        w_c: DMatrix::from_fn(3, 6, |j, k| number(20 + j + 4 * k)),
        memory: DMatrix::from_fn(3, 4, |j, s| number(60 + j + 5 * s)),
        h_t: DVector::from_fn(3, |j, _| number(90 + j)),
    };
    let worked = Step {
        w_a: dmatrix![1.0],
        w_c: dmatrix![2.0 * 3.0_f64.ln(), 0.0],
        memory: dmatrix![1.0, 0.0, 0.0],
        h_t: dvector![2.0_f64.ln()],
    };
    [step(1.0), worked, step(2000.0)]
}

/// How a step of attention is computed.
#[derive(Clone, Copy)]
struct Rule {
    scores: fn(&Step) -> DVector<f64>,
    weights: fn(&[f64]) -> Vec<f64>,
    /// The vectors whose weighted mean is m_t.
    read: fn(&Step) -> DMatrix<f64>,
    /// \[m_t ; h_t\]
    join: fn([DVector<f64>; 2]) -> [DVector<f64>; 2],
    squash: fn(f64) -> f64,
}

/// E29 as it is.
const RIGHT: Rule = Rule {
    scores: |step| (&step.w_a * &step.memory).tr_mul(&step.h_t),
    weights: softmax,
    read: |step| step.memory.clone(),
    join: |parts| parts,
    squash: f64::tanh,
};

/// The wrong rules, each with what is wrong.
fn mistakes() -> [(&'static str, Rule); 10] {
    let scores = |scores| Rule { scores, ..RIGHT };
    let weights = |weights| Rule { weights, ..RIGHT };
    let join = |join| Rule { join, ..RIGHT };
    [
        (
            "W_a is transposed",
            scores(|step| step.memory.tr_mul(&(&step.w_a * &step.h_t))),
        ),
        (
            "W_a is left out of the scores",
            scores(|step| step.memory.tr_mul(&step.h_t)),
        ),
        (
            "the scores are divided by √H, as in a Transformer",
            scores(|step| (RIGHT.scores)(step) / (step.h_t.len() as f64).sqrt()),
        ),
        ("the softmax is left out", weights(<[f64]>::to_vec)),
        (
            "each score goes through a sigmoid of its own instead of a softmax",
            weights(|e| e.iter().map(|&e| lstm_gates::sigmoid(e)).collect()),
        ),
        (
            "every word has the same weight",
            weights(|e| vec![1.0 / e.len() as f64; e.len()]),
        ),
        (
            "W_a h̄_s is averaged instead of h̄_s",
            Rule {
                read: |step| &step.w_a * &step.memory,
                ..RIGHT
            },
        ),
        ("h_t comes first in [m_t ; h_t]", join(|[m, h]| [h, m])),
        ("h_t is left out below m_t", join(|[m, h]| [m, h * 0.0])),
        (
            "the tanh is left out",
            Rule {
                squash: |a| a,
                ..RIGHT
            },
        ),
    ]
}

impl Rule {
    /// α_t and h̃_t by name.
    fn of(&self, step: &Step) -> Tensors {
        let scores = (self.scores)(step);
        let alpha = DVector::from_vec((self.weights)(scores.as_slice()));
        let [above, below] = (self.join)([(self.read)(step) * &alpha, step.h_t.clone()]);
        let h = step.h_t.len();
        let output = step.w_c.columns(0, h) * above + step.w_c.columns(h, h) * below;
        vec![
            list("α_t", alpha.as_slice()),
            list("h̃_t", output.map(self.squash).as_slice()),
        ]
    }
}
