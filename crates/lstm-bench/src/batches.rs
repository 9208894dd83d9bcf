//! Training on the same batches again and again, in their order.

use lstm_model::{Dropout, Engine, Team};
use lstm_tasks::{EncoderDecoder, FEATURES, LabelBatch, Labeler, PairBatch};
use lstm_train::{BatchSize, Part, Task, Workers};
use std::marker::PhantomData;

/// The token ids of a source and of a target.
pub(crate) type Pair = (Vec<u32>, Vec<u32>);

/// The features of each word of a sentence, and the label of each word.
pub(crate) type Words = (Vec<[u32; FEATURES]>, Vec<u32>);

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

    fn number(&self, step: u64) -> usize {
        step as usize % self.batches.len()
    }

    fn size(&self, batch: usize, tokens: impl Fn(&X) -> usize) -> BatchSize {
        BatchSize {
            sequences: self.batches[batch].len(),
            tokens: self.batches[batch].iter().map(tokens).sum(),
        }
    }

    fn part(&self, batch: usize, part: &Part<'_>) -> (&[X], Option<Dropout>) {
        (
            &self.batches[batch][part.sequences.clone()],
            Some(part.dropout(1)),
        )
    }
}

impl<R: Engine<Scalar = f32>> Task for Batches<R, Pair> {
    type Network = EncoderDecoder<R>;
    /// The number of the batch.
    type Batch = usize;
    type Carry = ();

    fn steps_per_epoch(&self) -> u64 {
        self.batches.len() as u64
    }

    fn batch(&mut self, step: u64) -> usize {
        self.number(step)
    }

    fn size(&self, &batch: &usize) -> BatchSize {
        // The end of a target is also a token.
        self.size(batch, |(_, target)| target.len() + 1)
    }

    fn parts(&self, network: &Self::Network, sequences: usize, threads: usize) -> usize {
        R::parts(network.config().hidden_size, sequences, threads)
    }

    fn gradient(
        &self,
        network: &Self::Network,
        &batch: &usize,
        part: &Part<'_>,
        grad: &mut Self::Network,
    ) -> (f64, ()) {
        let (pairs, masks) = self.part(batch, part);
        let (batch, team): (_, &dyn Team) = (PairBatch::new(pairs), part.team);
        let smoothing = self.smoothing;
        let nats = network.loss_and_gradient(&batch, masks, smoothing, part.scale, grad, team);
        (nats.into(), ())
    }

    fn validate(&self, _network: &Self::Network, _workers: &Workers) -> Option<f64> {
        None
    }
}

impl<R: Engine<Scalar = f32>> Task for Batches<R, Words> {
    type Network = Labeler<R>;
    /// The number of the batch.
    type Batch = usize;
    type Carry = ();

    fn steps_per_epoch(&self) -> u64 {
        self.batches.len() as u64
    }

    fn batch(&mut self, step: u64) -> usize {
        self.number(step)
    }

    fn size(&self, &batch: &usize) -> BatchSize {
        self.size(batch, |(words, _)| words.len())
    }

    fn parts(&self, network: &Self::Network, sequences: usize, threads: usize) -> usize {
        R::parts(network.config().hidden_size / 2, sequences, threads)
    }

    fn gradient(
        &self,
        network: &Self::Network,
        &batch: &usize,
        part: &Part<'_>,
        grad: &mut Self::Network,
    ) -> (f64, ()) {
        let (words, masks) = self.part(batch, part);
        let batch = LabelBatch::new(words);
        let nats = network.loss_and_gradient(&batch, masks, part.scale, grad, part.team);
        (nats.into(), ())
    }

    fn validate(&self, _network: &Self::Network, _workers: &Workers) -> Option<f64> {
        None
    }
}
