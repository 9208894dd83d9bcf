//! The LSTM with options: without them it is the spec's, and every gradient has two oracles.

use lstm_bptt::oracle::{ScalarFunction, central_gradient, disagreement, dual_gradient};
use lstm_cell::State;
use lstm_exchange::variant::{
    Activation, Block, Case, Direction, Gradients, Loss, Mistake, Options, Padding, Weights,
};
use nalgebra::{DMatrix, DVector, RealField, convert};

/// Numbers of order 1 without a pattern.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 / (1u64 << 53) as f64) * 2.0 - 1.0
    }

    fn vector(&mut self, n: usize) -> DVector<f64> {
        DVector::from_fn(n, |_, _| self.next())
    }

    fn matrix(&mut self, rows: usize, columns: usize) -> DMatrix<f64> {
        DMatrix::from_fn(rows, columns, |_, _| self.next())
    }
}

/// What a case has beyond the spec's LSTM.
#[derive(Clone, Copy, Debug)]
struct Shape {
    layers: usize,
    directions: usize,
    peepholes: bool,
    projection: Option<usize>,
    options: Options,
    padding: Padding,
    in_reading_order: bool,
    only_reverse: bool,
    ragged: bool,
    window: Option<usize>,
}

const PLAIN: Options = Options {
    gate: Activation::Sigmoid,
    candidate: Activation::Tanh,
    cell: Activation::Tanh,
    clip: None,
    coupled: false,
};

const SPEC: Shape = Shape {
    layers: 1,
    directions: 1,
    peepholes: false,
    projection: None,
    options: PLAIN,
    padding: Padding::Zero,
    in_reading_order: false,
    only_reverse: false,
    ragged: false,
    window: None,
};

fn case(shape: Shape, seed: u64) -> Case<f64> {
    let mut n = Numbers(seed);
    let (d, h, seq_len, batch_size) = (2, 3, 4, 2);
    let r = shape.projection.unwrap_or(h);
    let mut layers = Vec::new();
    for l in 0..shape.layers {
        let inputs = if l == 0 { d } else { r * shape.directions };
        let mut layer = Vec::new();
        for direction in 0..shape.directions {
            let block = |n: &mut Numbers| Block {
                w_x: n.matrix(h, inputs),
                w_h: n.matrix(h, r),
                b_x: n.vector(h),
                b_h: n.vector(h),
            };
            layer.push(Direction {
                weights: Weights {
                    blocks: [block(&mut n), block(&mut n), block(&mut n), block(&mut n)],
                    peepholes: shape
                        .peepholes
                        .then(|| [n.vector(h), n.vector(h), n.vector(h)]),
                    projection: shape.projection.map(|r| n.matrix(r, h)),
                },
                options: shape.options,
                reverse: direction == 1 || shape.only_reverse,
            });
        }
        layers.push(layer);
    }
    let states = |n: &mut Numbers| -> Vec<Vec<State<f64>>> {
        let one = |n: &mut Numbers| State {
            h: n.vector(r),
            c: n.vector(h),
        };
        (0..shape.layers * shape.directions)
            .map(|_| (0..batch_size).map(|_| one(n)).collect())
            .collect()
    };
    let initial = states(&mut n);
    let last = states(&mut n);
    let sequences = |n: &mut Numbers, size: usize| -> Vec<Vec<DVector<f64>>> {
        (0..batch_size)
            .map(|_| (0..seq_len).map(|_| n.vector(size)).collect())
            .collect()
    };
    Case {
        layers,
        x: sequences(&mut n, d),
        lengths: if shape.ragged { vec![4, 2] } else { vec![4, 4] },
        initial,
        padding: shape.padding,
        in_reading_order: shape.in_reading_order,
        window: shape.window,
        loss: Loss {
            wy: sequences(&mut n, r * shape.directions),
            last,
        },
    }
}

/// The numbers that gradients are taken of, replaced one after another.
fn rebuild<T: RealField + Copy>(case: &Case<f64>, theta: &[T]) -> Case<T> {
    let mut numbers = theta.iter().copied();
    let mut next = || numbers.next().expect("one number each");
    let mut vector = |v: &DVector<f64>| v.map(|_| next());
    let directions: Vec<Direction<T>> = case
        .directions()
        .map(|direction| Direction {
            weights: Weights {
                blocks: direction.weights.blocks.each_ref().map(|block| {
                    let mut matrix = |m: &DMatrix<f64>| {
                        let numbers = vector(&DVector::from_column_slice(m.as_slice()));
                        DMatrix::from_column_slice(m.nrows(), m.ncols(), numbers.as_slice())
                    };
                    Block {
                        w_x: matrix(&block.w_x),
                        w_h: matrix(&block.w_h),
                        b_x: vector(&block.b_x),
                        b_h: vector(&block.b_h),
                    }
                }),
                peepholes: (direction.weights.peepholes.as_ref())
                    .map(|p| p.each_ref().map(&mut vector)),
                projection: direction.weights.projection.as_ref().map(|m| {
                    let numbers = vector(&DVector::from_column_slice(m.as_slice()));
                    DMatrix::from_column_slice(m.nrows(), m.ncols(), numbers.as_slice())
                }),
            },
            options: direction.options,
            reverse: direction.reverse,
        })
        .collect();
    let mut directions = directions.into_iter();
    let layers = (case.layers.iter())
        .map(|layer| directions.by_ref().take(layer.len()).collect())
        .collect();
    let x = (case.x.iter())
        .map(|x| x.iter().map(&mut vector).collect())
        .collect();
    let states = |states: &Vec<Vec<State<f64>>>,
                  vector: &mut dyn FnMut(&DVector<f64>) -> DVector<T>| {
        let each = |sequence: &Vec<State<f64>>,
                    vector: &mut dyn FnMut(&DVector<f64>) -> DVector<T>| {
            sequence
                .iter()
                .map(|s| State {
                    h: vector(&s.h),
                    c: vector(&s.c),
                })
                .collect()
        };
        states
            .iter()
            .map(|sequence| each(sequence, vector))
            .collect::<Vec<Vec<State<T>>>>()
    };
    let initial = states(&case.initial, &mut vector);
    let mut constant = |v: &DVector<f64>| v.map(convert::<f64, T>);
    Case {
        layers,
        x,
        lengths: case.lengths.clone(),
        initial,
        padding: case.padding,
        in_reading_order: case.in_reading_order,
        window: case.window,
        loss: Loss {
            wy: (case.loss.wy.iter())
                .map(|w| w.iter().map(&mut constant).collect())
                .collect(),
            last: states(&case.loss.last, &mut constant),
        },
    }
}

/// The numbers that gradients are taken of, named, in the order of `rebuild`.
fn tensors(
    weights: &[&Weights<f64>],
    x: &[Vec<DVector<f64>>],
    initial: &[Vec<State<f64>>],
) -> Vec<(String, Vec<f64>)> {
    let mut all = Vec::new();
    for (n, weights) in weights.iter().enumerate() {
        for (block, k) in weights.blocks.iter().zip("ifgo".chars()) {
            all.push((format!("{n}.{k}.w_x"), block.w_x.as_slice().to_vec()));
            all.push((format!("{n}.{k}.w_h"), block.w_h.as_slice().to_vec()));
            all.push((format!("{n}.{k}.b_x"), block.b_x.as_slice().to_vec()));
            all.push((format!("{n}.{k}.b_h"), block.b_h.as_slice().to_vec()));
        }
        for (p, k) in weights.peepholes.iter().flatten().zip("ifo".chars()) {
            all.push((format!("{n}.p_{k}"), p.as_slice().to_vec()));
        }
        if let Some(w_p) = &weights.projection {
            all.push((format!("{n}.w_p"), w_p.as_slice().to_vec()));
        }
    }
    all.push((
        "x".into(),
        x.iter()
            .flatten()
            .flat_map(|x| x.as_slice().to_vec())
            .collect(),
    ));
    let state = |s: &State<f64>| [s.h.as_slice(), s.c.as_slice()].concat();
    all.push((
        "initial".into(),
        initial.iter().flatten().flat_map(state).collect(),
    ));
    all
}

struct LossOf<'a>(&'a Case<f64>);

impl ScalarFunction for LossOf<'_> {
    fn eval<T: RealField + Copy>(&self, theta: &[T]) -> T {
        rebuild(self.0, theta).outcome(None).loss
    }
}

fn flat(gradients: &Gradients<f64>) -> Vec<(String, Vec<f64>)> {
    let weights: Vec<_> = gradients.weights.iter().collect();
    tensors(&weights, &gradients.x, &gradients.initial)
}

fn shapes() -> Vec<Shape> {
    let with = |options: Options| Shape { options, ..SPEC };
    vec![
        SPEC,
        Shape {
            layers: 2,
            directions: 2,
            ragged: true,
            ..SPEC
        },
        Shape {
            peepholes: true,
            ragged: true,
            directions: 2,
            ..SPEC
        },
        Shape {
            projection: Some(2),
            layers: 2,
            directions: 2,
            ragged: true,
            ..SPEC
        },
        Shape {
            padding: Padding::Repeat,
            directions: 2,
            ragged: true,
            ..SPEC
        },
        Shape {
            padding: Padding::Repeat,
            in_reading_order: true,
            only_reverse: true,
            ragged: true,
            ..SPEC
        },
        with(Options {
            coupled: true,
            ..PLAIN
        }),
        Shape {
            peepholes: true,
            ..with(Options {
                coupled: true,
                clip: Some(0.9),
                ..PLAIN
            })
        },
        with(Options {
            clip: Some(0.6),
            ..PLAIN
        }),
        with(Options {
            gate: Activation::HardSigmoid(0.2, 0.5),
            ..PLAIN
        }),
        with(Options {
            candidate: Activation::Softsign,
            cell: Activation::ScaledTanh(1.7, 0.6),
            ..PLAIN
        }),
        with(Options {
            candidate: Activation::Elu(1.2),
            cell: Activation::Softplus,
            ..PLAIN
        }),
    ]
}

#[test]
fn every_gradient_of_every_option_is_the_oracles() {
    for (n, shape) in shapes().into_iter().enumerate() {
        let case = case(shape, n as u64 + 1);
        let found = flat(&case.gradients(&case.outcome(None), None));
        let weights: Vec<_> = case.directions().map(|d| &d.weights).collect();
        let theta: Vec<f64> = tensors(&weights, &case.x, &case.initial)
            .into_iter()
            .flat_map(|(_, numbers)| numbers)
            .collect();
        let dual = dual_gradient(&LossOf(&case), &theta);
        let central = central_gradient(&LossOf(&case), &theta);
        let mut first = 0;
        for (name, found) in found {
            let range = first..first + found.len();
            first = range.end;
            for (oracle, tolerance) in [(&dual, 1e-13), (&central, 1e-7)] {
                let worst = disagreement(&found, &oracle[range.clone()]);
                assert!(
                    worst.relative < tolerance,
                    "{shape:?}: {name}[{}] is {}, the oracle says {}",
                    worst.index,
                    worst.analytic,
                    worst.oracle
                );
            }
        }
        assert_eq!(first, theta.len());
    }
}

#[test]
fn without_options_it_is_the_cell_of_the_spec() {
    use lstm_bptt::{LossGradient, backward};
    use lstm_gates::{Gate, LstmParams};

    let case = case(SPEC, 7);
    let direction = &case.layers[0][0];
    let [i, f, g, o] = direction.weights.blocks.each_ref().map(|block| Gate {
        w_x: block.w_x.clone(),
        w_h: block.w_h.clone(),
        b: &block.b_x + &block.b_h,
    });
    let params = LstmParams::new(i, f, g, o).unwrap();
    let outcome = case.outcome(None);
    let gradients = case.gradients(&outcome, None);
    let mut grad = LstmParams::zeros(2, 3);
    for b in 0..2 {
        let tape = lstm_cell::sequence(&params, &case.x[b], case.initial[0][b].clone()).unwrap();
        for (step, y) in tape.steps.iter().zip(&outcome.y[b]) {
            approx::assert_relative_eq!(step.h_t, *y, epsilon = 1e-15);
        }
        let loss = LossGradient {
            dh: case.loss.wy[b].clone(),
            last: case.loss.last[0][b].clone(),
        };
        let back = backward(&params, &tape, &loss, &mut grad).unwrap();
        approx::assert_relative_eq!(back.initial.c, gradients.initial[0][b].c, epsilon = 1e-14);
        approx::assert_relative_eq!(back.initial.h, gradients.initial[0][b].h, epsilon = 1e-14);
    }
    for (gate, block) in grad.blocks().into_iter().zip(&gradients.weights[0].blocks) {
        approx::assert_relative_eq!(gate.w_x, block.w_x, epsilon = 1e-14);
        approx::assert_relative_eq!(gate.w_h, block.w_h, epsilon = 1e-14);
        approx::assert_relative_eq!(gate.b, block.b_x, epsilon = 1e-14);
        approx::assert_relative_eq!(gate.b, block.b_h, epsilon = 1e-14);
    }
}

/// The loss with the state held fixed at the edge of a window is what truncation differentiates.
#[test]
fn truncation_is_the_gradient_of_each_window_alone() {
    let shape = Shape {
        window: Some(3),
        ..SPEC
    };
    let whole = case(shape, 5);
    let outcome = whole.outcome(None);
    let found = whole.gradients(&outcome, None);
    let part = |steps: std::ops::Range<usize>, initial: Vec<State<f64>>, is_last: bool| {
        let mut part = whole.clone();
        part.window = None;
        part.lengths = vec![steps.len(); 2];
        part.initial = vec![initial];
        part.x
            .iter_mut()
            .for_each(|x| *x = x[steps.clone()].to_vec());
        part.loss
            .wy
            .iter_mut()
            .for_each(|w| *w = w[steps.clone()].to_vec());
        if !is_last {
            let last = part.loss.last.iter_mut().flatten();
            last.for_each(|state| {
                state.h.fill(0.0);
                state.c.fill(0.0);
            });
        }
        part
    };
    let first = part(0..3, whole.initial[0].clone(), false);
    let outcome = first.outcome(None);
    let first_gradients = first.gradients(&outcome, None);
    let second = part(3..4, outcome.last[0].clone(), true);
    let second_gradients = second.gradients(&second.outcome(None), None);
    for k in 0..4 {
        let sum =
            &first_gradients.weights[0].blocks[k].w_h + &second_gradients.weights[0].blocks[k].w_h;
        approx::assert_relative_eq!(found.weights[0].blocks[k].w_h, sum, epsilon = 1e-14);
    }
    assert_eq!(found.initial, first_gradients.initial);
}

#[test]
fn a_mistake_that_applies_changes_something() {
    let forward = |m: Mistake, shape: Shape| {
        let case = case(shape, 3);
        let (right, wrong) = (case.outcome(None), case.outcome(Some(m)));
        (&right.y, &right.last) != (&wrong.y, &wrong.last)
    };
    let backward = |m: Mistake, shape: Shape| {
        let case = case(shape, 3);
        let outcome = case.outcome(None);
        flat(&case.gradients(&outcome, None)) != flat(&case.gradients(&outcome, Some(m)))
    };
    let truncated = Shape {
        window: Some(2),
        ..SPEC
    };
    let shapes = || shapes().into_iter().chain([truncated]);
    for m in Mistake::forward() {
        assert!(shapes().any(|shape| forward(m, shape)), "{m:?}");
    }
    for m in Mistake::backward() {
        assert!(
            shapes().into_iter().any(|shape| backward(m, shape)),
            "{m:?}"
        );
    }
}
