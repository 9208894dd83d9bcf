//! The equations that are not matrix products: one step of one sequence, element by element.

use super::BatchedTape;
use crate::BatchState;
use lstm_gates::{sigmoid, sigmoid_derivative, tanh, tanh_derivative};
use nalgebra::{DMatrix, RealField};

/// E2–E7 for one sequence at one step, in place.
pub(crate) fn step_column<T: RealField + Copy>(
    tape: &mut BatchedTape<T>,
    state: &mut BatchState<T>,
    b: usize,
    column: usize,
) {
    let h = state.h.nrows();
    let gates = column_slice(&mut tape.gates, column);
    let (i, gates) = gates.split_at_mut(h);
    let (f, gates) = gates.split_at_mut(h);
    let (g, o) = gates.split_at_mut(h);
    let h_t = column_slice(&mut state.h, b);
    let c_t = column_slice(&mut state.c, b);
    let tanh_c_t = column_slice(&mut tape.tanh_c, column);
    for j in 0..h {
        i[j] = sigmoid(i[j]); // E2
        f[j] = sigmoid(f[j]); // E3
        g[j] = tanh(g[j]); // E5
        o[j] = sigmoid(o[j]); // E4
        c_t[j] = f[j] * c_t[j] + i[j] * g[j]; // E6
        tanh_c_t[j] = tanh(c_t[j]);
        h_t[j] = o[j] * tanh_c_t[j]; // E7
    }
    column_slice(&mut tape.c, column).copy_from_slice(c_t);
    column_slice(&mut tape.h, column).copy_from_slice(h_t);
}

/// E10–E14 for one sequence at one step; `dnext` holds dh_t and dc_{t+1} ⊙ f_{t+1}, and gets dc_t ⊙ f_t.
pub(crate) fn step_back_column<T: RealField + Copy>(
    tape: &BatchedTape<T>,
    da: &mut DMatrix<T>,
    dnext: &mut BatchState<T>,
    c_prev: &[T],
    b: usize,
    column: usize,
) {
    let h = dnext.h.nrows();
    let gates = &tape.gates.as_slice()[column * 4 * h..][..4 * h];
    let tanh_c_t = &tape.tanh_c.as_slice()[column * h..][..h];
    let da = column_slice(da, column);
    let dh_t = &dnext.h.as_slice()[b * h..][..h];
    let dc = &mut dnext.c.as_mut_slice()[b * h..][..h];
    for j in 0..h {
        let (i, f, g, o) = (gates[j], gates[h + j], gates[2 * h + j], gates[3 * h + j]);
        let dc_t = dh_t[j] * o * tanh_derivative(tanh_c_t[j]) + dc[j]; // E11
        da[j] = dc_t * g * sigmoid_derivative(i); // E12
        da[h + j] = dc_t * c_prev[j] * sigmoid_derivative(f); // E13
        da[2 * h + j] = dc_t * i * tanh_derivative(g); // E14
        da[3 * h + j] = dh_t[j] * tanh_c_t[j] * sigmoid_derivative(o); // E10
        dc[j] = dc_t * f;
    }
}

fn column_slice<T>(m: &mut DMatrix<T>, column: usize) -> &mut [T] {
    let rows = m.nrows();
    &mut m.as_mut_slice()[column * rows..][..rows]
}
