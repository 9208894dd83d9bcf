//! The four gates and their activation functions.

use crate::mailbox::{Inbox, answer, in_range};
use lstm_gates::{
    gates as gate_values, preactivation, sigmoid, sigmoid_derivative, tanh, tanh_derivative,
};

type Curve = fn(f64) -> f64;

/// E1–E5 at one step. In: weights, x_t, h_{t−1}. Out, for each of i, f, g, o: the pre-activation,
/// the value and the derivative, H numbers each.
pub fn gates(mailbox: &mut [f64], input_size: usize, hidden_size: usize) -> Option<usize> {
    if !in_range(&[input_size, hidden_size]) {
        return None;
    }
    let mut inbox = Inbox::new(mailbox);
    let p = inbox.params(input_size, hidden_size)?;
    let x_t = inbox.vector(input_size)?;
    let h_prev = inbox.vector(hidden_size)?;
    let k = gate_values(&p, &x_t, &h_prev);
    let values: [(_, Curve); 4] = [
        (k.i_t, sigmoid_derivative),
        (k.f_t, sigmoid_derivative),
        (k.g_t, tanh_derivative),
        (k.o_t, sigmoid_derivative),
    ];
    let mut out = Vec::new();
    for (gate, (value, slope)) in p.blocks().into_iter().zip(values) {
        out.extend(preactivation(gate, &x_t, &h_prev).iter());
        out.extend(value.iter());
        out.extend(value.iter().map(|&y| slope(y)));
    }
    answer(mailbox, &out)
}

/// Points of an activation function. In: the ends of the interval. Out: `n` times a, the value and the
/// derivative. `kind` is 0 for σ and 1 for tanh.
pub fn curve(mailbox: &mut [f64], kind: usize, n: usize) -> Option<usize> {
    let (value, slope): (Curve, Curve) = match kind {
        0 => (sigmoid, sigmoid_derivative),
        1 => (tanh, tanh_derivative),
        _ => return None,
    };
    if !(2..=1000).contains(&n) {
        return None;
    }
    let (from, to) = (mailbox[0], mailbox[1]);
    let points = (0..n).flat_map(|k| {
        let a = from + (to - from) * k as f64 / (n - 1) as f64;
        let y = value(a);
        [a, y, slope(y)]
    });
    answer(mailbox, &points.collect::<Vec<_>>())
}
