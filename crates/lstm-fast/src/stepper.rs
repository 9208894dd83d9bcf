//! A layer that reads one vector at a time.

use crate::Level;
use crate::lanes::{LANES, Row};
use crate::packed::{Fast, GATES};
use crate::panels::{Panels, panels_of};
use crate::stored::VectorLayer;
use crate::vector::VectorStep;
use lstm_model::BatchState;

/// A layer that reads one vector at a time and keeps its state, as a control loop or an audio effect needs
/// it. A step runs on the caller's thread and allocates no memory.
///
/// ```
/// use lstm_fast::{Fast, Stepper};
/// use lstm_gates::{Init, LstmParams};
/// use lstm_model::{Layer, Purpose};
///
/// let rng = &mut Purpose::Weights.rng(1, 0, 0);
/// let params = LstmParams::init(Init::default(), 2, 32, rng); // D = 2 inputs, H = 32 units
/// let mut layer = Stepper::new(&Fast::from_params(&params));
/// for t in 0..1000 {
///     let angle = t as f32 * 0.01;
///     let h_t = layer.step(&[angle.sin(), angle.cos()]);
///     assert_eq!(h_t.len(), 32);
/// }
/// let state = layer.state(); // h and c, to go on from later: layer.set_state(&state)
/// # assert_eq!(state.c.shape(), (32, 1));
/// ```
#[derive(Debug)]
pub struct Stepper {
    level: Level,
    layer: VectorLayer<Row>,
    input_size: usize,
    hidden_size: usize,
    /// x_t and h_{t−1}.
    inputs: Panels,
    c: Panels,
    h: Panels,
    sums: Panels,
}

impl Stepper {
    /// The layer in the zero state (E8).
    pub fn new(layer: &Fast) -> Self {
        let zeros = |features: usize| Panels::zeros(features, 1);
        let stored = VectorLayer::on_vectors(layer);
        Self {
            level: layer.level,
            input_size: layer.input_size,
            hidden_size: layer.hidden_size,
            inputs: zeros(stored.inputs),
            c: zeros(layer.hidden_size),
            h: zeros(layer.hidden_size),
            sums: zeros(GATES * LANES),
            layer: stored,
        }
    }

    /// Reads x_t and returns h_t (E1–E7).
    ///
    /// # Panics
    /// If `x_t` does not have D numbers.
    pub fn step(&mut self, x_t: &[f32]) -> &[f32] {
        assert_eq!(x_t.len(), self.input_size, "x_t has D numbers");
        self.inputs.take_row(0, x_t);
        self.level.run(VectorStep {
            layer: &self.layer,
            units: 0..self.layer.units(),
            tokens: &[0],
            inputs: &self.inputs,
            c: &mut self.c,
            h: &mut self.h,
            sums: &mut self.sums,
        });
        self.hand_over();
        &self.h.data().as_flattened()[..self.hidden_size]
    }

    /// Makes h_t the h_{t−1} of the next step.
    fn hand_over(&mut self) {
        let first = panels_of(self.input_size);
        self.inputs.data_mut()[first..].copy_from_slice(self.h.data());
    }

    /// h_t and c_t, each H×1.
    pub fn state(&self) -> BatchState<f32> {
        let mut state = BatchState::zeros(self.hidden_size, 1);
        self.h.give_columns(&mut state.h, 0);
        self.c.give_columns(&mut state.c, 0);
        state
    }

    /// Continues from this state; from zeros, as after [`new`](Self::new).
    ///
    /// # Panics
    /// If h or c is not H×1.
    pub fn set_state(&mut self, state: &BatchState<f32>) {
        let shape = (self.hidden_size, 1);
        assert_eq!(
            (state.h.shape(), state.c.shape()),
            (shape, shape),
            "h and c are H×1"
        );
        self.h.take_columns(&state.h, 0..1, 0);
        self.c.take_columns(&state.c, 0..1, 0);
        self.hand_over();
    }
}
