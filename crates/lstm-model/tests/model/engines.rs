//! Every engine against the spec engine, layer by layer, with all that the seam allows: ragged
//! lengths, both directions, dense and one-hot input, initial states, gradients on the last state.

use lstm_gates::{Init, LstmParams};
use lstm_model::{BatchState, Batched, Direction, Input, Recurrent, Span, Spec};
use nalgebra::DMatrix;
use proptest::prelude::*;
use rand::RngExt;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

#[derive(Clone, Debug)]
struct Case {
    params: LstmParams<f64>,
    x: DMatrix<f64>,
    ids: Vec<u32>,
    one_hot: bool,
    initial: BatchState<f64>,
    seq_len: usize,
    lengths: Option<Vec<usize>>,
    direction: Direction,
    doutputs: DMatrix<f64>,
    dlast: BatchState<f64>,
}

/// All that a layer gives, named.
type Results = Vec<(&'static str, Vec<f64>)>;

impl Case {
    fn span(&self) -> Span<'_> {
        Span {
            seq_len: self.seq_len,
            batch_size: self.initial.h.ncols(),
            lengths: self.lengths.as_deref(),
            direction: self.direction,
        }
    }

    fn run<R: Recurrent<Scalar = f64>>(&self) -> Results {
        let layer = R::from_params(&self.params);
        let input = if self.one_hot {
            Input::OneHot(&self.ids)
        } else {
            Input::Dense(&self.x)
        };
        let forward = layer.forward(input, &self.initial, &self.span());
        let mut grad = layer.zeros_like();
        let back = layer.backward(
            &forward.tape,
            input,
            &self.initial,
            &self.span(),
            &self.doutputs,
            &self.dlast,
            &mut grad,
        );
        let flat = |m: &DMatrix<f64>| m.as_slice().to_vec();
        vec![
            ("outputs", flat(&forward.outputs)),
            ("h_T", flat(&forward.last.h)),
            ("c_T", flat(&forward.last.c)),
            ("dx", back.dinput.as_ref().map(flat).unwrap_or_default()),
            ("dh_0", flat(&back.dinitial.h)),
            ("dc_0", flat(&back.dinitial.c)),
            ("weights", grad.to_params().slices().concat()),
        ]
    }
}

prop_compose! {
    fn case()(
        d in 1..=9_usize, h in 1..=9_usize, batch_size in 1..=5_usize, seq_len in 1..=7_usize,
        ragged: bool, backward: bool, one_hot: bool, seed: u64,
    ) -> Case {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut params = LstmParams::init(Init::GlorotOrthogonal, d, h, &mut rng);
        for slice in params.slices_mut() {
            slice.fill_with(|| rng.random_range(-1.0..1.0));
        }
        let tokens = batch_size * seq_len;
        let lengths = ragged.then(|| (0..batch_size).map(|_| rng.random_range(0..=seq_len)).collect());
        let ids = (0..tokens).map(|_| rng.random_range(0..d as u32)).collect();
        let mut matrix = |rows, columns| DMatrix::from_fn(rows, columns, |_, _| rng.random_range(-1.0..1.0));
        let mut state = |h| BatchState { h: matrix(h, batch_size), c: matrix(h, batch_size) };
        Case {
            params, ids, one_hot, seq_len, lengths,
            initial: state(h),
            dlast: state(h),
            x: matrix(d, tokens),
            doutputs: matrix(h, tokens),
            direction: if backward { Direction::Backward } else { Direction::Forward },
        }
    }
}

fn agree(expected: &Results, found: &Results, tolerance: f64) -> Result<(), TestCaseError> {
    for ((name, expected), (_, found)) in expected.iter().zip(found) {
        prop_assert_eq!(expected.len(), found.len(), "{}", name);
        for (n, (e, f)) in expected.iter().zip(found).enumerate() {
            prop_assert!(
                (e - f).abs() <= tolerance,
                "{name}[{n}]: expected {e}, found {f}"
            );
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn the_batched_engine_agrees_with_the_spec_engine(case in case()) {
        agree(&case.run::<Spec<f64>>(), &case.run::<Batched<f64>>(), 1e-12)?;
    }

    #[test]
    fn an_engine_gives_the_canonical_weights_back_to_the_bit(case in case()) {
        prop_assert_eq!(&Batched::from_params(&case.params).to_params(), &case.params);
        prop_assert_eq!(&Spec::from_params(&case.params).to_params(), &case.params);
    }

    #[test]
    fn what_stands_in_the_padding_changes_nothing(case in case()) {
        prop_assume!(case.lengths.is_some());
        let mut other = case.clone();
        for t in 0..case.seq_len {
            for b in (0..case.initial.h.ncols()).filter(|&b| !case.span().is_real(t, b)) {
                let column = t * case.initial.h.ncols() + b;
                other.x.column_mut(column).fill(1e3);
                other.doutputs.column_mut(column).fill(1e3);
                other.ids[column] = 0;
            }
        }
        prop_assert_eq!(case.run::<Spec<f64>>(), other.run::<Spec<f64>>());
        prop_assert_eq!(case.run::<Batched<f64>>(), other.run::<Batched<f64>>());
    }

    #[test]
    fn reading_backward_is_reading_the_reversed_sequence_forward(case in case()) {
        prop_assume!(!case.one_hot && case.lengths.is_none());
        let (batch_size, seq_len) = (case.initial.h.ncols(), case.seq_len);
        let reversed = |m: &DMatrix<f64>| {
            DMatrix::from_fn(m.nrows(), m.ncols(), |r, n| {
                m[(r, (seq_len - 1 - n / batch_size) * batch_size + n % batch_size)]
            })
        };
        let mirrored = Case {
            x: reversed(&case.x),
            doutputs: reversed(&case.doutputs),
            direction: match case.direction {
                Direction::Forward => Direction::Backward,
                Direction::Backward => Direction::Forward,
            },
            ..case.clone()
        };
        let mut results = mirrored.run::<Batched<f64>>();
        for (_, values) in results.iter_mut().filter(|(name, _)| ["outputs", "dx"].contains(name)) {
            let rows = values.len() / (batch_size * seq_len);
            *values = reversed(&DMatrix::from_column_slice(rows, batch_size * seq_len, values)).as_slice().to_vec();
        }
        agree(&case.run::<Batched<f64>>(), &results, 1e-12)?;
    }

    #[test]
    fn one_hot_input_is_the_dense_input_with_ones_in_it(case in case()) {
        let mut dense = Case { one_hot: false, ..case.clone() };
        dense.x.fill(0.0);
        for (column, &id) in case.ids.iter().enumerate() {
            dense.x[(id as usize, column)] = 1.0;
        }
        let without_dx = |results: Results| -> Results {
            results.into_iter().filter(|(name, _)| *name != "dx").collect()
        };
        let one_hot = Case { one_hot: true, ..case };
        agree(&without_dx(dense.run::<Batched<f64>>()), &without_dx(one_hot.run::<Batched<f64>>()), 1e-12)?;
        agree(&without_dx(dense.run::<Spec<f64>>()), &without_dx(one_hot.run::<Spec<f64>>()), 1e-12)?;
    }
}
