//! A sequence of steps and the tape it leaves behind.

use crate::{CellError, State, Step, step};
use lstm_gates::LstmParams;
use nalgebra::{DVector, RealField};

// ANCHOR: tape
/// Everything a forward pass computed, in order: what the backward pass reads.
///
/// Stored for each step: x_t, i_t, f_t, g_t, o_t, c_t, tanh c_t and h_t. Nothing is recomputed.
#[derive(Clone, Debug, PartialEq)]
pub struct Tape<T> {
    /// h_0 and c_0.
    pub initial: State<T>,
    /// Steps 1 … T (`steps[0]` is step 1).
    pub steps: Vec<Step<T>>,
}
// ANCHOR_END: tape

impl<T: RealField + Copy> Tape<T> {
    /// T, the number of steps.
    pub fn seq_len(&self) -> usize {
        self.steps.len()
    }

    /// h_{t−1} of `steps[t]`.
    pub fn h_prev(&self, t: usize) -> &DVector<T> {
        if t == 0 {
            &self.initial.h
        } else {
            &self.steps[t - 1].h_t
        }
    }

    /// c_{t−1} of `steps[t]`.
    pub fn c_prev(&self, t: usize) -> &DVector<T> {
        if t == 0 {
            &self.initial.c
        } else {
            &self.steps[t - 1].c_t
        }
    }

    /// h_T and c_T, from which the next window can continue; the initial state if there is no step.
    pub fn last(&self) -> State<T> {
        self.steps
            .last()
            .map_or_else(|| self.initial.clone(), Step::state)
    }
}

// ANCHOR: sequence
/// The LSTM over a whole sequence (E1–E8): T times [`step`], each from the state before it.
///
/// Shapes: every element of `xs` D; both states of `initial` H.
///
/// ```
/// use lstm_cell::{State, sequence};
/// use lstm_gates::LstmParams;
/// use nalgebra::dvector;
///
/// // All weights zero: f = i = 1/2, g = 0, so the cell is halved at each step.
/// let p = LstmParams::<f64>::zeros(1, 1);
/// let initial = State { h: dvector![0.0], c: dvector![8.0] };
/// let tape = sequence(&p, &[dvector![1.0], dvector![2.0], dvector![3.0]], initial)?;
/// let cells: Vec<f64> = tape.steps.iter().map(|s| s.c_t[0]).collect();
/// assert_eq!(cells, [4.0, 2.0, 1.0]);
/// # Ok::<(), lstm_cell::CellError>(())
/// ```
///
/// # Errors
/// [`CellError`] if the shapes of the weights do not fit together, or if an input or a state has
/// another length.
pub fn sequence<T: RealField + Copy>(
    p: &LstmParams<T>,
    xs: &[DVector<T>],
    initial: State<T>,
) -> Result<Tape<T>, CellError> {
    check(p, xs, &initial)?;
    let mut tape = Tape {
        initial,
        steps: Vec::with_capacity(xs.len()),
    };
    for x_t in xs {
        let s = step(p, x_t, &tape.last());
        tape.steps.push(s);
    }
    Ok(tape)
}
// ANCHOR_END: sequence

fn check<T: RealField + Copy>(
    p: &LstmParams<T>,
    xs: &[DVector<T>],
    initial: &State<T>,
) -> Result<(), CellError> {
    p.check()?;
    let hidden_size = p.hidden_size();
    for (state, found) in [("h", initial.h.len()), ("c", initial.c.len())] {
        if found != hidden_size {
            return Err(CellError::StateLength {
                state,
                found,
                expected: hidden_size,
            });
        }
    }
    for (t, x_t) in xs.iter().enumerate() {
        if x_t.len() != p.input_size() {
            return Err(CellError::InputLength {
                t: t + 1,
                found: x_t.len(),
                expected: p.input_size(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use lstm_gates::Gate;
    use nalgebra::DMatrix;
    use proptest::prelude::*;

    const D: usize = 2;
    const H: usize = 3;

    fn numbers(n: usize) -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec(-1.5..1.5_f64, n)
    }

    fn gate() -> impl Strategy<Value = Gate<f64>> {
        (numbers(H * D), numbers(H * H), numbers(H)).prop_map(|(w_x, w_h, b)| Gate {
            w_x: DMatrix::from_vec(H, D, w_x),
            w_h: DMatrix::from_vec(H, H, w_h),
            b: DVector::from_vec(b),
        })
    }

    prop_compose! {
        fn params()(i in gate(), f in gate(), g in gate(), o in gate()) -> LstmParams<f64> {
            LstmParams { i, f, g, o }
        }
    }

    prop_compose! {
        fn state()(h in numbers(H), c in numbers(H)) -> State<f64> {
            State { h: DVector::from_vec(h), c: DVector::from_vec(c) }
        }
    }

    fn inputs() -> impl Strategy<Value = Vec<DVector<f64>>> {
        prop::collection::vec(numbers(D).prop_map(DVector::from_vec), 1..8)
    }

    /// Reorders the hidden units: rows of every tensor, and columns of W_h as well.
    fn permuted(p: &LstmParams<f64>, order: [usize; H]) -> LstmParams<f64> {
        let gate = |k: &Gate<f64>| Gate {
            w_x: k.w_x.select_rows(&order),
            w_h: k.w_h.select_rows(&order).select_columns(&order),
            b: k.b.select_rows(&order),
        };
        LstmParams {
            i: gate(&p.i),
            f: gate(&p.f),
            g: gate(&p.g),
            o: gate(&p.o),
        }
    }

    proptest! {
        #[test]
        fn permuting_hidden_units_permutes_the_output(
            p in params(), xs in inputs(), s in state(),
            // A swap of two and a rotation: a cell that reads a neighbour's c commutes with one of them.
            order in prop::sample::select(vec![[1, 0, 2], [2, 0, 1]]),
        ) {
            let tape = sequence(&p, &xs, s.clone()).unwrap();
            let turned_state = State { h: s.h.select_rows(&order), c: s.c.select_rows(&order) };
            let turned = sequence(&permuted(&p, order), &xs, turned_state).unwrap();
            for (a, b) in tape.steps.iter().zip(&turned.steps) {
                prop_assert!((a.h_t.select_rows(&order) - &b.h_t).amax() < 1e-14);
                prop_assert!((a.c_t.select_rows(&order) - &b.c_t).amax() < 1e-14);
            }
        }

        #[test]
        fn a_sequence_cut_in_two_with_the_state_carried_is_the_sequence(
            p in params(), xs in inputs(), s in state(), cut in 0..8_usize,
        ) {
            let cut = cut.min(xs.len());
            let whole = sequence(&p, &xs, s.clone()).unwrap();
            let first = sequence(&p, &xs[..cut], s).unwrap();
            let second = sequence(&p, &xs[cut..], first.last()).unwrap();
            let joined: Vec<_> = first.steps.into_iter().chain(second.steps).collect();
            prop_assert_eq!(joined, whole.steps);
        }

        #[test]
        fn the_past_does_not_see_the_future(p in params(), xs in inputs(), s in state()) {
            let mut changed = xs.clone();
            let last = changed.len() - 1;
            changed[last] *= -2.0;
            let a = sequence(&p, &xs, s.clone()).unwrap();
            let b = sequence(&p, &changed, s).unwrap();
            prop_assert_eq!(&a.steps[..last], &b.steps[..last]);
        }

        #[test]
        fn the_tape_links_each_step_to_the_one_before(p in params(), xs in inputs(), s in state()) {
            let tape = sequence(&p, &xs, s.clone()).unwrap();
            prop_assert_eq!(tape.seq_len(), xs.len());
            prop_assert_eq!((tape.h_prev(0), tape.c_prev(0)), (&s.h, &s.c));
            for (t, x_t) in xs.iter().enumerate() {
                let previous = State { h: tape.h_prev(t).clone(), c: tape.c_prev(t).clone() };
                prop_assert_eq!(&tape.steps[t].x_t, x_t);
                prop_assert_eq!(&step(&p, x_t, &previous), &tape.steps[t]);
            }
        }
    }

    #[test]
    fn inputs_and_states_of_another_length_are_named() {
        let p = LstmParams::<f64>::zeros(D, H);
        let (x, zero) = (DVector::zeros(D), State::zeros(H));
        let run = |xs: &[DVector<f64>], s: &State<f64>| {
            sequence(&p, xs, s.clone())
                .map(|_| ())
                .map_err(|e| e.to_string())
        };
        assert_eq!(
            run(&[x.clone(), DVector::zeros(5)], &zero).unwrap_err(),
            "x_2 has length 5, expected the input size 2"
        );
        let wrong_h = State {
            h: DVector::zeros(4),
            ..zero.clone()
        };
        let wrong_c = State {
            c: DVector::zeros(1),
            ..zero.clone()
        };
        assert_eq!(
            run(std::slice::from_ref(&x), &wrong_h).unwrap_err(),
            "initial h has length 4, expected the hidden size 3"
        );
        assert_eq!(
            run(&[x], &wrong_c).unwrap_err(),
            "initial c has length 1, expected the hidden size 3"
        );
        assert_eq!(run(&[], &zero), Ok(()));
        let mut broken = LstmParams::<f64>::zeros(D, H);
        broken.g.b = DVector::zeros(1);
        assert_eq!(
            sequence(&broken, &[], zero).unwrap_err().to_string(),
            "shape mismatch in gate g: b is 1×1, expected 3×1"
        );
    }
}
