//! Mistakes in translation.

use crate::rejects;
use exercises::judge::translation as judge;

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
