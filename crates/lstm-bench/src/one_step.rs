//! One step of one layer with its state, as a control loop or an audio effect computes it.

use crate::Shape;
use lstm_fast::{Fast, Stepper};
use lstm_model::{Alone, BatchState, Engine, Input, Layer, Pass, Span};
use lstm_train::TrainError;
use nalgebra::DMatrix;

/// The step of the first layer of a shape's network, on one vector and with the state of the step before.
/// Only the fast engine has a [`Stepper`]; the other engines compute a batch of one sequence and one step.
pub struct OneStep<R: Engine<Scalar = f32>> {
    stepper: Option<Stepper>,
    layer: R,
    state: BatchState<f32>,
    x: DMatrix<f32>,
}

impl<R: Engine<Scalar = f32>> OneStep<R> {
    /// The step in the zero state.
    ///
    /// # Errors
    /// If a size is out of range.
    pub fn new(shape: &Shape) -> Result<Self, TrainError> {
        let layers = shape.network::<R>()?.stack.layers;
        let layer = layers.into_iter().next().expect("a network has a layer");
        let stepper = || Stepper::new(&Fast::from_params(&layer.to_params()));
        Ok(Self {
            stepper: (R::NAME == Fast::NAME).then(stepper),
            layer,
            state: BatchState::zeros(shape.hidden_size, 1),
            x: DMatrix::from_fn(shape.embed_size, 1, |n, _| (n as f32).sin()),
        })
    }

    /// Computes h and c.
    pub fn run(&mut self) {
        if let Some(stepper) = &mut self.stepper {
            stepper.step(self.x.as_slice());
            return;
        }
        let pass = Pass {
            input: Input::Dense(&self.x),
            initial: &self.state,
            span: Span::full(1, 1),
            team: &Alone,
        };
        self.state = self.layer.forward(pass).last;
    }
}
