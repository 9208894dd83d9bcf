//! The four gates.

use super::case::{Case, case};
use super::{Tensors, Verdict, agree, list, not_a_number};
use lstm_gates::{Gate, GateValues, LstmParams};
use nalgebra::DVector;

/// A function of one block of four.
type OfGates = fn(&LstmParams<f64>, &DVector<f64>, &DVector<f64>) -> DVector<f64>;

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
    derivative(
        "sigmoid",
        answer,
        lstm_gates::sigmoid,
        lstm_gates::sigmoid_derivative,
    )
}

pub fn tanh_derivative(answer: fn(f64) -> f64) -> Verdict {
    derivative(
        "tanh",
        answer,
        lstm_gates::tanh,
        lstm_gates::tanh_derivative,
    )
}

fn derivative(
    name: &str,
    answer: fn(f64) -> f64,
    function: fn(f64) -> f64,
    right: fn(f64) -> f64,
) -> Verdict {
    for y in [0.0, 0.75, 0.5, 1.0] {
        let of = |slope: f64| vec![list(format!("{name}_derivative({y})"), &[slope])];
        let suspects = [(
            "y is treated as the pre-activation and not as the output",
            of(right(function(y))),
        )];
        agree(&of(answer(y)), &of(right(y)), &suspects)?;
    }
    Ok(())
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
        ("W_h h_(t-1) is left out", a(&gate.w_x * x_t + &gate.b)),
    ];
    agree(&a(answer(gate, x_t, h_prev)), &a(full), &suspects)
}

pub fn forget_gate(answer: OfGates) -> Verdict {
    let Case { p, xs, initial, .. } = case();
    let (x_t, h_prev) = (&xs[0], &initial.h);
    let f = |v: DVector<f64>| vec![list("f_t", v.as_slice())];
    let a_f = lstm_gates::preactivation(&p.f, x_t, h_prev);
    let suspects = [
        ("the activation is left out", f(a_f.clone())),
        ("tanh is used for σ", f(a_f.map(lstm_gates::tanh))),
        (
            "block i is read",
            f(lstm_gates::input_gate(&p, x_t, h_prev)),
        ),
        (
            "block o is read",
            f(lstm_gates::output_gate(&p, x_t, h_prev)),
        ),
    ];
    let right = lstm_gates::forget_gate(&p, x_t, h_prev);
    agree(&f(answer(&p, x_t, h_prev)), &f(right), &suspects)
}

pub fn candidate(answer: OfGates) -> Verdict {
    let Case { p, xs, initial, .. } = case();
    let (x_t, h_prev) = (&xs[0], &initial.h);
    let g = |v: DVector<f64>| vec![list("g_t", v.as_slice())];
    let a_g = lstm_gates::preactivation(&p.g, x_t, h_prev);
    let suspects = [
        ("the activation is left out", g(a_g.clone())),
        ("σ is used for tanh", g(a_g.map(lstm_gates::sigmoid))),
    ];
    let right = lstm_gates::candidate(&p, x_t, h_prev);
    agree(&g(answer(&p, x_t, h_prev)), &g(right), &suspects)
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
    let suspects = [
        ("the value of block i is used", instead(&right.i_t)),
        ("the value of block f is used", instead(&right.f_t)),
        ("the value of block g is used", instead(&right.g_t)),
        ("the value of block o is used", instead(&right.o_t)),
    ];
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
