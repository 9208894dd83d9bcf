//! What is learned: batches, their loss and its gradient.

use crate::Workers;
use lstm_model::{Canonical, Dropout, ModelError, Parameters, Team, Tensors};
use std::ops::Range;

/// What a training run learns.
///
/// Which batch a step sees, and every random choice in it, must be a function of `step` and of what
/// [`export`](Self::export) stores. A resumed run is then the uninterrupted run, to the bit.
pub trait Task: Sync {
    /// The weights that are learned.
    type Network: Parameters<Scalar = f32> + Canonical;

    /// The data of one step.
    type Batch: Sync;

    /// What a part of a batch hands to the next step, such as its states; `()` if nothing.
    type Carry: Send;

    /// The number of steps in an epoch.
    fn steps_per_epoch(&self) -> u64;

    /// The batch of a step.
    fn batch(&mut self, step: u64) -> Self::Batch;

    /// The size of a batch.
    fn size(&self, batch: &Self::Batch) -> BatchSize;

    /// The number of parts to cut a batch of `sequences` into for `threads` threads. With fewer
    /// parts than threads, the threads of a part work on it as a [`Team`].
    fn parts(&self, _network: &Self::Network, _sequences: usize, threads: usize) -> usize {
        threads
    }

    /// Adds the gradient of one part's loss, times `part.scale`, to `grad`. Returns the part's loss
    /// in nats, summed over its tokens, and what it hands to the next step.
    fn gradient(
        &self,
        network: &Self::Network,
        batch: &Self::Batch,
        part: &Part<'_>,
        grad: &mut Self::Network,
    ) -> (f64, Self::Carry);

    /// Takes what the parts of a step, in their order, hand to the next one.
    fn carry(&mut self, _parts: Vec<(Range<usize>, Self::Carry)>) {}

    /// The mean validation loss in nats, or `None` if nothing was held out.
    fn validate(&self, network: &Self::Network, workers: &Workers) -> Option<f64>;

    /// Stores what one step hands to the next.
    fn export(&self, _tensors: &mut Tensors) {}

    /// Takes back what [`export`](Self::export) stored.
    ///
    /// # Errors
    /// [`ModelError::Tensor`] if a tensor is missing or has another shape.
    fn import(&mut self, _tensors: &mut Tensors) -> Result<(), ModelError> {
        Ok(())
    }
}

/// The size of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchSize {
    /// B, what is cut into parts.
    pub sequences: usize,
    /// N of E21, the tokens that count.
    pub tokens: usize,
}

/// One worker's part of a step.
#[derive(Clone)]
pub struct Part<'a> {
    /// The training step, counted from 0.
    pub step: u64,
    /// The sequences of the batch that are in this part.
    pub sequences: Range<usize>,
    /// 1/N of E21, with the N of the whole batch.
    pub scale: f32,
    /// The threads that work on this part.
    pub team: &'a dyn Team,
}

impl Part<'_> {
    /// The dropout of this part. Its masks are those that the whole batch would draw here.
    pub fn dropout(&self, seed: u64) -> Dropout {
        Dropout {
            seed,
            step: self.step,
            first_sequence: self.sequences.start,
        }
    }
}
