//! Mistakes in the model and its training.

use crate::rejects;
use exercises::judge::model as judge;
use exercises::solutions as right;
use nalgebra::DMatrix;
use rand::RngExt;

fn adam_with(
    update: fn(f64, f64, i32) -> f64,
    theta: &mut [f64],
    g: &[f64],
    m: &mut [f64],
    v: &mut [f64],
    n: i32,
) {
    for j in 0..g.len() {
        m[j] = 0.9 * m[j] + 0.1 * g[j];
        v[j] = 0.999 * v[j] + 0.001 * g[j] * g[j];
        theta[j] -= 0.01 * update(m[j], v[j], n);
    }
}

#[test]
fn look_up() {
    rejects(
        judge::look_up(|table, ids| {
            DMatrix::from_fn(ids.len(), table.nrows(), |n, d| table[(d, ids[n] as usize)])
        }),
        "x has shape 4×2, expected shape 2×4",
    );
}

#[test]
fn table_gradient() {
    rejects(
        judge::table_gradient(|table, ids, dx| {
            let mut de = table * 0.0;
            for (n, &s) in ids.iter().enumerate() {
                de.set_column(s as usize, &dx.column(n));
            }
            de
        }),
        "not the sum",
    );
}

#[test]
fn softmax() {
    rejects(
        judge::softmax(|z| {
            let total: f64 = z.iter().map(|z| z.exp()).sum();
            z.iter().map(|z| z.exp() / total).collect()
        }),
        "the maximum is not subtracted",
    );
    rejects(
        judge::softmax(|z| z.iter().map(|z| z.exp()).collect()),
        "is 2, expected 0.5",
    );
}

#[test]
fn loss_and_gradient() {
    rejects(
        judge::loss_and_gradient(|z, targets, mask| {
            right::model::loss_and_gradient(z, targets, &vec![true; mask.len()])
        }),
        "the mask is ignored",
    );
    rejects(
        judge::loss_and_gradient(|z, targets, mask| {
            let (loss, dz) = right::model::loss_and_gradient(z, targets, mask);
            (loss * 0.75, dz * 0.75)
        }),
        "divided by T and not by N",
    );
    rejects(
        judge::loss_and_gradient(|z, targets, mask| {
            let (loss, dz) = right::model::loss_and_gradient(z, targets, mask);
            (loss, dz * 3.0)
        }),
        "not divided by N",
    );
    rejects(
        judge::loss_and_gradient(|z, targets, mask| {
            let (loss, dz) = right::model::loss_and_gradient(z, targets, mask);
            (-loss, dz)
        }),
        "the sign is wrong",
    );
}

#[test]
fn adam() {
    rejects(
        judge::adam(|theta, g, m, v, n, _| {
            adam_with(|m, v, _| m / (v.sqrt() + 1e-8), theta, g, m, v, n);
        }),
        "not corrected",
    );
    rejects(
        judge::adam(|theta, g, m, v, n, _| {
            adam_with(
                |m, v, n| {
                    m / (1.0 - 0.9_f64.powi(n)) / (v / (1.0 - 0.999_f64.powi(n)) + 1e-8).sqrt()
                },
                theta,
                g,
                m,
                v,
                n,
            );
        }),
        "under the root",
    );
    rejects(
        judge::adam(|theta, g, m, v, n, _| {
            adam_with(
                |m, v, n| m / (1.0 - 0.9_f64.powi(n)) / (v / (1.0 - 0.999_f64.powi(n))).sqrt(),
                theta,
                g,
                m,
                v,
                n,
            );
        }),
        "ε is left out",
    );
    rejects(
        judge::adam(|theta, g, m, v, _, eta| right::model::adam(theta, g, m, v, 1, eta)),
        "theta after step 2[0] is",
    );
}

#[test]
fn layer_parameter_count() {
    rejects(
        judge::layer_parameter_count(|d, h| 3 * (h * d + h * h + h)),
        "not three",
    );
    rejects(
        judge::layer_parameter_count(|d, h| 4 * (h * d + h * h + 2 * h)),
        "two biases",
    );
}

#[test]
fn stack() {
    rejects(
        judge::stack(|layers, xs| right::model::stack(&layers[..1], xs)),
        "the first layer",
    );
    rejects(
        judge::stack(|layers, xs| right::model::stack(layers, xs).pop().into_iter().collect()),
        "return_sequences",
    );
}

#[test]
fn dropout() {
    rejects(
        judge::dropout(|x, rate, rng| {
            x.iter_mut().for_each(|x| {
                if rng.random::<f64>() < rate {
                    *x = 0.0;
                }
            });
        }),
        "not divided by 1 - rate",
    );
    rejects(
        judge::dropout(|x, rate, rng| {
            x.iter_mut().for_each(|x| {
                *x *= if rng.random::<f64>() < rate {
                    1.0 / rate
                } else {
                    0.0
                }
            });
        }),
        "expected about 0.2",
    );
    rejects(
        judge::dropout(|x, rate, rng| {
            x.iter_mut().for_each(|x| {
                *x *= if rng.random::<f64>() < rate {
                    0.0
                } else {
                    1.0 - rate
                }
            });
        }),
        "multiplied by 1 - rate",
    );
    rejects(
        judge::dropout(|x, rate, _| {
            x.iter_mut()
                .enumerate()
                .for_each(|(j, x)| *x *= if j % 5 == 0 { 0.0 } else { 1.0 / (1.0 - rate) });
        }),
        "not independent",
    );
}
