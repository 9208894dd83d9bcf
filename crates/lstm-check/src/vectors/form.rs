//! What each vector is computed from.

use super::draw::Draw;
use crate::variant::{Block, Computation, Direction, Loss, Options, Padding, Weights, first_steps};
use lstm_cell::State;
use nalgebra::DVector;

/// The features of a vector.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub name: &'static str,
    pub purpose: &'static str,
    seq_len: usize,
    layers: usize,
    directions: usize,
    /// The lengths of three sequences; without them there are two of full length.
    lengths: Option<[usize; 3]>,
    peepholes: bool,
    projection: bool,
    options: Options,
    window: Option<usize>,
}

const D: usize = 2;
pub(super) const H: usize = 3;
/// The size of a projected output.
const R: usize = 2;

const STEP: Form = Form {
    name: "step",
    purpose: "one step (E1–E7, E10–E17)",
    seq_len: 1,
    layers: 1,
    directions: 1,
    lengths: None,
    peepholes: false,
    projection: false,
    options: Options::PLAIN,
    window: None,
};

const SEQUENCE: Form = Form {
    name: "sequence",
    purpose: "four steps: states and gradients pass from step to step (E8, E9, E11)",
    seq_len: 4,
    ..STEP
};

/// All vectors but `training`. A vector's place is the seed of its numbers.
pub(super) const FORMS: [Form; 10] = [
    STEP,
    SEQUENCE,
    Form {
        name: "ragged",
        purpose: "three sequences of 4, 2 and 3 steps: padding is frozen (E27)",
        lengths: Some([4, 2, 3]),
        ..SEQUENCE
    },
    Form {
        name: "bidirectional",
        purpose: "both directions over sequences of 4, 2 and 3 steps (E27)",
        lengths: Some([4, 2, 3]),
        directions: 2,
        ..SEQUENCE
    },
    Form {
        name: "stack",
        purpose: "two layers (E26)",
        layers: 2,
        ..SEQUENCE
    },
    Form {
        name: "peepholes",
        purpose: "gates that see the cell: i and f see c_{t−1}, o sees c_t",
        peepholes: true,
        ..SEQUENCE
    },
    Form {
        name: "coupled",
        purpose: "f = 1 − i",
        options: Options {
            coupled: true,
            ..Options::PLAIN
        },
        ..SEQUENCE
    },
    Form {
        name: "clip",
        purpose: "pre-activations between −1/2 and 1/2",
        options: Options {
            clip: Some(0.5),
            ..Options::PLAIN
        },
        ..SEQUENCE
    },
    Form {
        name: "projection",
        purpose: "h_t = W_p (o_t ⊙ tanh c_t)",
        projection: true,
        ..SEQUENCE
    },
    Form {
        name: "truncated",
        purpose: "gradients are cut every two steps, states are not",
        seq_len: 6,
        window: Some(2),
        ..SEQUENCE
    },
];

impl Form {
    pub fn computation(&self, draw: &mut Draw) -> Computation<f64> {
        let lengths = match self.lengths {
            Some(lengths) => lengths.to_vec(),
            None => vec![self.seq_len; 2],
        };
        let r = self.output_size();
        let layers = (0..self.layers).map(|l| self.layer(l, draw)).collect();
        let states = |draw: &mut Draw| -> Vec<Vec<State<f64>>> {
            let mut one = || State {
                h: draw.vector(r),
                c: draw.vector(H),
            };
            (0..self.layers * self.directions)
                .map(|_| lengths.iter().map(|_| one()).collect())
                .collect()
        };
        let sequences = |size: usize, draw: &mut Draw| -> Vec<Vec<DVector<f64>>> {
            let mut one = || (0..self.seq_len).map(|_| draw.vector(size)).collect();
            lengths.iter().map(|_| one()).collect()
        };
        // The order in which these are drawn must not change.
        Computation {
            layers,
            x: sequences(D, draw),
            initial: states(draw),
            padding: Padding::Zero,
            in_reading_order: false,
            window: self.window,
            loss: Loss {
                wy: sequences(r * self.directions, draw),
                last: states(draw),
            },
            steps: first_steps(&lengths),
        }
    }

    /// R
    fn output_size(&self) -> usize {
        if self.projection { R } else { H }
    }

    fn layer(&self, l: usize, draw: &mut Draw) -> Vec<Direction<f64>> {
        let inputs = if l == 0 {
            D
        } else {
            self.output_size() * self.directions
        };
        let directions = [false, true].into_iter().take(self.directions);
        directions
            .map(|reverse| Direction {
                weights: self.weights(inputs, draw),
                options: self.options,
                reverse,
            })
            .collect()
    }

    fn weights(&self, inputs: usize, draw: &mut Draw) -> Weights<f64> {
        let r = self.output_size();
        let block = |draw: &mut Draw| Block {
            w_x: draw.matrix(H, inputs),
            w_h: draw.matrix(H, r),
            b_x: draw.vector(H),
            b_h: DVector::zeros(H),
        };
        Weights {
            blocks: [(); 4].map(|()| block(draw)),
            peepholes: self.peepholes.then(|| [(); 3].map(|()| draw.vector(H))),
            projection: self.projection.then(|| draw.matrix(r, H)),
        }
    }
}
