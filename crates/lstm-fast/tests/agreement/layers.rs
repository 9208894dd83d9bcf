//! A single layer with all options of `Layer`: ragged lengths, both directions, every kind of input, initial
//! states, gradients on the last state.

use crate::case::{Case, Kind, case, case_of, large_case, wide_case};
use crate::compare::{agree, same_bits};
use lstm_fast::{Fast, Level};
use lstm_model::{Alone, BatchState, Direction, Layer, Spec};
use lstm_train::Workers;
use nalgebra::DMatrix;
use proptest::prelude::*;
use std::panic::catch_unwind;

/// A decade above the largest difference in 600 cases, 1.5e−6 of a tensor's magnitude (dW_h). The difference
/// of the spec engine in single precision is 1.3e−6 (db).
const TOLERANCE: f64 = 1.5e-5;

/// A decade above the largest difference in 40 wide layers, 1.7e−6 (dx): the fast engine computes one sum
/// over 4H. The spec engine adds one sum for each gate; its difference is 7.8e−7 (c_T).
const WIDE_TOLERANCE: f64 = 1.8e-5;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_layer_agrees_with_the_spec_engine_in_double_precision(case in case()) {
        let expected = case.run::<Spec<f64>>();
        for level in Level::available() {
            agree(&level, &expected, &case.run_at(level), TOLERANCE)?;
        }
    }

    #[test]
    fn levels_that_fuse_multiplication_and_addition_give_the_same_bits(case in case()) {
        let levels = Level::available();
        let results: Vec<_> = levels[1..].iter().map(|&level| case.run_at(level)).collect();
        for pair in results.windows(2) {
            same_bits(&pair[0], &pair[1])?;
        }
    }

    #[test]
    fn no_gradient_reaches_the_padding_of_the_weights(case in case()) {
        for level in Level::available() {
            let (_, grad) = case.run_with_gradient(level, &Alone);
            prop_assert!(Fast::at(level, &grad.to_params()) == grad, "{}", level);
        }
    }

    #[test]
    fn the_same_layer_gives_the_same_bits_again(case in case()) {
        for level in Level::available() {
            let run = || case.run_at(level);
            same_bits(&run(), &run())?;
        }
    }

    #[test]
    fn numbers_left_in_memory_by_another_layer_change_no_bit(case in case()) {
        let mut nan = case.clone();
        nan.params.slices_mut().into_iter().for_each(|slice| slice.fill(f32::NAN));
        nan.lengths = None;
        for level in Level::available() {
            let expected = case.run_at(level);
            nan.run_at(level);
            for m in [&case.doutputs, &case.x, &case.table] {
                Fast::recycle(m.map(|_| f32::NAN));
            }
            same_bits(&expected, &case.run_at(level))?;
        }
    }

    #[test]
    fn what_stands_in_the_padding_of_a_batch_changes_no_bit(
        case in case(),
        value in prop_oneof![
            -1e6..1e6_f32,
            prop::sample::select(vec![f32::MAX, f32::INFINITY, f32::NAN]),
        ],
    ) {
        let mut other = case.clone();
        for t in 0..case.seq_len {
            for b in (0..case.batch_size).filter(|&b| !case.span().is_real(t, b)) {
                let column = t * case.batch_size + b;
                other.x.column_mut(column).fill(value);
                other.doutputs.column_mut(column).fill(value);
                other.ids[column] = 0;
            }
        }
        for level in Level::available() {
            same_bits(&case.run_at(level), &other.run_at(level))?;
        }
    }

    #[test]
    fn permuting_the_sequences_of_a_batch_permutes_the_results(
        (case, order) in case().prop_flat_map(|case| {
            let order: Vec<usize> = (0..case.batch_size).collect();
            (Just(case), Just(order).prop_shuffle())
        }),
    ) {
        let permuted = permuted(&case, &order);
        for level in Level::available() {
            let mut expected = case.run_at(level);
            for (name, tensor) in &mut expected {
                if is_per_sequence(name) {
                    *tensor = permuted_columns(tensor, &order);
                }
            }
            agree(&level, &expected, &permuted.run_at(level), TOLERANCE)?;
        }
    }

    #[test]
    fn reading_backward_is_reading_the_reversed_sequence_forward(case in case()) {
        let case = Case { lengths: None, ..case };
        let mirrored = mirrored(&case);
        for level in Level::available() {
            let mut found = mirrored.run_at(level);
            for (name, tensor) in &mut found {
                if name == "outputs" || name == "dx" {
                    *tensor = reversed(tensor, case.batch_size);
                }
            }
            agree(&level, &case.run_at(level), &found, TOLERANCE)?;
        }
    }

    #[test]
    fn where_there_is_nothing_to_read_the_states_and_their_gradients_pass_through(
        case in prop_oneof![
            case_of(Just(0), 0..=17_usize),
            case_of(0..=5_usize, Just(0)),
        ],
    ) {
        let expected = case.run::<Spec<f64>>();
        for level in Level::available() {
            same_bits(&expected, &case.run_at(level))?;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn threads_that_share_a_layer_change_no_bit(case in wide_case(), threads in 2..=4_usize) {
        let workers = Workers::new(threads).unwrap();
        for level in Level::available() {
            let alone = case.run_at(level);
            let (shared, _) = case.run_with_gradient(level, &workers.team());
            same_bits(&alone, &shared)?;
        }
    }

    #[test]
    fn a_wide_layer_agrees_with_the_spec_engine_in_double_precision(case in wide_case()) {
        let expected = case.run::<Spec<f64>>();
        for level in Level::available() {
            agree(&level, &expected, &case.run_at(level), WIDE_TOLERANCE)?;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2))]

    #[test]
    fn threads_that_share_a_large_batch_change_no_bit(case in large_case(), threads in 2..=4_usize) {
        let workers = Workers::new(threads).unwrap();
        for kind in [Kind::Dense, Kind::OneHot] {
            let case = Case { kind, ..case.clone() };
            // Every level shares the work in the same way, and the best one takes the least time.
            let level = Level::best();
            let (shared, _) = case.run_with_gradient(level, &workers.team());
            same_bits(&case.run_at(level), &shared)?;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_does_not_fit_the_layer_is_refused_as_by_the_spec_engine(case in case()) {
        let (d, h) = (case.params.input_size(), case.params.hidden_size());
        let (t, b) = (case.seq_len, case.batch_size);
        let resized = |m: &DMatrix<f32>, rows| m.clone().resize(rows, m.ncols(), 0.5);
        let change = |change: &dyn Fn(&mut Case)| {
            let mut case = case.clone();
            case.lengths = None;
            change(&mut case);
            case
        };
        for (what, misfit) in [
            ("x of another size", change(&|case| {
                (case.kind, case.x) = (Kind::Dense, resized(&case.x, d + 1));
            })),
            ("a table of another size", change(&|case| {
                (case.kind, case.table) = (Kind::FewKinds, resized(&case.table, d + 1));
                case.ids.fill(0);
            })),
            ("a one-hot token beyond D", change(&|case| {
                case.kind = Kind::OneHot;
                case.ids.fill(d as u32);
            })),
            ("h_0 of another size", change(&|case| case.initial.h = resized(&case.initial.h, h + 1))),
            ("c_0 of another size", change(&|case| case.initial.c = resized(&case.initial.c, h + 1))),
            ("gradients of another size", change(&|case| case.doutputs = resized(&case.doutputs, h + 1))),
            ("dh_T of another size", change(&|case| case.dlast.h = resized(&case.dlast.h, h + 1))),
            ("dc_T of another size", change(&|case| case.dlast.c = resized(&case.dlast.c, h + 1))),
            ("a length too many", change(&|case| case.lengths = Some(vec![t; b + 1]))),
            ("a length beyond T", change(&|case| case.lengths = Some(vec![t + 1; b]))),
        ] {
            prop_assert!(catch_unwind(|| misfit.run::<Spec<f64>>()).is_err(), "spec: {}", what);
            prop_assert!(catch_unwind(|| misfit.run::<Fast>()).is_err(), "fast: {}", what);
        }
    }
}

/// Whether a result has a column for each sequence, or one for each token.
fn is_per_sequence(name: &str) -> bool {
    ["outputs", "h_T", "c_T", "dh_0", "dc_0", "dx"].contains(&name)
}

/// The columns of every step permuted: column b becomes the old column `order[b]`.
fn permuted_columns<T: nalgebra::Scalar>(m: &DMatrix<T>, order: &[usize]) -> DMatrix<T> {
    let from = |n: usize| n / order.len() * order.len() + order[n % order.len()];
    DMatrix::from_fn(m.nrows(), m.ncols(), |r, n| m[(r, from(n))].clone())
}

fn permuted(case: &Case, order: &[usize]) -> Case {
    let columns = |m: &DMatrix<f32>| permuted_columns(m, order);
    let state = |state: &BatchState<f32>| BatchState {
        h: columns(&state.h),
        c: columns(&state.c),
    };
    let step = |ids: &[u32]| -> Vec<u32> { order.iter().map(|&b| ids[b]).collect() };
    Case {
        x: columns(&case.x),
        doutputs: columns(&case.doutputs),
        ids: case.ids.chunks(case.batch_size).flat_map(step).collect(),
        initial: state(&case.initial),
        dlast: state(&case.dlast),
        lengths: case
            .lengths
            .as_ref()
            .map(|lengths| order.iter().map(|&b| lengths[b]).collect()),
        ..case.clone()
    }
}

/// The steps in reverse order.
fn reversed<T: nalgebra::Scalar>(m: &DMatrix<T>, batch_size: usize) -> DMatrix<T> {
    let from = |n: usize| m.ncols() - batch_size - n / batch_size * batch_size + n % batch_size;
    DMatrix::from_fn(m.nrows(), m.ncols(), |r, n| m[(r, from(n))].clone())
}

fn mirrored(case: &Case) -> Case {
    let steps = case.ids.chunks(case.batch_size);
    Case {
        x: reversed(&case.x, case.batch_size),
        doutputs: reversed(&case.doutputs, case.batch_size),
        ids: steps.rev().flatten().copied().collect(),
        direction: match case.direction {
            Direction::Forward => Direction::Backward,
            Direction::Backward => Direction::Forward,
        },
        ..case.clone()
    }
}
