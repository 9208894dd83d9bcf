//! Bidirectional stacks (E27): what they read, and their gradients, with dropout and ragged lengths.

use crate::oracles::agree;
use lstm_bptt::oracle::ScalarFunction;
use lstm_model::{
    Alone, BatchState, Batched, BidirectionalPass, BidirectionalStack, Direction, Dropout, Input,
    Layer, LayerDropout, Parameters, Pass, Span, Spec,
};
use nalgebra::{DMatrix, RealField, convert};
use proptest::prelude::*;
use rand::RngExt;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

/// L = Σ (outputs ⊙ weight) + Σ_l (u_l · h^l_T + v_l · c^l_T), a function of all weights and of x.
#[derive(Debug)]
struct Case {
    sizes: (usize, usize, usize),
    seq_len: usize,
    lengths: Vec<usize>,
    dropout: Option<LayerDropout>,
    theta: Vec<f64>,
    doutputs: DMatrix<f64>,
    dlast: Vec<BatchState<f64>>,
}

impl Case {
    fn span(&self) -> Span<'_> {
        Span {
            lengths: Some(&self.lengths),
            ..Span::full(self.seq_len, self.lengths.len())
        }
    }

    /// The stack and x that `theta` describes.
    fn build<R: Layer>(&self, theta: &[R::Scalar]) -> (BidirectionalStack<R>, DMatrix<R::Scalar>) {
        let (d, h, layers) = self.sizes;
        let mut stack = BidirectionalStack::<R>::zeros(d, h, layers);
        let mut rest = theta;
        for layer in &mut stack.layers {
            for half in [&mut layer.forward, &mut layer.backward] {
                let mut params = half.to_params();
                for slice in params.slices_mut() {
                    let (values, after) = rest.split_at(slice.len());
                    slice.copy_from_slice(values);
                    rest = after;
                }
                *half = R::from_params(&params);
            }
        }
        let tokens = self.seq_len * self.lengths.len();
        (stack, DMatrix::from_column_slice(d, tokens, rest))
    }

    fn pass<'a, T>(&'a self, x: &'a DMatrix<T>) -> BidirectionalPass<'a, T> {
        BidirectionalPass {
            x,
            span: self.span(),
            dropout: self.dropout,
            team: &Alone,
        }
    }

    /// dL/dθ by back-propagation, added to a gradient of ones.
    fn analytic<R: Layer<Scalar = f64>>(&self) -> Vec<f64> {
        let (stack, x) = self.build::<R>(&self.theta);
        let tape = stack.forward(self.pass(&x));
        let mut grad = stack.zeros_like();
        for slice in grad.slices_mut() {
            slice.fill(1.0);
        }
        let dx = stack.backward(
            self.pass(&x),
            &tape,
            self.doutputs.clone(),
            &self.dlast,
            &mut grad,
        );
        let halves = grad.layers.iter().flat_map(|l| [&l.forward, &l.backward]);
        let mut all: Vec<f64> = halves
            .flat_map(|r| r.to_params().slices().concat())
            .collect();
        all.iter_mut().for_each(|v| *v -= 1.0);
        all.extend(dx.iter());
        all
    }
}

impl ScalarFunction for Case {
    fn eval<T: RealField + Copy>(&self, theta: &[T]) -> T {
        let (stack, x) = self.build::<Spec<T>>(theta);
        let tape = stack.forward(self.pass(&x));
        let weigh = |w: &DMatrix<f64>, m: &DMatrix<T>| w.map(convert::<f64, T>).dot(m);
        let last = self.dlast.iter().zip(&tape.last);
        last.map(|(d, last)| weigh(&d.h, &last.h) + weigh(&d.c, &last.c))
            .fold(weigh(&self.doutputs, tape.output()), |sum, term| sum + term)
    }
}

prop_compose! {
    fn case()(
        d in 1..=3_usize, h in 1..=3_usize, layers in 1..=2_usize, batch_size in 1..=3_usize,
        seq_len in 1..=4_usize, is_dropped: bool, seed: u64,
    ) -> Case {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let lengths: Vec<usize> = (0..batch_size).map(|_| rng.random_range(0..=seq_len)).collect();
        let masks = Dropout { seed, step: 3, first_sequence: 1 };
        let mut matrix = |rows, columns| DMatrix::from_fn(rows, columns, |_, _| rng.random_range(-1.0..1.0));
        let mut doutputs = matrix(2 * h, batch_size * seq_len);
        for (n, mut column) in doutputs.column_iter_mut().enumerate() {
            // A padded step has no gradient.
            if n / batch_size >= lengths[n % batch_size] {
                column.fill(0.0);
            }
        }
        let weights = |d| 4 * h * (d + h + 1);
        let numbers = 2 * (weights(d) + (layers - 1) * weights(2 * h)) + d * batch_size * seq_len;
        Case {
            sizes: (d, h, layers),
            seq_len,
            theta: matrix(numbers, 1).as_slice().to_vec(),
            doutputs,
            dlast: (0..layers)
                .map(|_| BatchState { h: matrix(2 * h, batch_size), c: matrix(2 * h, batch_size) })
                .collect(),
            dropout: is_dropped.then_some(LayerDropout { masks, rate: 0.5, first_layer: 2 }),
            lengths,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn the_gradient_of_a_bidirectional_stack_agrees_with_both_oracles(case in case()) {
        let [spec, batched] = [case.analytic::<Spec<f64>>(), case.analytic::<Batched<f64>>()];
        agree(&case, &case.theta, [&spec, &batched]);
    }

    #[test]
    fn the_upper_half_reads_forward_and_the_lower_half_backward(case in case()) {
        let case = Case { dropout: None, ..case };
        let (stack, x) = case.build::<Batched<f64>>(&case.theta);
        let (tape, h) = (stack.forward(case.pass(&x)), case.sizes.1);
        let mut below = x;
        for (layer, last) in stack.layers.iter().zip(&tape.last) {
            let zero = BatchState::zeros(h, case.lengths.len());
            let read = |half: &Batched<f64>, direction| half.forward(Pass {
                input: Input::Dense(&below),
                initial: &zero,
                span: Span { direction, ..case.span() },
                team: &Alone,
            });
            let up = read(&layer.forward, Direction::Forward);
            let down = read(&layer.backward, Direction::Backward);
            prop_assert_eq!(last.h.rows(0, h), up.last.h);
            prop_assert_eq!(last.h.rows(h, h), down.last.h);
            prop_assert_eq!(last.c.rows(0, h), up.last.c);
            prop_assert_eq!(last.c.rows(h, h), down.last.c);
            let mut both = DMatrix::zeros(2 * h, below.ncols());
            both.rows_mut(0, h).copy_from(&up.outputs);
            both.rows_mut(h, h).copy_from(&down.outputs);
            below = both;
        }
        prop_assert_eq!(tape.output(), &below);
    }

    #[test]
    fn the_zero_states_of_a_bidirectional_stack_have_the_shapes_of_its_last_states(case in case()) {
        let (stack, x) = case.build::<Batched<f64>>(&case.theta);
        let tape = stack.forward(case.pass(&x));
        let zeros: Vec<_> = tape.last.iter().map(Parameters::zeros_like).collect();
        prop_assert_eq!(stack.zero_states(case.lengths.len()), zeros);
    }
}
