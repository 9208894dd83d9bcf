//! What an LSTM computes: layers, input sequences, initial states and a loss.

use super::{Options, Weights};
use crate::mistake::Mistake::{self, *};
use lstm_cell::State;
use nalgebra::DVector;

/// One direction of a layer.
#[derive(Clone, Debug)]
pub struct Direction<T> {
    /// Its weights.
    pub weights: Weights<T>,
    /// Its options.
    pub options: Options,
    /// Whether it reads each sequence from its last real step to its first (E27).
    pub reverse: bool,
}

/// The outputs at steps that are padding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Padding {
    /// Zeros, as in PyTorch and ONNX.
    Zero,
    /// The output of the most recent real step, as in Keras; zeros before the first real step.
    Repeat,
}

/// An LSTM with everything that it reads: its outputs, loss and gradients follow.
#[derive(Clone, Debug)]
pub struct Computation<T> {
    /// Bottom layer first, each of one or two directions. Two outputs are concatenated (E26, E27).
    pub layers: Vec<Vec<Direction<T>>>,
    /// x of sequence b at step t: \[B\]\[T\] of D
    pub x: Vec<Vec<DVector<T>>>,
    /// The real steps of each sequence, in ascending order: \[B\]. The other steps are padding and do
    /// not change the state.
    pub steps: Vec<Vec<usize>>,
    /// h_0 and c_0 of each direction of each layer, and of each sequence.
    pub initial: Vec<Vec<State<T>>>,
    /// The outputs at steps that are padding.
    pub padding: Padding,
    /// Whether the outputs of a reverse direction stay in its order of reading, as with Keras'
    /// `go_backwards`.
    pub in_reading_order: bool,
    /// The window of truncated back-propagation, in steps: gradients do not flow from a window into the
    /// one before.
    pub window: Option<usize>,
    /// The loss.
    pub loss: Loss<T>,
}

/// L = Σ wy · y + Σ wh · h_T + Σ wc · c_T
#[derive(Clone, Debug)]
pub struct Loss<T> {
    /// wy: \[B\]\[T\] of R, or of 2R with two directions.
    pub wy: Vec<Vec<DVector<T>>>,
    /// wh and wc of each direction of each layer, and of each sequence.
    pub last: Vec<Vec<State<T>>>,
}

/// The real steps of sequences with these lengths, padded at the end.
pub fn first_steps(lengths: &[usize]) -> Vec<Vec<usize>> {
    lengths
        .iter()
        .map(|&length| (0..length).collect())
        .collect()
}

impl<T> Computation<T> {
    /// All directions, the bottom layer's first.
    pub fn directions(&self) -> impl Iterator<Item = &Direction<T>> {
        self.layers.iter().flatten()
    }

    /// T
    pub(super) fn seq_len(&self) -> usize {
        self.x.first().map_or(0, Vec::len)
    }

    /// Whether a window ends with step number `nth` in the order of reading.
    pub(super) fn ends_window(&self, nth: usize, mistake: Option<Mistake>) -> bool {
        let window = self.window.filter(|_| mistake != Some(TruncationIgnored));
        window.is_some_and(|window| (nth + 1).is_multiple_of(window))
    }
}
