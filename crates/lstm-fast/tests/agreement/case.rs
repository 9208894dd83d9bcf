//! Random cases of a layer, its input and its output gradients, drawn in f32 and run on any engine.

use crate::compare::Named;
use lstm_fast::{Fast, Level};
use lstm_gates::{BLOCKS, Gate, LstmParams};
use lstm_model::{Alone, BatchState, Direction, Input, Layer, Pass, Purpose, Span, Team};
use nalgebra::{DMatrix, RealField};
use proptest::prelude::*;
use rand::RngExt;

/// The kind of [`Input`] of a case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Dense,
    /// Embedded tokens with V ≤ T·B.
    FewKinds,
    /// Embedded tokens with V > T·B.
    ManyKinds,
    OneHot,
}

#[derive(Clone, Debug)]
pub struct Case {
    pub params: LstmParams<f32>,
    pub kind: Kind,
    pub x: DMatrix<f32>,
    pub table: DMatrix<f32>,
    /// The tokens, below V for a table of V columns and below D for one-hot input.
    pub ids: Vec<u32>,
    pub initial: BatchState<f32>,
    pub seq_len: usize,
    pub batch_size: usize,
    pub lengths: Option<Vec<usize>>,
    pub direction: Direction,
    pub doutputs: DMatrix<f32>,
    pub dlast: BatchState<f32>,
    /// The initial value to which the gradient of the weights is added.
    pub grad: LstmParams<f32>,
}

/// The number types of the engines: f32 and f64.
pub trait Scalar: RealField + Copy + From<f32> + Into<f64> {}

impl<T: RealField + Copy + From<f32> + Into<f64>> Scalar for T {}

pub fn widened<T: Scalar>(m: &DMatrix<f32>) -> DMatrix<T> {
    m.map(T::from)
}

pub fn to_f64<T: Scalar>(m: &DMatrix<T>) -> DMatrix<f64> {
    m.map(Into::into)
}

fn widened_state<T: Scalar>(state: &BatchState<f32>) -> BatchState<T> {
    BatchState {
        h: widened(&state.h),
        c: widened(&state.c),
    }
}

pub fn widened_params<T: Scalar>(params: &LstmParams<f32>) -> LstmParams<T> {
    let gate = |gate: &Gate<f32>| Gate {
        w_x: gate.w_x.map(T::from),
        w_h: gate.w_h.map(T::from),
        b: gate.b.map(T::from),
    };
    LstmParams {
        i: gate(&params.i),
        f: gate(&params.f),
        g: gate(&params.g),
        o: gate(&params.o),
    }
}

impl Case {
    pub fn span(&self) -> Span<'_> {
        Span {
            seq_len: self.seq_len,
            batch_size: self.batch_size,
            lengths: self.lengths.as_deref(),
            direction: self.direction,
        }
    }

    /// All results of a layer, and the gradient of its weights. `new` builds the layer.
    fn run_layer<R: Layer<Scalar: Scalar>>(
        &self,
        team: &dyn Team,
        new: impl Fn(&LstmParams<R::Scalar>) -> R,
    ) -> (Vec<Named>, R) {
        let layer = new(&widened_params(&self.params));
        let (x, table) = (widened(&self.x), widened(&self.table));
        let (ids, span) = (&self.ids, self.span());
        let input = match self.kind {
            Kind::Dense => Input::Dense(&x),
            Kind::FewKinds | Kind::ManyKinds => Input::Embedded { ids, table: &table },
            Kind::OneHot => Input::OneHot(ids),
        };
        let initial = widened_state(&self.initial);
        let pass = Pass {
            input,
            initial: &initial,
            span,
            team,
        };
        let forward = layer.forward(pass);
        let mut grad = new(&widened_params(&self.grad));
        let back = layer.backward(
            pass,
            &forward.tape,
            &widened(&self.doutputs),
            &widened_state(&self.dlast),
            &mut grad,
        );
        let mut results = vec![
            ("outputs".to_owned(), to_f64(&forward.outputs)),
            ("h_T".to_owned(), to_f64(&forward.last.h)),
            ("c_T".to_owned(), to_f64(&forward.last.c)),
            ("dh_0".to_owned(), to_f64(&back.dinitial.h)),
            ("dc_0".to_owned(), to_f64(&back.dinitial.c)),
        ];
        let name = match self.kind {
            Kind::Dense => "dx",
            _ => "dE",
        };
        let dinput = back.dinput.iter().map(to_f64);
        results.extend(dinput.map(|dinput| (name.to_owned(), dinput)));
        let canonical = grad.to_params();
        for (block, gate) in BLOCKS.into_iter().zip(canonical.blocks()) {
            let b = DMatrix::from_column_slice(gate.b.len(), 1, gate.b.as_slice());
            for (tensor, dw) in [("dW_x", &gate.w_x), ("dW_h", &gate.w_h), ("db", &b)] {
                results.push((format!("{tensor} of gate {block}"), to_f64(dw)));
            }
        }
        (results, grad)
    }

    /// All results of a layer by name.
    pub fn run<R: Layer<Scalar: Scalar>>(&self) -> Vec<Named> {
        self.run_layer(&Alone, R::from_params).0
    }

    /// All results of the fast layer with the instructions of `level`, and the gradient of its weights.
    pub fn run_with_gradient(&self, level: Level, team: &dyn Team) -> (Vec<Named>, Fast) {
        self.run_layer(team, |params| Fast::at(level, params))
    }

    /// All results of the fast layer with the instructions of `level`, by name.
    pub fn run_at(&self, level: Level) -> Vec<Named> {
        self.run_with_gradient(level, &Alone).0
    }
}

/// The number that fills registers or tiles, one less, and one more.
pub fn odd_sizes() -> impl Strategy<Value = usize> {
    prop::sample::select(vec![1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64])
}

/// Cases of all sizes that occur in training.
pub fn case() -> impl Strategy<Value = Case> {
    let batch_sizes = prop::sample::select(vec![1_usize, 2, 3, 5, 7, 8, 9, 16, 17, 31, 33]);
    case_of(1..=12_usize, batch_sizes)
}

/// Layers whose products have more than one block of inputs, and whose weights are prefetched.
pub fn wide_case() -> impl Strategy<Value = Case> {
    let hidden_sizes = prop::sample::select(vec![257, 300]);
    let input_sizes = prop::sample::select(vec![1, 33, 270]);
    let batch_sizes = prop::sample::select(vec![1_usize, 7, 17]);
    case_sized(input_sizes, hidden_sizes, 1..=3_usize, batch_sizes)
}

pub fn case_of(
    seq_lens: impl Strategy<Value = usize>,
    batch_sizes: impl Strategy<Value = usize>,
) -> impl Strategy<Value = Case> {
    case_sized(odd_sizes(), odd_sizes(), seq_lens, batch_sizes)
}

/// One step of a batch so large that even the sums of da are shared out among the threads of a team. Dense
/// and one-hot input are both possible.
pub fn large_case() -> impl Strategy<Value = Case> {
    let case = case_sized(Just(5), Just(520), Just(1), Just(257));
    case.prop_map(|case| Case {
        ids: case.ids.iter().map(|id| id % 5).collect(),
        ..case
    })
}

prop_compose! {
    fn case_sized(
        input_sizes: impl Strategy<Value = usize>,
        hidden_sizes: impl Strategy<Value = usize>,
        seq_lens: impl Strategy<Value = usize>,
        batch_sizes: impl Strategy<Value = usize>,
    )(
        d in input_sizes, h in hidden_sizes, seq_len in seq_lens, batch_size in batch_sizes,
        few in any::<prop::sample::Index>(), more in 1..=40_usize,
        ragged: bool, backward: bool, seed: u64,
        kind in prop::sample::select(vec![Kind::Dense, Kind::FewKinds, Kind::ManyKinds, Kind::OneHot]),
    ) -> Case {
        let mut rng = Purpose::Check.rng(seed, 0, 0);
        let tokens = batch_size * seq_len;
        let vocab_size = match kind {
            Kind::FewKinds => 1 + few.index(tokens.max(1)),
            Kind::ManyKinds => tokens + more,
            Kind::Dense | Kind::OneHot => d,
        };
        let lengths = ragged.then(|| (0..batch_size).map(|_| rng.random_range(0..=seq_len)).collect());
        let ids = (0..tokens).map(|_| rng.random_range(0..vocab_size as u32)).collect();
        let mut params = |bound: f32| {
            let mut params = LstmParams::zeros(d, h);
            for slice in params.slices_mut() {
                slice.fill_with(|| rng.random_range(-bound..bound));
            }
            params
        };
        let (params, grad) = (params(2.0 / (h as f32).sqrt()), params(1.0));
        let mut matrix = |rows, columns| DMatrix::from_fn(rows, columns, |_, _| rng.random_range(-1.0..1.0));
        let mut state = |h| BatchState { h: matrix(h, batch_size), c: matrix(h, batch_size) };
        Case {
            params, grad, kind, ids, seq_len, batch_size, lengths,
            initial: state(h),
            dlast: state(h),
            x: matrix(d, tokens),
            table: matrix(d, vocab_size),
            doutputs: matrix(h, tokens),
            direction: if backward { Direction::Backward } else { Direction::Forward },
        }
    }
}
