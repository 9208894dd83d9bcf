//! Mistakes in the gates.

use crate::rejects;
use exercises::judge::gates as judge;
use lstm_gates::{GateValues, tanh};
use nalgebra::DVector;

#[test]
fn sigmoid() {
    rejects(
        judge::sigmoid(|a| 1.0 / (1.0 + a.exp())),
        "the exponent has the wrong sign",
    );
    rejects(
        judge::sigmoid(|a| a.exp() / (1.0 + a.exp())),
        "overflows: its argument is a large positive number",
    );
    rejects(judge::sigmoid(f64::tanh), "sigmoid(0) is 0, expected 0.5");
}

#[test]
fn sigmoid_derivative() {
    rejects(
        judge::sigmoid_derivative(|a| lstm_gates::sigmoid(a) * (1.0 - lstm_gates::sigmoid(a))),
        "y is treated as the pre-activation",
    );
    rejects(
        judge::sigmoid_derivative(|y| 1.0 - y),
        "sigmoid_derivative(0) is 1, expected 0",
    );
}

#[test]
fn tanh_derivative() {
    rejects(
        judge::tanh_derivative(|a| 1.0 - a.tanh().powi(2)),
        "y is treated as the pre-activation",
    );
}

#[test]
fn preactivation() {
    rejects(
        judge::preactivation(|k, x, h| &k.w_x * x + k.w_h.tr_mul(h) + &k.b),
        "W_h is transposed",
    );
    rejects(
        judge::preactivation(|k, x, h| &k.w_x * x + &k.w_h * h),
        "the bias is left out",
    );
    rejects(
        judge::preactivation(|k, x, _| &k.w_x * x + &k.b),
        "W_h h_(t-1) is left out",
    );
    rejects(judge::preactivation(|k, x, _| &k.w_x * x), "a_t[0] is");
    rejects(
        judge::preactivation(|_, _, _| DVector::zeros(2)),
        "a_t has length 2, expected length 3",
    );
}

#[test]
fn forget_gate() {
    rejects(
        judge::forget_gate(lstm_gates::input_gate),
        "block i is read",
    );
    rejects(
        judge::forget_gate(lstm_gates::output_gate),
        "block o is read",
    );
    rejects(
        judge::forget_gate(|p, x, h| lstm_gates::preactivation(&p.f, x, h)),
        "the activation is left out",
    );
    rejects(
        judge::forget_gate(|p, x, h| lstm_gates::preactivation(&p.f, x, h).map(tanh)),
        "tanh is used for σ",
    );
}

#[test]
fn candidate() {
    rejects(
        judge::candidate(|p, x, h| lstm_gates::preactivation(&p.g, x, h).map(lstm_gates::sigmoid)),
        "σ is used for tanh",
    );
    rejects(
        judge::candidate(|p, x, h| lstm_gates::preactivation(&p.g, x, h)),
        "the activation is left out",
    );
}

#[test]
fn gates() {
    rejects(
        judge::gates(|p, x, h| {
            let k = lstm_gates::gates(p, x, h);
            GateValues {
                i_t: k.f_t.clone(),
                f_t: k.i_t,
                ..k
            }
        }),
        "the value of block f is used",
    );
    rejects(
        judge::gates(|p, x, h| {
            let k = lstm_gates::gates(p, x, h);
            GateValues {
                o_t: k.i_t.clone(),
                ..k
            }
        }),
        "o_t[0] is",
    );
}
