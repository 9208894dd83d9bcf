//! Layers that read every sequence from both ends (E27).

use crate::halves::{rows, stacked};
use crate::tensors::{export_layer, import_layer, joined};
use crate::{
    BatchState, Canonical, Direction, Forward, Input, Layer, LayerDropout, ModelError, Parameters,
    Pass, Span, Team, Tensors,
};
use lstm_gates::{Init, LstmParams};
use nalgebra::DMatrix;
use rand::Rng;

/// Two layers over the same sequences, one from each end (E27): h_t = \[h→_t ; h←_t\].
///
/// Schuster & Paliwal (1997), 10.1109/78.650093.
#[derive(Clone, Debug, PartialEq)]
pub struct Bidirectional<R> {
    /// Reads from the first token to the last.
    pub forward: R,
    /// Reads from each sequence's last real token to the first.
    pub backward: R,
}

/// The tapes of a layer's two directions.
type Tapes<R> = [<R as Layer>::Tape; 2];

impl<R: Layer> Bidirectional<R> {
    fn init(init: Init, input_size: usize, hidden_size: usize, rng: &mut impl Rng) -> Self {
        let mut layer = || R::from_params(&LstmParams::init(init, input_size, hidden_size, rng));
        Self {
            forward: layer(),
            backward: layer(),
        }
    }

    fn zeros(input_size: usize, hidden_size: usize) -> Self {
        let layer = || R::from_params(&LstmParams::zeros(input_size, hidden_size));
        Self {
            forward: layer(),
            backward: layer(),
        }
    }

    /// The forward pass from zero states: the outputs, 2H×(T·B), the last states, 2H×B, and the tapes.
    fn run(
        &self,
        pass: BidirectionalPass<'_, R::Scalar>,
        x: &DMatrix<R::Scalar>,
    ) -> (DMatrix<R::Scalar>, BatchState<R::Scalar>, Tapes<R>) {
        let initial = BatchState::zeros(self.forward.hidden_size(), pass.span.batch_size);
        let read = |layer: &R, direction| layer.forward(pass.of_layer(x, &initial, direction));
        let Forward {
            outputs: up,
            last: first,
            tape: there,
        } = read(&self.forward, Direction::Forward);
        let Forward {
            outputs: down,
            last: second,
            tape: back,
        } = read(&self.backward, Direction::Backward);
        let last = BatchState {
            h: stacked(DMatrix::zeros, &first.h, &second.h),
            c: stacked(DMatrix::zeros, &first.c, &second.c),
        };
        let outputs = stacked(R::matrix, &up, &down);
        [up, down].into_iter().for_each(R::recycle);
        (outputs, last, [there, back])
    }

    /// The backward pass: dx of every token, D×(T·B). Gradients of the weights are *added* to `grad`.
    fn run_back(
        &self,
        pass: BidirectionalPass<'_, R::Scalar>,
        x: &DMatrix<R::Scalar>,
        tapes: &Tapes<R>,
        doutputs: &DMatrix<R::Scalar>,
        dlast: &BatchState<R::Scalar>,
        grad: &mut Self,
    ) -> DMatrix<R::Scalar> {
        let h = self.forward.hidden_size();
        let initial = BatchState::zeros(h, pass.span.batch_size);
        let back = |layer: &R, tape: &R::Tape, direction, grad: &mut R| {
            let first = match direction {
                Direction::Forward => 0,
                Direction::Backward => h,
            };
            let dlast = BatchState {
                h: rows(DMatrix::zeros, &dlast.h, first, h),
                c: rows(DMatrix::zeros, &dlast.c, first, h),
            };
            let doutputs = rows(R::matrix, doutputs, first, h);
            let pass = pass.of_layer(x, &initial, direction);
            let back = layer.backward(pass, tape, &doutputs, &dlast, grad);
            R::recycle(doutputs);
            back.dinput.expect("a dense input has a gradient")
        };
        let [there, back_tape] = tapes;
        let mut dx = back(&self.forward, there, Direction::Forward, &mut grad.forward);
        let other = back(
            &self.backward,
            back_tape,
            Direction::Backward,
            &mut grad.backward,
        );
        dx += &other;
        R::recycle(other);
        dx
    }
}

/// Bidirectional layers on top of each other (E26, E27): the encoder of every application.
#[derive(Clone, Debug, PartialEq)]
pub struct BidirectionalStack<R> {
    /// Bottom layer first; H units in each direction.
    pub layers: Vec<Bidirectional<R>>,
}

/// The arguments of a pass through a bidirectional stack. The backward pass gets the same as the
/// forward pass.
#[derive(Clone, Copy)]
pub struct BidirectionalPass<'a, T> {
    /// x_t of every token, D×(T·B).
    pub x: &'a DMatrix<T>,
    /// T, B and lengths; the direction is not read.
    pub span: Span<'a>,
    /// Dropout on the layers' outputs; `None` outside training.
    pub dropout: Option<LayerDropout>,
    /// The threads that may work on the pass.
    pub team: &'a dyn Team,
}

impl<'a, T> BidirectionalPass<'a, T> {
    fn of_layer(
        &self,
        x: &'a DMatrix<T>,
        initial: &'a BatchState<T>,
        direction: Direction,
    ) -> Pass<'a, T> {
        Pass {
            input: Input::Dense(x),
            initial,
            span: Span {
                direction,
                ..self.span
            },
            team: self.team,
        }
    }
}

/// The values of the forward pass that the backward pass reads.
pub struct BidirectionalTape<R: Layer> {
    tapes: Vec<Tapes<R>>,
    /// The output of each layer after dropout, 2H×(T·B).
    outputs: Vec<DMatrix<R::Scalar>>,
    /// \[h→ ; h←\] and \[c→ ; c←\] of each layer after the last step that it read, 2H×B.
    pub last: Vec<BatchState<R::Scalar>>,
}

impl<R: Layer> BidirectionalTape<R> {
    /// The top layer's \[h→_t ; h←_t\] of every token, after its dropout, 2H×(T·B).
    pub fn output(&self) -> &DMatrix<R::Scalar> {
        self.outputs.last().expect("a stack has a layer")
    }
}

impl<R: Layer> Drop for BidirectionalTape<R> {
    fn drop(&mut self) {
        self.outputs.drain(..).for_each(R::recycle);
    }
}

impl<R: Layer> BidirectionalStack<R> {
    /// Layers of `hidden_size` units in each direction, with weights drawn by `init`.
    pub fn init(
        init: Init,
        input_size: usize,
        hidden_size: usize,
        layers: usize,
        rng: &mut impl Rng,
    ) -> Self {
        let size = |l| if l == 0 { input_size } else { 2 * hidden_size };
        Self {
            layers: (0..layers)
                .map(|l| Bidirectional::init(init, size(l), hidden_size, rng))
                .collect(),
        }
    }

    /// Layers with all weights zero.
    pub fn zeros(input_size: usize, hidden_size: usize, layers: usize) -> Self {
        let size = |l| if l == 0 { input_size } else { 2 * hidden_size };
        Self {
            layers: (0..layers)
                .map(|l| Bidirectional::zeros(size(l), hidden_size))
                .collect(),
        }
    }

    // ANCHOR: forward
    /// All layers over a batch, from zero states.
    pub fn forward(&self, pass: BidirectionalPass<'_, R::Scalar>) -> BidirectionalTape<R> {
        let mut stack = BidirectionalTape {
            tapes: Vec::new(),
            outputs: Vec::new(),
            last: Vec::new(),
        };
        for (l, layer) in self.layers.iter().enumerate() {
            let x = stack.outputs.last().unwrap_or(pass.x);
            let (mut outputs, last, tapes) = layer.run(pass, x);
            if let Some(dropout) = pass.dropout {
                dropout.apply(l, &mut outputs, pass.span.batch_size);
            }
            stack.tapes.push(tapes);
            stack.outputs.push(outputs);
            stack.last.push(last);
        }
        stack
    }
    // ANCHOR_END: forward

    /// The backward pass: from the gradient of the output (2H×(T·B)) and of every layer's last state
    /// (2H×B). `pass` and `tape` are those of the forward pass. Gradients of the weights are *added*
    /// to `grad`; the result is dx, D×(T·B).
    pub fn backward(
        &self,
        pass: BidirectionalPass<'_, R::Scalar>,
        tape: &BidirectionalTape<R>,
        mut doutput: DMatrix<R::Scalar>,
        dlast: &[BatchState<R::Scalar>],
        grad: &mut Self,
    ) -> DMatrix<R::Scalar> {
        for (l, layer) in self.layers.iter().enumerate().rev() {
            if let Some(dropout) = pass.dropout {
                dropout.apply(l, &mut doutput, pass.span.batch_size);
            }
            let x = l
                .checked_sub(1)
                .map_or(pass.x, |below| &tape.outputs[below]);
            let dx = layer.run_back(
                pass,
                x,
                &tape.tapes[l],
                &doutput,
                &dlast[l],
                &mut grad.layers[l],
            );
            R::recycle(std::mem::replace(&mut doutput, dx));
        }
        doutput
    }

    /// Zero gradients on the last states of `batch_size` sequences.
    pub fn zero_states(&self, batch_size: usize) -> Vec<BatchState<R::Scalar>> {
        self.layers
            .iter()
            .map(|layer| BatchState::zeros(2 * layer.forward.hidden_size(), batch_size))
            .collect()
    }
}

impl<R: Layer> Parameters for Bidirectional<R> {
    type Scalar = R::Scalar;
    crate::fields!(@parameters R::Scalar, forward, backward);
}

impl<R: Layer<Scalar = f32>> Canonical for Bidirectional<R> {
    fn export(&self, prefix: &str, tensors: &mut Tensors) {
        export_layer(&self.forward, &joined(prefix, "forward"), tensors);
        export_layer(&self.backward, &joined(prefix, "backward"), tensors);
    }

    fn import(&mut self, prefix: &str, tensors: &mut Tensors) -> Result<(), ModelError> {
        import_layer(&mut self.forward, &joined(prefix, "forward"), tensors)?;
        import_layer(&mut self.backward, &joined(prefix, "backward"), tensors)
    }
}

crate::fields!(BidirectionalStack<R: Layer> { layers as "" });
