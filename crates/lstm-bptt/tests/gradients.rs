//! Every gradient of E9–E17 against dual numbers and central differences, tensor by tensor, on cases that
//! distinguish a right backward pass from a wrong one: weights of order 1, non-zero initial states, random
//! loss weights on every h_t and on h_T and c_T.

#[path = "gradients/misfits.rs"]
mod misfits;

use lstm_bptt::oracle::{ScalarFunction, central_gradient, disagreement, dual_gradient};
use lstm_bptt::{LossGradient, SequenceGradient, backward, backward_truncated};
use lstm_cell::{State, sequence};
use lstm_gates::{BLOCKS, LstmParams};
use nalgebra::{DVector, RealField, convert};
use proptest::prelude::*;

/// L = Σ_t dh_t · h_t + last.h · h_T + last.c · c_T, a function of all weights, inputs and h_0, c_0.
#[derive(Clone, Debug)]
struct Case {
    input_size: usize,
    hidden_size: usize,
    seq_len: usize,
    /// 12 tensors of weights, then x_1 … x_T, h_0, c_0.
    theta: Vec<f64>,
    loss: LossGradient<f64>,
}

struct Inputs<T> {
    p: LstmParams<T>,
    xs: Vec<DVector<T>>,
    initial: State<T>,
}

impl Case {
    fn inputs<T: RealField + Copy>(&self, theta: &[T]) -> Inputs<T> {
        let mut rest = theta.iter().copied();
        let mut p = LstmParams::zeros(self.input_size, self.hidden_size);
        for slice in p.slices_mut() {
            slice.fill_with(|| rest.next().unwrap());
        }
        let mut vector = |n| DVector::from_iterator(n, rest.by_ref().take(n));
        Inputs {
            p,
            xs: (0..self.seq_len).map(|_| vector(self.input_size)).collect(),
            initial: State {
                h: vector(self.hidden_size),
                c: vector(self.hidden_size),
            },
        }
    }

    fn run(&self, window: usize) -> (LstmParams<f64>, SequenceGradient<f64>) {
        let Inputs { p, xs, initial } = self.inputs(&self.theta);
        let tape = sequence(&p, &xs, initial).unwrap();
        let mut grad = LstmParams::zeros(self.input_size, self.hidden_size);
        let back = backward_truncated(&p, &tape, &self.loss, window, &mut grad).unwrap();
        (grad, back)
    }

    /// The names and lengths of the tensors in `theta`, in order.
    fn tensors(&self) -> Vec<(String, usize)> {
        let (d, h, t) = (self.input_size, self.hidden_size, self.seq_len);
        let weights = BLOCKS.iter().flat_map(|k| {
            [("w_x", h * d), ("w_h", h * h), ("b", h)].map(|(name, n)| (format!("{k}.{name}"), n))
        });
        let xs = (1..=t).map(|t| (format!("x_{t}"), d));
        weights
            .chain(xs)
            .chain([("h_0".into(), h), ("c_0".into(), h)])
            .collect()
    }
}

impl ScalarFunction for Case {
    fn eval<T: RealField + Copy>(&self, theta: &[T]) -> T {
        let Inputs { p, xs, initial } = self.inputs(theta);
        let tape = sequence(&p, &xs, initial).unwrap();
        let weigh = |w: &DVector<f64>, v: &DVector<T>| w.map(convert::<f64, T>).dot(v);
        let last = tape.last();
        let steps = tape.steps.iter().zip(&self.loss.dh);
        steps
            .map(|(s, dh_t)| weigh(dh_t, &s.h_t))
            .fold(T::zero(), |a, b| a + b)
            + weigh(&self.loss.last.h, &last.h)
            + weigh(&self.loss.last.c, &last.c)
    }
}

fn flatten(grad: &LstmParams<f64>, back: &SequenceGradient<f64>) -> Vec<f64> {
    let mut all = grad.slices().concat();
    all.extend(back.dx.iter().flat_map(|dx_t| dx_t.iter()));
    all.extend(back.initial.h.iter().chain(&back.initial.c));
    all
}

prop_compose! {
    fn case()(d in 1..=8_usize, h in 1..=8_usize, t in 1..=12_usize)(
        theta in prop::collection::vec(-1.0..1.0_f64, 4 * (h * d + h * h + h) + t * d + 2 * h),
        weights in prop::collection::vec(-1.0..1.0_f64, (t + 2) * h),
        d in Just(d), h in Just(h), t in Just(t),
    ) -> Case {
        let vector = |n: usize| DVector::from_column_slice(&weights[n * h..(n + 1) * h]);
        Case {
            input_size: d,
            hidden_size: h,
            seq_len: t,
            theta,
            loss: LossGradient {
                dh: (0..t).map(vector).collect(),
                last: State { h: vector(t), c: vector(t + 1) },
            },
        }
    }
}

/// A failure names the tensor, the index and both values.
fn agree(
    case: &Case,
    analytic: &[f64],
    oracle: &[f64],
    tolerance: f64,
) -> Result<(), TestCaseError> {
    let mut start = 0;
    for (name, len) in case.tensors() {
        let range = start..start + len;
        let worst = disagreement(&analytic[range.clone()], &oracle[range]);
        prop_assert!(worst.relative <= tolerance, "{}: {:?}", name, worst);
        start += len;
    }
    prop_assert_eq!(start, analytic.len());
    Ok(())
}

proptest! {
    // A wrong gradient is wrong nearly everywhere: a little shrinking finds a small case.
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_gradient_agrees_with_dual_numbers(case in case()) {
        let (grad, back) = case.run(case.seq_len);
        agree(&case, &flatten(&grad, &back), &dual_gradient(&case, &case.theta), 1e-12)?;
    }

    #[test]
    fn every_gradient_agrees_with_central_differences(case in case()) {
        let (grad, back) = case.run(case.seq_len);
        agree(&case, &flatten(&grad, &back), &central_gradient(&case, &case.theta), 1e-6)?;
    }

    #[test]
    fn truncation_at_full_length_is_plain_bptt(case in case(), beyond in 0..3_usize) {
        let Inputs { p, xs, initial } = case.inputs(&case.theta);
        let tape = sequence(&p, &xs, initial).unwrap();
        let mut grad = LstmParams::zeros(case.input_size, case.hidden_size);
        let back = backward(&p, &tape, &case.loss, &mut grad).unwrap();
        prop_assert_eq!((grad, back), case.run(case.seq_len + beyond));
    }

    #[test]
    fn truncated_windows_are_independent_passes_with_the_state_carried(
        case in case(), window in 1..=12_usize,
    ) {
        let Inputs { p, xs, mut initial } = case.inputs(&case.theta);
        let mut grad = LstmParams::zeros(case.input_size, case.hidden_size);
        let (mut dx, mut dc, mut first) = (Vec::new(), Vec::new(), None);
        let windows = xs.chunks(window).zip(case.loss.dh.chunks(window));
        let count = xs.chunks(window).len();
        for (n, (xs, dh)) in windows.enumerate() {
            let tape = sequence(&p, xs, initial).unwrap();
            initial = tape.last();
            let last = if n + 1 == count {
                case.loss.last.clone()
            } else {
                State::zeros(case.hidden_size)
            };
            let loss = LossGradient { dh: dh.to_vec(), last };
            let back = backward(&p, &tape, &loss, &mut grad).unwrap();
            dx.extend(back.dx);
            dc.extend(back.flow.dc);
            first.get_or_insert(back.initial);
        }
        let (cut_grad, cut) = case.run(window);
        prop_assert_eq!(dx, cut.dx);
        prop_assert_eq!(dc, cut.flow.dc);
        prop_assert_eq!(first.unwrap(), cut.initial);
        for (a, b) in grad.slices().concat().iter().zip(cut_grad.slices().concat()) {
            prop_assert!((a - b).abs() < 1e-12); // the same terms, added in another order
        }
    }

    #[test]
    fn gradients_are_added_to_what_is_there(case in case()) {
        let Inputs { p, xs, initial } = case.inputs(&case.theta);
        let tape = sequence(&p, &xs, initial).unwrap();
        let mut twice = LstmParams::zeros(case.input_size, case.hidden_size);
        for _ in 0..2 {
            backward(&p, &tape, &case.loss, &mut twice).unwrap();
        }
        let (once, _) = case.run(case.seq_len);
        for (a, b) in twice.slices().concat().iter().zip(once.slices().concat()) {
            prop_assert!((a - 2.0 * b).abs() < 1e-12);
        }
    }

    #[test]
    fn the_flow_is_the_gradient_of_the_state_between_two_halves(case in case(), cut in 1..12_usize) {
        prop_assume!(case.seq_len > 1);
        let cut = 1 + cut % (case.seq_len - 1);
        let Inputs { p, xs, initial } = case.inputs(&case.theta);
        let first = sequence(&p, &xs[..cut], initial).unwrap();
        let second = sequence(&p, &xs[cut..], first.last()).unwrap();
        let loss = LossGradient { dh: case.loss.dh[cut..].to_vec(), last: case.loss.last.clone() };
        let mut unused = LstmParams::zeros(case.input_size, case.hidden_size);
        let from_second = backward(&p, &second, &loss, &mut unused).unwrap().initial;
        // Step `cut` sees its own loss and what the second half sends back (E9, E11).
        let dh = &case.loss.dh[cut - 1] + &from_second.h;
        let s = &first.steps[cut - 1];
        let through_h = dh.component_mul(&s.gates.o_t).component_mul(&s.tanh_c_t.map(|y| 1.0 - y * y));
        let (_, whole) = case.run(case.seq_len);
        prop_assert!((whole.flow.dh[cut - 1] - dh.norm()).abs() < 1e-12);
        prop_assert!((whole.flow.dc[cut - 1] - (through_h + from_second.c).norm()).abs() < 1e-12);
        prop_assert_eq!((whole.flow.dh.len(), whole.flow.dc.len()), (case.seq_len, case.seq_len));
    }
}

#[test]
fn an_empty_sequence_hands_its_gradient_straight_back() {
    let p = LstmParams::<f64>::zeros(2, 3);
    let tape = sequence(&p, &[], State::zeros(3)).unwrap();
    let last = State {
        h: DVector::from_element(3, 2.0),
        c: DVector::from_element(3, 5.0),
    };
    let loss = LossGradient {
        dh: vec![],
        last: last.clone(),
    };
    let mut grad = LstmParams::zeros(2, 3);
    let back = backward(&p, &tape, &loss, &mut grad).unwrap();
    assert_eq!(back.initial, last);
    assert_eq!(grad, LstmParams::zeros(2, 3));
}
