//! Computations with every option, of numbers of order 1 without a pattern.

use lstm_cell::State;
use lstm_check::variant::{
    Activation, Block, Computation, Direction, Loss, Options, Padding, Weights,
};
use nalgebra::{DMatrix, DVector};

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

/// The options of a computation.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub layers: usize,
    pub directions: usize,
    pub peepholes: bool,
    pub projection: Option<usize>,
    pub options: Options,
    pub padding: Padding,
    pub in_reading_order: bool,
    pub only_reverse: bool,
    /// The real steps of the second of two sequences; the first has all four.
    pub second: &'static [usize],
    pub window: Option<usize>,
}

/// The spec's LSTM.
pub const SPEC: Shape = Shape {
    layers: 1,
    directions: 1,
    peepholes: false,
    projection: None,
    options: Options::PLAIN,
    padding: Padding::Zero,
    in_reading_order: false,
    only_reverse: false,
    second: &[0, 1, 2, 3],
    window: None,
};

/// A computation with these options.
pub fn computation(shape: Shape, seed: u64) -> Computation<f64> {
    let mut n = Numbers(seed);
    let (d, h, seq_len, batch_size) = (2, 3, 4, 2);
    let r = shape.projection.unwrap_or(h);
    let layers = (0..shape.layers).map(|l| {
        let inputs = if l == 0 { d } else { r * shape.directions };
        layer(shape, [inputs, h, r], &mut n)
    });
    let layers = layers.collect();
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
    Computation {
        layers,
        x: sequences(&mut n, d),
        steps: vec![(0..seq_len).collect(), shape.second.to_vec()],
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

fn layer(shape: Shape, [inputs, h, r]: [usize; 3], n: &mut Numbers) -> Vec<Direction<f64>> {
    let block = |n: &mut Numbers| Block {
        w_x: n.matrix(h, inputs),
        w_h: n.matrix(h, r),
        b_x: n.vector(h),
        b_h: n.vector(h),
    };
    let direction = |direction: usize| Direction {
        weights: Weights {
            blocks: [block(n), block(n), block(n), block(n)],
            peepholes: shape
                .peepholes
                .then(|| [n.vector(h), n.vector(h), n.vector(h)]),
            projection: shape.projection.map(|r| n.matrix(r, h)),
        },
        options: shape.options,
        reverse: direction == 1 || shape.only_reverse,
    };
    (0..shape.directions).map(direction).collect()
}

/// Every option at least once, alone and together with others.
const SHAPES: [Shape; 15] = [
    SPEC,
    Shape {
        layers: 2,
        directions: 2,
        second: &[0, 1],
        ..SPEC
    },
    Shape {
        peepholes: true,
        second: &[0, 1],
        directions: 2,
        ..SPEC
    },
    Shape {
        projection: Some(2),
        layers: 2,
        directions: 2,
        second: &[0, 1],
        ..SPEC
    },
    Shape {
        padding: Padding::Repeat,
        directions: 2,
        second: &[0, 1],
        ..SPEC
    },
    Shape {
        padding: Padding::Repeat,
        in_reading_order: true,
        only_reverse: true,
        second: &[0, 1],
        ..SPEC
    },
    Shape {
        padding: Padding::Repeat,
        second: &[2, 3],
        ..SPEC
    },
    Shape {
        padding: Padding::Repeat,
        in_reading_order: true,
        only_reverse: true,
        second: &[1, 3],
        ..SPEC
    },
    Shape {
        layers: 2,
        directions: 2,
        second: &[1, 3],
        ..SPEC
    },
    Shape {
        options: Options {
            coupled: true,
            ..Options::PLAIN
        },
        ..SPEC
    },
    Shape {
        peepholes: true,
        options: Options {
            coupled: true,
            clip: Some(0.9),
            ..Options::PLAIN
        },
        ..SPEC
    },
    Shape {
        options: Options {
            clip: Some(0.6),
            ..Options::PLAIN
        },
        ..SPEC
    },
    Shape {
        options: Options {
            gate: Activation::HardSigmoid(0.2, 0.5),
            ..Options::PLAIN
        },
        ..SPEC
    },
    Shape {
        options: Options {
            candidate: Activation::Softsign,
            cell: Activation::ScaledTanh(1.7, 0.6),
            ..Options::PLAIN
        },
        ..SPEC
    },
    Shape {
        options: Options {
            candidate: Activation::Elu(1.2),
            cell: Activation::Softplus,
            ..Options::PLAIN
        },
        ..SPEC
    },
];

pub fn shapes() -> Vec<Shape> {
    SHAPES.to_vec()
}
