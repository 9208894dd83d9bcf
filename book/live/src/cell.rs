//! A cell over a sequence.

use crate::mailbox::{Inbox, answer, in_range};
use lstm_cell::{State, Step, sequence};

/// E1–E8 over T steps. In: weights, h_0, c_0, x_1 … x_T. Out, for each step: [`row`].
pub fn cell(
    mailbox: &mut [f64],
    input_size: usize,
    hidden_size: usize,
    seq_len: usize,
) -> Option<usize> {
    if !in_range(&[input_size, hidden_size, seq_len]) {
        return None;
    }
    let mut inbox = Inbox::new(mailbox);
    let p = inbox.params(input_size, hidden_size)?;
    let initial = State {
        h: inbox.vector(hidden_size)?,
        c: inbox.vector(hidden_size)?,
    };
    let xs = inbox.vectors(seq_len, input_size)?;
    let tape = sequence(&p, &xs, initial).ok()?;
    let out: Vec<f64> = tape.steps.iter().flat_map(row).collect();
    answer(mailbox, &out)
}

/// One step as the page shows it: i, f, g, o, c, tanh(c), h, H numbers each.
pub fn row(s: &Step<f64>) -> Vec<f64> {
    let k = &s.gates;
    [&k.i_t, &k.f_t, &k.g_t, &k.o_t, &s.c_t, &s.tanh_c_t, &s.h_t]
        .into_iter()
        .flat_map(|v| v.iter().copied())
        .collect()
}
