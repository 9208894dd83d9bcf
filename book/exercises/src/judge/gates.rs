//! The four gates.

use super::case::{Case, case};
use super::known::{Forward, forward};
use super::{Tensors, Verdict, agree, list, not_a_number};
use lstm_gates::{Gate, GateValues, LstmParams};
use nalgebra::DVector;

/// A function of one block of four.
type OfGates = fn(&LstmParams<f64>, &DVector<f64>, &DVector<f64>) -> DVector<f64>;

/// A function of one number.
type Scalar = fn(f64) -> f64;

pub fn sigmoid(answer: fn(f64) -> f64) -> Verdict {
    for a in [
        0.0,
        3.0_f64.ln(),
        -3.0_f64.ln(),
        2.5,
        -40.0,
        1000.0,
        -1000.0,
    ] {
        let y = |f: fn(f64) -> f64, a| vec![list(format!("sigmoid({a})"), &[f(a)])];
        let sign = vec![list(format!("sigmoid({a})"), &[lstm_gates::sigmoid(-a)])];
        let suspects = [("the exponent has the wrong sign", sign)];
        let verdict = agree(&y(answer, a), &y(lstm_gates::sigmoid, a), &suspects);
        not_a_number(
            verdict,
            "An exponential overflows: its argument is a large positive number.",
        )?;
    }
    Ok(())
}

pub fn sigmoid_derivative(answer: fn(f64) -> f64) -> Verdict {
    let mistakes: [(&str, Scalar); 7] = [
        (
            "y is treated as the pre-activation and not as the output",
            |y| lstm_gates::sigmoid_derivative(lstm_gates::sigmoid(y)),
        ),
        ("the factor y is missing: it is 1 - y", |y| 1.0 - y),
        ("the factor 1 - y is missing: it is y itself", |y| y),
        ("the sign is wrong: it is y (y - 1)", |y| y * (y - 1.0)),
        ("1 + y is used for 1 - y", |y| y * (1.0 + y)),
        (
            "it is tanh′, 1 - y², and not σ′",
            lstm_gates::tanh_derivative,
        ),
        ("it is σ itself and not its slope", lstm_gates::sigmoid),
    ];
    derivative("sigmoid", answer, lstm_gates::sigmoid_derivative, &mistakes)
}

pub fn tanh_derivative(answer: fn(f64) -> f64) -> Verdict {
    let mistakes: [(&str, Scalar); 9] = [
        (
            "y is treated as the pre-activation and not as the output",
            |y| lstm_gates::tanh_derivative(lstm_gates::tanh(y)),
        ),
        (
            "the square is missing: it is 1 - tanh and not 1 - tanh²",
            |y| 1.0 - y,
        ),
        ("1 - y is squared, and not y alone", |y| (1.0 - y).powi(2)),
        ("1 + y² is used for 1 - y²", |y| 1.0 + y * y),
        ("it is y² and not 1 - y²", |y| y * y),
        ("the sign is wrong: it is y² - 1", |y| y * y - 1.0),
        ("it is the root of 1 - y²", |y| (1.0 - y * y).sqrt()),
        (
            "it is σ′, y (1 - y), and not tanh′",
            lstm_gates::sigmoid_derivative,
        ),
        ("it is tanh itself and not its slope", lstm_gates::tanh),
    ];
    derivative("tanh", answer, lstm_gates::tanh_derivative, &mistakes)
}

/// Judges a slope at several outputs at once: at one of them two mistakes may give the same number.
fn derivative(
    name: &str,
    answer: fn(f64) -> f64,
    right: fn(f64) -> f64,
    mistakes: &[(&'static str, Scalar)],
) -> Verdict {
    let of = |slope: Scalar| -> Tensors {
        let at = |y: f64| list(format!("{name}_derivative({y})"), &[slope(y)]);
        [0.0, 0.75, 0.5, 1.0, 0.2].map(at).into()
    };
    let suspects: Vec<_> = mistakes
        .iter()
        .map(|(what, slope)| (*what, of(*slope)))
        .collect();
    agree(&of(answer), &of(right), &suspects)
}

pub fn preactivation(
    answer: fn(&Gate<f64>, &DVector<f64>, &DVector<f64>) -> DVector<f64>,
) -> Verdict {
    let Case { p, xs, initial, .. } = case();
    let (gate, x_t, h_prev) = (&p.i, &xs[0], &initial.h);
    let a = |v: DVector<f64>| vec![list("a_t", v.as_slice())];
    let full = lstm_gates::preactivation(gate, x_t, h_prev);
    let suspects = [
        (
            "W_h is transposed",
            a(&gate.w_x * x_t + gate.w_h.tr_mul(h_prev) + &gate.b),
        ),
        ("the bias is left out", a(&full - &gate.b)),
        ("the bias is subtracted", a(&full - &gate.b * 2.0)),
        ("W_h h_(t-1) is left out", a(&gate.w_x * x_t + &gate.b)),
        ("W_x x_t is left out", a(&full - &gate.w_x * x_t)),
        ("only W_x x_t is there", a(&gate.w_x * x_t)),
        ("only W_h h_(t-1) is there", a(&gate.w_h * h_prev)),
        (
            "an activation is applied, which comes after E1",
            a(full.map(lstm_gates::sigmoid)),
        ),
        (
            "an activation is applied, which comes after E1",
            a(full.map(lstm_gates::tanh)),
        ),
    ];
    agree(&a(answer(gate, x_t, h_prev)), &a(full), &suspects)
}

pub fn forget_gate(answer: OfGates) -> Verdict {
    block("f_t", answer, lstm_gates::forget_gate, |k| k.f_t)
}

pub fn candidate(answer: OfGates) -> Verdict {
    block("g_t", answer, lstm_gates::candidate, |k| k.g_t)
}

/// Judges the function of one block.
fn block(
    name: &str,
    answer: OfGates,
    right: OfGates,
    own: fn(GateValues<f64>) -> DVector<f64>,
) -> Verdict {
    let Case { p, xs, initial, .. } = case();
    let (x_t, h_prev) = (&xs[0], &initial.h);
    let named = |v: DVector<f64>| vec![list(name, v.as_slice())];
    let wrong = |rule: Forward| named(own(rule.gates(&p, x_t, h_prev)));
    let mut suspects: Vec<_> = forward()
        .into_iter()
        .map(|(what, rule)| (what, wrong(rule)))
        .collect();
    let k = lstm_gates::gates(&p, x_t, h_prev);
    suspects.extend([
        ("block i is read", named(k.i_t)),
        ("block f is read", named(k.f_t)),
        ("block g is read", named(k.g_t)),
        ("block o is read", named(k.o_t)),
    ]);
    agree(
        &named(answer(&p, x_t, h_prev)),
        &named(right(&p, x_t, h_prev)),
        &suspects,
    )
}

pub fn gates(
    answer: fn(&LstmParams<f64>, &DVector<f64>, &DVector<f64>) -> GateValues<f64>,
) -> Verdict {
    let Case { p, xs, initial, .. } = case();
    let (x_t, h_prev) = (&xs[0], &initial.h);
    let right = lstm_gates::gates(&p, x_t, h_prev);
    let instead = |other: &DVector<f64>| {
        ["i_t", "f_t", "g_t", "o_t"]
            .map(|k| list(k, other.as_slice()))
            .to_vec()
    };
    let mut suspects = vec![
        ("the value of block i is used", instead(&right.i_t)),
        ("the value of block f is used", instead(&right.f_t)),
        ("the value of block g is used", instead(&right.g_t)),
        ("the value of block o is used", instead(&right.o_t)),
    ];
    let wrong = |rule: Forward| values(&rule.gates(&p, x_t, h_prev));
    suspects.extend(
        forward()
            .into_iter()
            .map(|(what, rule)| (what, wrong(rule))),
    );
    agree(
        &values(&answer(&p, x_t, h_prev)),
        &values(&right),
        &suspects,
    )
}

/// The four gates by name.
pub(super) fn values(k: &GateValues<f64>) -> Tensors {
    vec![
        list("i_t", k.i_t.as_slice()),
        list("f_t", k.f_t.as_slice()),
        list("g_t", k.g_t.as_slice()),
        list("o_t", k.o_t.as_slice()),
    ]
}
