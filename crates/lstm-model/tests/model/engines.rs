//! The layers of every engine against the spec engine, with all options of `Layer`: ragged lengths, both
//! directions, dense, embedded and one-hot input, initial states, gradients on the last state.

use lstm_gates::{Init, LstmParams};
use lstm_model::{Alone, BatchState, Batched, Direction, Input, Layer, Pass, Span, Spec};
use nalgebra::DMatrix;
use proptest::prelude::*;
use rand::RngExt;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use std::collections::HashMap;

/// The kind of [`Input`] of a case.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Dense,
    Embedded,
    OneHot,
}

#[derive(Clone, Debug)]
struct Case {
    params: LstmParams<f64>,
    kind: Kind,
    x: DMatrix<f64>,
    table: DMatrix<f64>,
    /// The tokens, below V for a table of V columns and below D for one-hot input.
    ids: Vec<u32>,
    initial: BatchState<f64>,
    seq_len: usize,
    lengths: Option<Vec<usize>>,
    direction: Direction,
    doutputs: DMatrix<f64>,
    dlast: BatchState<f64>,
}

/// All results of a layer by name.
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

    fn run<R: Layer<Scalar = f64>>(&self) -> Results {
        let layer = R::from_params(&self.params);
        let input = match self.kind {
            Kind::Dense => Input::Dense(&self.x),
            Kind::Embedded => Input::Embedded {
                ids: &self.ids,
                table: &self.table,
            },
            Kind::OneHot => Input::OneHot(&self.ids),
        };
        let pass = Pass {
            input,
            initial: &self.initial,
            span: self.span(),
            team: &Alone,
        };
        let forward = layer.forward(pass);
        let mut grad = layer.zeros_like();
        let back = layer.backward(pass, &forward.tape, &self.doutputs, &self.dlast, &mut grad);
        let flat = |m: &DMatrix<f64>| m.as_slice().to_vec();
        vec![
            ("outputs", flat(&forward.outputs)),
            ("h_T", flat(&forward.last.h)),
            ("c_T", flat(&forward.last.c)),
            ("dinput", back.dinput.as_ref().map(flat).unwrap_or_default()),
            ("dh_0", flat(&back.dinitial.h)),
            ("dc_0", flat(&back.dinitial.c)),
            ("weights", grad.to_params().slices().concat()),
        ]
    }
}

fn case() -> impl Strategy<Value = Case> {
    case_of(1..=7_usize)
}

prop_compose! {
    fn case_of(seq_lens: impl Strategy<Value = usize>)(
        d in 1..=9_usize, h in 1..=9_usize, batch_size in 1..=5_usize, seq_len in seq_lens,
        vocab_size in 1..=9_usize, ragged: bool, backward: bool, seed: u64,
        kind in prop::sample::select(vec![Kind::Dense, Kind::Embedded, Kind::OneHot]),
    ) -> Case {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut params = LstmParams::init(Init::GlorotOrthogonal, d, h, &mut rng);
        for slice in params.slices_mut() {
            slice.fill_with(|| rng.random_range(-1.0..1.0));
        }
        let tokens = batch_size * seq_len;
        let lengths = ragged.then(|| (0..batch_size).map(|_| rng.random_range(0..=seq_len)).collect());
        let kinds = if kind == Kind::OneHot { d } else { vocab_size } as u32;
        let ids = (0..tokens).map(|_| rng.random_range(0..kinds)).collect();
        let mut matrix = |rows, columns| DMatrix::from_fn(rows, columns, |_, _| rng.random_range(-1.0..1.0));
        let mut state = |h| BatchState { h: matrix(h, batch_size), c: matrix(h, batch_size) };
        Case {
            params, kind, ids, seq_len, lengths,
            initial: state(h),
            dlast: state(h),
            x: matrix(d, tokens),
            table: matrix(d, vocab_size),
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
    fn what_stands_in_the_padding_changes_nothing(
        case in case(),
        junk in prop::sample::select(vec![1e3, f64::MAX, f64::INFINITY, f64::NAN]),
    ) {
        prop_assume!(case.lengths.is_some());
        let mut other = case.clone();
        for t in 0..case.seq_len {
            for b in (0..case.initial.h.ncols()).filter(|&b| !case.span().is_real(t, b)) {
                let column = t * case.initial.h.ncols() + b;
                other.x.column_mut(column).fill(junk);
                other.doutputs.column_mut(column).fill(junk);
                other.ids[column] = 0;
            }
        }
        prop_assert_eq!(case.run::<Spec<f64>>(), other.run::<Spec<f64>>());
        prop_assert_eq!(case.run::<Batched<f64>>(), other.run::<Batched<f64>>());
    }

    #[test]
    fn a_ragged_batch_is_its_sequences_one_by_one(case in case()) {
        one_by_one::<Spec<f64>>(&case)?;
        one_by_one::<Batched<f64>>(&case)?;
    }

    #[test]
    fn reading_backward_is_reading_the_reversed_sequence_forward(case in case()) {
        let case = Case { lengths: None, ..case };
        let (batch_size, seq_len) = (case.initial.h.ncols(), case.seq_len);
        let reversed = |m: &DMatrix<f64>| {
            DMatrix::from_fn(m.nrows(), m.ncols(), |r, n| {
                m[(r, (seq_len - 1 - n / batch_size) * batch_size + n % batch_size)]
            })
        };
        let mirrored = Case {
            x: reversed(&case.x),
            ids: case.ids.chunks(batch_size).rev().flatten().copied().collect(),
            doutputs: reversed(&case.doutputs),
            direction: match case.direction {
                Direction::Forward => Direction::Backward,
                Direction::Backward => Direction::Forward,
            },
            ..case.clone()
        };
        let mut results = mirrored.run::<Batched<f64>>();
        // The results with a column for each token. dE has a column for each token of the vocabulary.
        let per_token = |name: &str| name == "outputs" || (name == "dinput" && case.kind != Kind::Embedded);
        for (_, values) in results.iter_mut().filter(|(name, _)| per_token(name)) {
            let rows = values.len() / (batch_size * seq_len);
            *values = reversed(&DMatrix::from_column_slice(rows, batch_size * seq_len, values)).as_slice().to_vec();
        }
        agree(&case.run::<Batched<f64>>(), &results, 1e-12)?;
    }

    #[test]
    fn one_hot_input_is_the_dense_input_with_ones_in_it(case in case()) {
        let d = case.params.input_size() as u32;
        let ids: Vec<u32> = case.ids.iter().map(|id| id % d).collect();
        let mut dense = Case { kind: Kind::Dense, ..case.clone() };
        dense.x.fill(0.0);
        for (column, &id) in ids.iter().enumerate() {
            dense.x[(id as usize, column)] = 1.0;
        }
        let one_hot = Case { kind: Kind::OneHot, ids, ..case };
        let same = |dense: Results, one_hot: Results| {
            agree(&without_dinput(dense), &without_dinput(one_hot), 1e-12)
        };
        same(dense.run::<Batched<f64>>(), one_hot.run::<Batched<f64>>())?;
        same(dense.run::<Spec<f64>>(), one_hot.run::<Spec<f64>>())?;
    }

    #[test]
    fn an_embedded_input_is_the_dense_input_of_its_columns(case in case()) {
        embedded_is_dense::<Spec<f64>>(&case)?;
        embedded_is_dense::<Batched<f64>>(&case)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// The batched engine transposes 512 columns at a time.
    #[test]
    fn more_tokens_than_a_block_change_no_sum(case in case_of(prop::sample::select(vec![512, 513, 700]))) {
        agree(&case.run::<Spec<f64>>(), &case.run::<Batched<f64>>(), 1e-9)?;
    }
}

fn without_dinput(results: Results) -> Results {
    let kept = |(name, _): &(&str, Vec<f64>)| *name != "dinput";
    results.into_iter().filter(kept).collect()
}

/// x_t = E\[:, s_t\] and dE\[:, s\] = Σ_{t: s_t = s} dx_t (E19), to the bit.
fn embedded_is_dense<R: Layer<Scalar = f64>>(case: &Case) -> Result<(), TestCaseError> {
    let (d, vocab_size) = case.table.shape();
    let ids: Vec<u32> = case.ids.iter().map(|id| id % vocab_size as u32).collect();
    let dense = Case {
        kind: Kind::Dense,
        x: DMatrix::from_fn(d, ids.len(), |r, n| case.table[(r, ids[n] as usize)]),
        ..case.clone()
    };
    let embedded = Case {
        kind: Kind::Embedded,
        ids,
        ..case.clone()
    };
    let mut expected = dense.run::<R>();
    for (_, values) in expected.iter_mut().filter(|(name, _)| *name == "dinput") {
        let mut de = DMatrix::zeros(d, vocab_size);
        for (dx_t, &id) in values.chunks_exact(d).zip(&embedded.ids) {
            for (r, dx) in dx_t.iter().enumerate() {
                de[(r, id as usize)] += dx;
            }
        }
        *values = de.as_slice().to_vec();
    }
    agree(&expected, &embedded.run::<R>(), 0.0)
}

/// Every sequence of a ragged batch gives what it gives alone, cut to its length; its padding outputs the state
/// before the first token that is read or after the last one.
fn one_by_one<R: Layer<Scalar = f64>>(case: &Case) -> Result<(), TestCaseError> {
    let batch_size = case.initial.h.ncols();
    let lengths = case
        .lengths
        .clone()
        .unwrap_or_else(|| vec![case.seq_len; batch_size]);
    let named = |results: Results| results.into_iter().collect::<HashMap<_, _>>();
    let (whole, h) = (named(case.run::<R>()), case.params.hidden_size());
    let column = |values: &[f64], n: usize| values[n * h..(n + 1) * h].to_vec();
    for (b, &len) in lengths.iter().enumerate() {
        let columns: Vec<usize> = (0..len).map(|t| t * batch_size + b).collect();
        let single = Case {
            seq_len: len,
            lengths: None,
            initial: case.initial.columns(b, b + 1),
            dlast: case.dlast.columns(b, b + 1),
            x: case.x.select_columns(&columns),
            ids: columns.iter().map(|&n| case.ids[n]).collect(),
            doutputs: case.doutputs.select_columns(&columns),
            ..case.clone()
        };
        let alone = named(single.run::<R>());
        let mut expected = alone["outputs"].clone();
        let padding = match case.direction {
            Direction::Forward => alone["h_T"].clone(),
            Direction::Backward => single.initial.h.as_slice().to_vec(),
        };
        expected.extend(padding.repeat(case.seq_len - len));
        let found = (0..case.seq_len).flat_map(|t| column(&whole["outputs"], t * batch_size + b));
        let mut pairs = vec![("outputs", expected, found.collect())];
        for name in ["h_T", "c_T", "dh_0", "dc_0"] {
            pairs.push((name, alone[name].clone(), column(&whole[name], b)));
        }
        for (name, expected, found) in pairs {
            agree(&vec![(name, expected)], &vec![(name, found)], 1e-12)?;
        }
    }
    Ok(())
}
