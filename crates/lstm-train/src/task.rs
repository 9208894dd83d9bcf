//! A training task: batches, their loss and its gradient.

use crate::Workers;
use lstm_model::{Canonical, Dropout, ModelError, Parameters, Team, Tensors};
use std::ops::Range;

/// A training task.
///
/// The batch of a step and every random choice in it must be a function of `step` and of the state that
/// [`export`](Self::export) stores. Then a resumed run has the same bits as an uninterrupted run.
pub trait Task: Sync {
    /// Whether the loss is that of a choice among tokens, in nats: then it has a perplexity (E22).
    const IN_NATS: bool = true;

    /// The network that is trained.
    type Network: Parameters<Scalar = f32> + Canonical;

    /// The data of one step.
    type Batch: Sync;

    /// The state that a part of a batch carries to the next step; `()` if there is none.
    type Carry: Send;

    /// The number of steps in an epoch.
    fn steps_per_epoch(&self) -> u64;

    /// The batch of a step.
    fn batch(&mut self, step: u64) -> Self::Batch;

    /// The size of a batch.
    fn size(&self, batch: &Self::Batch) -> BatchSize;

    /// The number of parts into which a batch of `sequences` is cut for `threads` threads. With fewer
    /// parts than threads, several threads work on a part as a [`Team`].
    fn parts(&self, _network: &Self::Network, _sequences: usize, threads: usize) -> usize {
        threads
    }

    /// Adds the gradient of one part's loss, times `part.scale`, to `grad`. Returns the part's loss in
    /// nats, summed over its tokens, and the state that it carries to the next step.
    fn gradient(
        &self,
        network: &Self::Network,
        batch: &Self::Batch,
        part: &Part<'_>,
        grad: &mut Self::Network,
    ) -> (f64, Self::Carry);

    /// Stores the states that the parts of a step carry to the next step, in the order of the parts.
    fn carry(&mut self, _parts: Vec<(Range<usize>, Self::Carry)>) {}

    /// The numbers of the state that these sequences of a batch carry to the next step, for a process that
    /// has not computed them.
    fn carried_mut(&mut self, _sequences: Range<usize>) -> Vec<&mut [f32]> {
        Vec::new()
    }

    /// The mean validation loss in nats, or `None` if nothing was held out.
    fn validate(&self, network: &Self::Network, workers: &Workers) -> Option<f64>;

    /// Exports the state that is carried to the next step.
    fn export(&self, _tensors: &mut Tensors) {}

    /// Imports the state that [`export`](Self::export) exported.
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
    /// B, the number of sequences.
    pub sequences: usize,
    /// N of E21, the number of targets.
    pub tokens: usize,
}

/// One worker's part of a step.
#[derive(Clone)]
pub struct Part<'a> {
    /// The training step, counted from 0.
    pub step: u64,
    /// The numbers of the part's sequences in the batch.
    pub sequences: Range<usize>,
    /// 1/N of E21, with the N of the whole batch.
    pub scale: f32,
    /// The threads that work on this part.
    pub team: &'a dyn Team,
}

impl Part<'_> {
    /// The dropout of this part. Its masks are those of the same sequences in the whole batch.
    #[must_use]
    pub fn dropout(&self, seed: u64) -> Dropout {
        Dropout {
            seed,
            step: self.step,
            first_sequence: self.sequences.start,
        }
    }
}
