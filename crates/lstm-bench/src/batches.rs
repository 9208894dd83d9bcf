//! Training on the same batches again and again, in their order.

use lstm_model::{Canonical, Dropout, Engine, Parameters};
use lstm_tasks::{EncoderDecoder, FEATURES, LabelBatch, Labeler, PairBatch};
use lstm_train::{BatchSize, Part, Task, Workers};
use std::marker::PhantomData;

/// An example of an application, for the engine `R`.
pub(crate) trait Example<R>: Sized + Sync {
    type Network: Parameters<Scalar = f32> + Canonical;

    /// The number of targets.
    fn tokens(&self) -> usize;

    /// The hidden size of a layer.
    fn hidden_size(network: &Self::Network) -> usize;

    /// Adds the gradient of the examples of one part to `grad`. Returns their loss in nats.
    fn gradient(
        network: &Self::Network,
        examples: &[Self],
        smoothing: f32,
        part: &Part<'_>,
        grad: &mut Self::Network,
    ) -> f32;
}

/// The token ids of a source and of a target.
pub(crate) type Pair = (Vec<u32>, Vec<u32>);

impl<R: Engine<Scalar = f32>> Example<R> for Pair {
    type Network = EncoderDecoder<R>;

    fn tokens(&self) -> usize {
        // The end of a target is also a token.
        self.1.len() + 1
    }

    fn hidden_size(network: &Self::Network) -> usize {
        network.config().hidden_size
    }

    fn gradient(
        network: &Self::Network,
        pairs: &[Self],
        smoothing: f32,
        part: &Part<'_>,
        grad: &mut Self::Network,
    ) -> f32 {
        let batch = PairBatch::new(pairs);
        network.loss_and_gradient(&batch, masks(part), smoothing, part.scale, grad, part.team)
    }
}

/// The features of each word of a sentence, and the label of each word.
pub(crate) type Words = (Vec<[u32; FEATURES]>, Vec<u32>);

impl<R: Engine<Scalar = f32>> Example<R> for Words {
    type Network = Labeler<R>;

    fn tokens(&self) -> usize {
        self.0.len()
    }

    fn hidden_size(network: &Self::Network) -> usize {
        // Half of the units read in each direction.
        network.config().hidden_size / 2
    }

    fn gradient(
        network: &Self::Network,
        sentences: &[Self],
        _smoothing: f32,
        part: &Part<'_>,
        grad: &mut Self::Network,
    ) -> f32 {
        let batch = LabelBatch::new(sentences);
        network.loss_and_gradient(&batch, masks(part), part.scale, grad, part.team)
    }
}

fn masks(part: &Part<'_>) -> Option<Dropout> {
    Some(part.dropout(1))
}

/// Batches of examples for the engine `R`.
pub(crate) struct Batches<R, X> {
    batches: Vec<Vec<X>>,
    smoothing: f32,
    engine: PhantomData<fn() -> R>,
}

impl<R, X> Batches<R, X> {
    pub fn new(batches: Vec<Vec<X>>, smoothing: f64) -> Self {
        Self {
            batches,
            smoothing: smoothing as f32,
            engine: PhantomData,
        }
    }
}

impl<R: Engine<Scalar = f32>, X: Example<R>> Task for Batches<R, X> {
    type Network = X::Network;
    /// The number of the batch.
    type Batch = usize;
    type Carry = ();

    fn steps_per_epoch(&self) -> u64 {
        self.batches.len() as u64
    }

    fn batch(&mut self, step: u64) -> usize {
        step as usize % self.batches.len()
    }

    fn size(&self, &batch: &usize) -> BatchSize {
        BatchSize {
            sequences: self.batches[batch].len(),
            tokens: self.batches[batch].iter().map(X::tokens).sum(),
        }
    }

    fn parts(&self, network: &Self::Network, sequences: usize, threads: usize) -> usize {
        R::parts(X::hidden_size(network), sequences, threads)
    }

    fn gradient(
        &self,
        network: &Self::Network,
        &batch: &usize,
        part: &Part<'_>,
        grad: &mut Self::Network,
    ) -> (f64, ()) {
        let examples = &self.batches[batch][part.sequences.clone()];
        let nats = X::gradient(network, examples, self.smoothing, part, grad);
        (nats.into(), ())
    }

    fn validate(&self, _network: &Self::Network, _workers: &Workers) -> Option<f64> {
        None
    }
}
