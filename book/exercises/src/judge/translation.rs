//! Translation.

use super::{Verdict, agree, list};
use lstm_model::softmax;

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
