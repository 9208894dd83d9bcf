//! One step of the LSTM.

use crate::State;
use lstm_gates::{GateValues, LstmParams, gates, tanh};
use nalgebra::{DVector, RealField};

// ANCHOR: step_values
/// The input of one step and every value computed from it, up to h_t.
#[derive(Clone, Debug, PartialEq)]
pub struct Step<T> {
    /// x_t, D.
    pub x_t: DVector<T>,
    /// i_t, f_t, g_t, o_t, each H.
    pub gates: GateValues<T>,
    /// c_t, H.
    pub c_t: DVector<T>,
    /// tanh(c_t), H: used in E7, and again in the backward pass in E10 and E11.
    pub tanh_c_t: DVector<T>,
    /// h_t, H.
    pub h_t: DVector<T>,
}
// ANCHOR_END: step_values

impl<T: RealField + Copy> Step<T> {
    /// The state that this step passes to the next.
    pub fn state(&self) -> State<T> {
        State {
            h: self.h_t.clone(),
            c: self.c_t.clone(),
        }
    }
}

// ANCHOR: cell_state
/// The new cell state: keep a part of the old one, add a part of the candidate.
///
/// ```text
/// c_t = f_t ⊙ c_{t−1} + i_t ⊙ g_t        (E6)
/// ```
/// Shapes: everything H.
pub fn cell_state<T: RealField + Copy>(k: &GateValues<T>, c_prev: &DVector<T>) -> DVector<T> {
    k.f_t.component_mul(c_prev) + k.i_t.component_mul(&k.g_t)
}
// ANCHOR_END: cell_state

// ANCHOR: hidden_state
/// The new hidden state: what the output gate lets through of the squashed cell.
///
/// ```text
/// h_t = o_t ⊙ tanh(c_t)                  (E7)
/// ```
/// Shapes: everything H.
pub fn hidden_state<T: RealField + Copy>(o_t: &DVector<T>, tanh_c_t: &DVector<T>) -> DVector<T> {
    o_t.component_mul(tanh_c_t)
}
// ANCHOR_END: hidden_state

// ANCHOR: step
/// One LSTM step.
///
/// ```text
/// i_t, f_t, g_t, o_t from x_t and h_{t−1}        (E1–E5)
/// c_t = f_t ⊙ c_{t−1} + i_t ⊙ g_t                (E6)
/// h_t = o_t ⊙ tanh(c_t)                          (E7)
/// ```
/// Shapes: `x_t` D; both states and every other field of the result H.
///
/// ```
/// use lstm_cell::{State, step};
/// use lstm_gates::LstmParams;
/// use nalgebra::dvector;
///
/// // H = D = 1; σ(ln 3) = 3/4, σ(0) = 1/2, tanh(ln 3) = 4/5.
/// let mut p = LstmParams::<f64>::zeros(1, 1);
/// p.f.b[0] = 3.0_f64.ln();
/// p.g.b[0] = 3.0_f64.ln();
/// let previous = State { h: dvector![0.0], c: dvector![2.0] };
/// let s = step(&p, &dvector![1.0], &previous);
/// assert_eq!(s.c_t[0], 1.9); // 3/4 · 2 + 1/2 · 4/5
/// assert_eq!(s.h_t[0], 0.5 * 1.9_f64.tanh()); // 0.478…
/// ```
///
/// # Panics
/// If the shapes do not fit.
pub fn step<T: RealField + Copy>(
    p: &LstmParams<T>,
    x_t: &DVector<T>,
    previous: &State<T>,
) -> Step<T> {
    let gates = gates(p, x_t, &previous.h);
    let c_t = cell_state(&gates, &previous.c);
    let tanh_c_t = c_t.map(tanh);
    let h_t = hidden_state(&gates.o_t, &tanh_c_t);
    Step {
        x_t: x_t.clone(),
        gates,
        c_t,
        tanh_c_t,
        h_t,
    }
}
// ANCHOR_END: step

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    /// All weights are zero but the biases, which fix the value of each gate.
    fn held(b_i: f64, b_f: f64, b_g: f64, b_o: f64) -> LstmParams<f64> {
        let mut p = LstmParams::zeros(2, 3);
        for (gate, b) in p.blocks_mut().into_iter().zip([b_i, b_f, b_g, b_o]) {
            gate.b.fill(b);
        }
        p
    }

    fn vector(n: usize) -> impl Strategy<Value = DVector<f64>> {
        prop::collection::vec(-3.0..3.0_f64, n).prop_map(DVector::from_vec)
    }

    const OPEN: f64 = 1e3;
    const SHUT: f64 = -1e3;

    proptest! {
        #[test]
        fn cell_keeps_memory_when_forget_is_one_and_input_is_zero(
            x_t in vector(2), h in vector(3), c in vector(3), b_g in -3.0..3.0_f64,
        ) {
            let s = step(&held(SHUT, OPEN, b_g, 0.0), &x_t, &State { h, c: c.clone() });
            prop_assert_eq!(s.c_t, c);
        }

        #[test]
        fn cell_is_rewritten_when_forget_is_zero_and_input_is_one(
            x_t in vector(2), h in vector(3), c in vector(3), b_g in -3.0..3.0_f64,
        ) {
            let s = step(&held(OPEN, SHUT, b_g, 0.0), &x_t, &State { h, c });
            prop_assert_eq!(&s.c_t, &s.gates.g_t);
        }

        #[test]
        fn a_shut_output_gate_hides_the_cell_and_does_not_change_it(
            x_t in vector(2), h in vector(3), c in vector(3),
        ) {
            let state = State { h, c };
            let shut = step(&held(0.3, 0.6, 0.9, SHUT), &x_t, &state);
            let open = step(&held(0.3, 0.6, 0.9, OPEN), &x_t, &state);
            prop_assert!(shut.h_t.iter().all(|&h| h == 0.0));
            prop_assert_eq!(&open.h_t, &open.c_t.map(f64::tanh));
            prop_assert_eq!(shut.c_t, open.c_t);
        }

        #[test]
        fn what_is_shown_is_smaller_than_one_however_large_the_cell(
            x_t in vector(2), h in vector(3), c in vector(3),
        ) {
            let s = step(&held(2.0, 2.0, 2.0, 2.0), &x_t, &State { h, c: c * 1e3 });
            prop_assert!(s.h_t.iter().all(|&h| h.abs() < 1.0));
        }
    }

    #[test]
    fn keep_and_write_add_up() {
        // (E6), (E7)
        // f = 1/4, i = 3/4, g = 4/5, o = 1/2 and c_{t−1} = (4, −4, 0).
        let ln3 = 3.0_f64.ln();
        let p = held(ln3, -ln3, ln3, 0.0);
        let previous = State {
            h: DVector::zeros(3),
            c: DVector::from_vec(vec![4.0, -4.0, 0.0]),
        };
        let s = step(&p, &DVector::zeros(2), &previous);
        let c_t = DVector::from_vec(vec![1.6, -0.4, 0.6]);
        assert_relative_eq!(s.c_t, c_t, epsilon = 1e-15);
        assert_relative_eq!(s.tanh_c_t, c_t.map(f64::tanh), epsilon = 1e-15);
        assert_relative_eq!(s.h_t, c_t.map(f64::tanh) / 2.0, epsilon = 1e-15);
        assert_eq!(
            s.state(),
            State {
                h: s.h_t.clone(),
                c: s.c_t.clone()
            }
        );
    }
}
