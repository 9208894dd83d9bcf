//! The model and its training.

use super::case::{D, H, params, vector};
use super::{Tensors, Verdict, agree, equal, list, not_a_number, tensor};
use lstm_cell::{State, sequence};
use lstm_gates::LstmParams;
use lstm_model::Purpose;
use nalgebra::{DMatrix, DVector, dmatrix};
use rand_chacha::ChaCha8Rng;

fn matrix(name: &str, a: &DMatrix<f64>) -> (String, DMatrix<f64>) {
    tensor(name, a.shape(), a.as_slice())
}

pub fn look_up(answer: fn(&DMatrix<f64>, &[u32]) -> DMatrix<f64>) -> Verdict {
    let (table, ids) = (dmatrix![1.0, 2.0, 3.0; 4.0, 5.0, 6.0], [2, 0, 2, 1]);
    let right = lstm_model::look_up(&table, &ids);
    agree(
        &vec![matrix("x", &answer(&table, &ids))],
        &vec![matrix("x", &right)],
        &[],
    )
}

pub fn table_gradient(answer: fn(&DMatrix<f64>, &[u32], &DMatrix<f64>) -> DMatrix<f64>) -> Verdict {
    let (table, ids) = (dmatrix![1.0, 2.0, 3.0, 7.0; 4.0, 5.0, 6.0, 8.0], [2, 0, 2]);
    let dx = dmatrix![1.0, 10.0, 100.0; 2.0, 20.0, 200.0];
    let de = |a: &DMatrix<f64>| vec![matrix("dE", a)];
    let mut last = DMatrix::zeros(2, 4);
    for (n, &s) in ids.iter().enumerate() {
        last.set_column(s, &dx.column(n));
    }
    let ids = ids.map(|s| s as u32);
    let right = lstm_model::table_gradient(&table, &ids, &dx);
    let suspects = [
        (
            "a token that comes twice keeps the last of its gradients, not the sum",
            de(&last),
        ),
        (
            "the gradient is added to the table itself",
            de(&(&table + &right)),
        ),
    ];
    agree(&de(&answer(&table, &ids, &dx)), &de(&right), &suspects)
}

pub fn softmax(answer: fn(&[f64]) -> Vec<f64>) -> Verdict {
    for z in [
        [2.0_f64.ln(), 0.0, 0.0],
        [-3.0, 0.5, 2.0],
        [1000.0, 999.0, -1000.0],
        [-1000.0, -1001.0, -1000.0],
    ] {
        let of =
            |softmax: fn(&[f64]) -> Vec<f64>| vec![list(format!("softmax({z:?})"), &softmax(&z))];
        not_a_number(
            agree(&of(answer), &of(lstm_model::softmax), &[]),
            "An exponential overflows: the maximum is not subtracted.",
        )?;
    }
    Ok(())
}

pub fn loss_and_gradient(
    answer: fn(&DMatrix<f64>, &[u32], &[bool]) -> (f64, DMatrix<f64>),
) -> Verdict {
    let z = DMatrix::from_columns(&[vector(4, 1), vector(4, 2), vector(4, 3), vector(4, 4)]);
    let (targets, mask) = ([2, 0, 3, 1], [true, true, false, true]);
    // L and dz of the tokens in the mask, divided by `n`.
    let of = |mask: &[bool], n: f64| -> Tensors {
        let (mut nats, mut dz) = (0.0, DMatrix::zeros(4, 4));
        for t in (0..4).filter(|&t| mask[t]) {
            let p = lstm_model::softmax(z.column(t).as_slice());
            let y = targets[t] as usize;
            nats -= p[y].ln();
            dz.set_column(
                t,
                &DVector::from_fn(4, |v, _| p[v] - f64::from(u8::from(v == y))),
            );
        }
        vec![list("L", &[nats / n]), matrix("dz", &(dz / n))]
    };
    let right = of(&mask, 3.0);
    // dz without − onehot(y_t), divided by N = 3.
    let without = |mask: &[bool]| -> Tensors {
        let column = |t: usize| {
            let p = DVector::from_vec(lstm_model::softmax(z.column(t).as_slice()));
            p * (f64::from(u8::from(mask[t])) / 3.0)
        };
        vec![matrix(
            "dz",
            &DMatrix::from_columns(&[0, 1, 2, 3].map(column)),
        )]
    };
    let suspects = [
        ("the mask is ignored", of(&[true; 4], 4.0)),
        ("the mask is ignored in the sum", of(&[true; 4], 3.0)),
        ("it is divided by T and not by N", of(&mask, 4.0)),
        ("it is not divided by N", of(&mask, 1.0)),
        ("the one-hot vector is not subtracted", without(&mask)),
        ("the sign is wrong", of(&mask, -3.0)),
    ];
    let (loss, dz) = answer(&z, &targets, &mask);
    agree(
        &vec![list("L", &[loss]), matrix("dz", &dz)],
        &right,
        &suspects,
    )
}

/// Adam's step as a function.
type Adam = fn(&mut [f64], &[f64], &mut [f64], &mut [f64], i32, f64);

/// The number to subtract from an element of θ, given the corrected m and v and η.
type Update = fn(f64, f64, f64) -> f64;

/// Three steps of Adam. `step` gets θ, g, m, v, n and η.
fn adam_steps(step: impl Fn(&mut [f64], &[f64], &mut [f64], &mut [f64], i32, f64)) -> Tensors {
    let (mut theta, mut m, mut v) = ([1.0, -2.0, 0.5], [0.0; 3], [0.0; 3]);
    let mut all = Tensors::new();
    for n in 1..=3 {
        // A gradient of 1e−8 shows the place of ε in the formula.
        let g = [0.3 * f64::from(n), -1.0, 1e-8];
        step(&mut theta, &g, &mut m, &mut v, n, 0.01);
        all.extend([
            list(format!("m after step {n}"), &m),
            list(format!("v after step {n}"), &v),
            list(format!("theta after step {n}"), &theta),
        ]);
    }
    all
}

pub fn adam(answer: Adam) -> Verdict {
    // β₁, β₂, the power of g in v, and what is added to n in the correction of the moments, if any.
    let moments = |[b1, b2]: [f64; 2], power: i32, shift: Option<i32>, update: Update| {
        adam_steps(|theta, g, m, v, n, eta| {
            let correction = |beta: f64| shift.map_or(1.0, |shift| 1.0 - beta.powi(n + shift));
            for j in 0..theta.len() {
                m[j] = b1 * m[j] + (1.0 - b1) * g[j];
                v[j] = b2 * v[j] + (1.0 - b2) * g[j].powi(power);
                theta[j] -= update(m[j] / correction(b1), v[j] / correction(b2), eta);
            }
        })
    };
    let betas = [0.9, 0.999];
    let steps = |is_corrected: bool, update| moments(betas, 2, is_corrected.then_some(0), update);
    let right: Update = |m, v, eta| eta * m / (v.sqrt() + 1e-8);
    let suspects = [
        (
            "β₁ and β₂ are exchanged",
            moments([0.999, 0.9], 2, Some(0), right),
        ),
        ("g is not squared in v", moments(betas, 1, Some(0), right)),
        (
            "n is taken one too large",
            moments(betas, 2, Some(1), right),
        ),
        (
            "the root of v is missing",
            steps(true, |m, v, eta| eta * m / (v + 1e-8)),
        ),
        (
            "the moments are not corrected by 1 - β^n",
            steps(false, right),
        ),
        (
            "ε is added under the root",
            steps(true, |m, v, eta| eta * m / (v + 1e-8).sqrt()),
        ),
        ("ε is left out", steps(true, |m, v, eta| eta * m / v.sqrt())),
        (
            "the update is added and not subtracted",
            steps(true, |m, v, eta| -eta * m / (v.sqrt() + 1e-8)),
        ),
    ];
    agree(&adam_steps(answer), &steps(true, right), &suspects)
}

pub fn layer_parameter_count(answer: fn(usize, usize) -> usize) -> Verdict {
    for (d, h) in [(2, 3), (1, 256), (256, 256), (65, 128)] {
        let suspects = [
            (
                "a layer has four blocks, not three",
                3 * (h * d + h * h + h),
            ),
            ("two biases are counted", 4 * (h * d + h * h + 2 * h)),
            ("the bias is left out", 4 * (h * d + h * h)),
        ];
        let right = lstm_model::layer_parameter_count(d, h);
        equal(
            &format!("layer_parameter_count({d}, {h})"),
            &answer(d, h),
            &right,
            &suspects,
        )?;
    }
    Ok(())
}

pub fn stack(answer: fn(&[LstmParams<f64>], &[DVector<f64>]) -> Vec<DVector<f64>>) -> Verdict {
    let xs: Vec<_> = (0..4).map(|t| vector(D, t)).collect();
    let layers = [params(D, H), params(H, 4), params(4, 2)];
    // Each layer's h_1 … h_T, the second from the states that `start` gives it.
    let run = |layers: &[LstmParams<f64>]| {
        layers.iter().fold(xs.clone(), |xs, p| {
            let tape = sequence(p, &xs, State::zeros(p.hidden_size())).expect("the shapes fit");
            tape.steps.into_iter().map(|s| s.h_t).collect()
        })
    };
    let named = |h: &[DVector<f64>]| -> Tensors {
        let each = h.iter().enumerate();
        each.map(|(t, h_t)| list(format!("h[{t}] of the last layer"), h_t.as_slice()))
            .collect()
    };
    let right = run(&layers);
    let found = answer(&layers, &xs);
    let suspects = [(
        "a layer passes on only its last h: return_sequences is missing",
        1,
    )];
    equal(
        "the number of outputs",
        &found.len(),
        &right.len(),
        &suspects,
    )?;
    let suspects = [
        (
            "the outputs of the first layer are returned",
            named(&run(&layers[..1])),
        ),
        ("the inputs are returned", named(&xs)),
    ];
    agree(&named(&found), &named(&right), &suspects)
}

pub fn dropout(answer: fn(&mut DVector<f64>, f64, &mut ChaCha8Rng)) -> Verdict {
    const N: usize = 20_000;
    const RATE: f64 = 0.2;
    let mut rng = Purpose::Dropout.rng(1, 0, 0);
    let before = DVector::from_fn(N, |j, _| 1.0 + (j % 3) as f64);
    let mut x = before.clone();
    answer(&mut x, RATE, &mut rng);
    let kept = |j: usize| x[j] != 0.0;
    let zeroed = (0..N).filter(|&j| !kept(j)).count() as f64 / N as f64;
    // The standard deviation of both fractions is 0.003.
    if (zeroed - RATE).abs() > 0.02 {
        return Err(format!(
            "With rate {RATE}, a fraction of {zeroed} is zeroed, expected about {RATE}."
        ));
    }
    for j in (0..N).filter(|&j| kept(j)) {
        let of = |value: f64| vec![list(format!("x[{j}], which is kept,"), &[value])];
        let suspects = [
            (
                "the kept elements are not divided by 1 - rate",
                of(before[j]),
            ),
            (
                "the kept elements are multiplied by 1 - rate",
                of(before[j] * (1.0 - RATE)),
            ),
            (
                "the kept elements are divided by the rate",
                of(before[j] / RATE),
            ),
        ];
        agree(&of(x[j]), &of(before[j] / (1.0 - RATE)), &suspects)?;
    }
    let alike = (1..N).filter(|&j| kept(j) == kept(j - 1)).count() as f64 / N as f64;
    let expected = RATE * RATE + (1.0 - RATE) * (1.0 - RATE);
    if (alike - expected).abs() > 0.02 {
        return Err(format!(
            "Two neighbours are both kept or both zeroed in {alike} of the cases, expected about {expected}: the draws are not independent."
        ));
    }
    let mut again = before.clone();
    answer(&mut again, RATE, &mut rng);
    if again == x {
        return Err("A second call zeroes the same elements: it does not draw from `rng`.".into());
    }
    Ok(())
}
