//! Mistakes in translation.

use crate::rejects;
use exercises::judge::translation as judge;
use exercises::solutions::translation as right;
use lstm_model::softmax;
use nalgebra::{DMatrix, DVector};

fn each(alpha: &[f64], dalpha: &[f64], f: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    alpha.iter().zip(dalpha).map(|(&a, &d)| f(a, d)).collect()
}

#[test]
fn softmax_backward() {
    rejects(
        judge::softmax_backward(|alpha, dalpha| each(alpha, dalpha, |a, d| a * d)),
        "the mean is not subtracted",
    );
    rejects(
        judge::softmax_backward(|alpha, dalpha| each(alpha, dalpha, |a, d| a * (1.0 - a) * d)),
        "an independent sigmoid",
    );
    rejects(
        judge::softmax_backward(|alpha, dalpha| {
            let mean = dalpha.iter().sum::<f64>() / dalpha.len() as f64;
            each(alpha, dalpha, |a, d| a * (d - mean))
        }),
        "does not weigh",
    );
    rejects(
        judge::softmax_backward(|alpha, dalpha| {
            let mean: f64 = each(alpha, dalpha, |a, d| a * d).iter().sum();
            each(alpha, dalpha, |_, d| d - mean)
        }),
        "the factor α is missing",
    );
}

#[test]
fn attention() {
    rejects(
        judge::attention(|w_a, w_c, memory, h| right::attention(&w_a.transpose(), w_c, memory, h)),
        "W_a is transposed",
    );
    rejects(
        judge::attention(|w_a, w_c, memory, h| {
            let one = DMatrix::identity(w_a.nrows(), w_a.ncols());
            right::attention(&one, w_c, memory, h)
        }),
        "W_a is left out",
    );
    rejects(
        judge::attention(|w_a, w_c, memory, h| {
            let keys = w_a * memory;
            let (alpha, _) = right::attention(w_a, w_c, memory, h);
            let joined: Vec<_> = (keys * &alpha).iter().chain(h.iter()).copied().collect();
            let output = (w_c * DVector::from_vec(joined)).map(f64::tanh);
            (alpha, output)
        }),
        "W_a h̄_s is averaged instead of h̄_s",
    );
    rejects(
        judge::attention(|w_a, w_c, memory, h| {
            let (alpha, _) = right::attention(w_a, w_c, memory, h);
            let mean = memory * &alpha;
            let joined: Vec<_> = h.iter().chain(mean.iter()).copied().collect();
            let output = (w_c * DVector::from_vec(joined)).map(f64::tanh);
            (alpha, output)
        }),
        "h_t comes first",
    );
    rejects(
        judge::attention(|w_a, w_c, memory, h| {
            let (alpha, output) = right::attention(w_a, w_c, memory, h);
            (alpha, output.map(f64::atanh))
        }),
        "the tanh is left out",
    );
}

#[test]
fn the_softmax_of_attention() {
    rejects(
        judge::attention(|w_a, w_c, memory, h| {
            let (_, output) = right::attention(w_a, w_c, memory, h);
            (memory.tr_mul(&(w_a.transpose() * h)), output)
        }),
        "the softmax is left out",
    );
    rejects(
        judge::attention(|w_a, w_c, memory, h| {
            let (_, output) = right::attention(w_a, w_c, memory, h);
            let scores = memory.tr_mul(&(w_a.transpose() * h)) / 3.0_f64.sqrt();
            (DVector::from_vec(softmax(scores.as_slice())), output)
        }),
        "as in a Transformer",
    );
    rejects(
        judge::attention(|w_a, w_c, memory, h| {
            let e = memory.tr_mul(&(w_a.transpose() * h)).map(f64::exp);
            let alpha = &e / e.sum();
            let (_, output) = right::attention(w_a, w_c, memory, h);
            (alpha, output)
        }),
        "An exponential overflows",
    );
}
