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
        "sigmoid_derivative(0) is 1, expected 0.\nThis is the result when the factor y is missing",
    );
    for (answer, because) in [
        ((|y| y) as fn(f64) -> f64, "the factor 1 - y is missing"),
        (|y| y * (y - 1.0), "the sign is wrong"),
        (|y| 1.0 - y * y, "it is tanh′, 1 - y², and not σ′"),
        (lstm_gates::sigmoid, "it is σ itself and not its slope"),
    ] {
        rejects(judge::sigmoid_derivative(answer), because);
    }
}

#[test]
fn tanh_derivative() {
    rejects(
        judge::tanh_derivative(|a| 1.0 - a.tanh().powi(2)),
        "y is treated as the pre-activation",
    );
    for (answer, because) in [
        (
            (|y| 1.0 - y) as fn(f64) -> f64,
            "the square is missing: it is 1 - tanh and not 1 - tanh²",
        ),
        (|y| (1.0 - y) * (1.0 - y), "1 - y is squared"),
        (|y| y * y - 1.0, "the sign is wrong"),
        (|y| y * (1.0 - y), "it is σ′, y (1 - y), and not tanh′"),
        (|y| y.tanh(), "it is tanh itself and not its slope"),
    ] {
        rejects(judge::tanh_derivative(answer), because);
    }
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
    rejects(
        judge::preactivation(|k, x, _| &k.w_x * x),
        "only W_x x_t is there",
    );
    rejects(
        judge::preactivation(|k, x, h| &k.w_x * x + &k.w_h * h - &k.b),
        "the bias is subtracted",
    );
    rejects(
        judge::preactivation(|k, x, h| lstm_gates::preactivation(k, x, h).map(tanh)),
        "an activation is applied, which comes after E1",
    );
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
    rejects(
        judge::forget_gate(|p, x, h| {
            let a_f = &p.f.w_x * x + p.f.w_h.tr_mul(h) + &p.f.b;
            a_f.map(lstm_gates::sigmoid)
        }),
        "W_h is transposed",
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
        "the value of block i is used",
    );
    rejects(
        judge::gates(|p, x, h| {
            let of = |k: &lstm_gates::Gate<f64>| lstm_gates::preactivation(k, x, h) - &k.b;
            GateValues {
                i_t: of(&p.i).map(lstm_gates::sigmoid),
                f_t: of(&p.f).map(lstm_gates::sigmoid),
                g_t: of(&p.g).map(tanh),
                o_t: of(&p.o).map(lstm_gates::sigmoid),
            }
        }),
        "the bias is left out",
    );
}
