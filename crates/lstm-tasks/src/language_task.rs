//! The training task of a language model: to predict the next token of a text.

use crate::{Corpus, Cut};
use lstm_model::{
    BatchState, Canonical, Engine, Loss, ModelError, Network, NetworkPass, Tensors, even_parts,
};
use lstm_text::{Batch, Streams};
use lstm_train::{BatchSize, Part, Task, Workers};
use std::marker::PhantomData;
use std::ops::Range;

/// The training task of a language model: to predict s_{t+1} from s_1 … s_t (E21).
pub struct LanguageTask<R> {
    corpus: Corpus,
    hidden_size: usize,
    /// The initial states of the next batch, H×B for each layer.
    carried: Vec<BatchState<f32>>,
    engine: PhantomData<fn() -> R>,
}

impl<R: Engine<Scalar = f32>> LanguageTask<R> {
    /// The task on a corpus, for networks with the sizes of `network`.
    pub fn new(corpus: Corpus, network: &Network<R>) -> Self {
        Self {
            hidden_size: network.config().hidden_size,
            carried: network.zero_states(corpus.settings().batch_size),
            corpus,
            engine: PhantomData,
        }
    }

    /// The corpus.
    pub fn corpus(&self) -> &Corpus {
        &self.corpus
    }

    /// Whether states are carried from batch to batch. With windows, they are not.
    fn carries(&self) -> bool {
        self.corpus.settings().cut == Cut::Streams
    }
}

impl<R: Engine<Scalar = f32>> Task for LanguageTask<R> {
    type Network = Network<R>;
    type Batch = Batch;
    type Carry = Vec<BatchState<f32>>;

    fn steps_per_epoch(&self) -> u64 {
        self.corpus.steps_per_epoch()
    }

    fn batch(&mut self, step: u64) -> Batch {
        let (batch, fresh) = self.corpus.batch(step);
        if fresh {
            let zeros = || BatchState::zeros(self.hidden_size, batch.batch_size);
            self.carried.fill_with(zeros);
        }
        for stream in self.corpus.restarts(step) {
            self.carried
                .iter_mut()
                .for_each(|state| state.set_zero(stream));
        }
        batch
    }

    fn size(&self, batch: &Batch) -> BatchSize {
        BatchSize {
            sequences: batch.batch_size,
            tokens: batch.tokens(),
        }
    }

    fn parts(&self, network: &Network<R>, sequences: usize, threads: usize) -> usize {
        network.parts(sequences, threads)
    }

    fn gradient(
        &self,
        network: &Network<R>,
        batch: &Batch,
        part: &Part<'_>,
        grad: &mut Network<R>,
    ) -> (f64, Self::Carry) {
        let Range { start, end } = part.sequences;
        let initial: Vec<_> = self.carried.iter().map(|s| s.columns(start, end)).collect();
        // Truncated BPTT: the next batch gets the states, but returns no gradient on them.
        let dlast = network.zero_states(end - start);
        let pass = NetworkPass {
            batch: &batch.columns(start..end),
            initial: &initial,
            dropout: Some(part.dropout(self.corpus.settings().seed)),
            team: part.team,
        };
        let (loss, _) = network.loss_and_gradient(pass, part.scale, &dlast, grad);
        (loss.nats.into(), loss.last)
    }

    fn carry(&mut self, parts: Vec<(Range<usize>, Self::Carry)>) {
        if !self.carries() {
            return;
        }
        for (sequences, last) in parts {
            for (carried, last) in self.carried.iter_mut().zip(&last) {
                let BatchState { h, c } = carried;
                h.columns_range_mut(sequences.clone()).copy_from(&last.h);
                c.columns_range_mut(sequences.clone()).copy_from(&last.c);
            }
        }
    }

    fn carried_mut(&mut self, sequences: Range<usize>) -> Vec<&mut [f32]> {
        if !self.carries() {
            return Vec::new();
        }
        let numbers = self.hidden_size * sequences.start..self.hidden_size * sequences.end;
        let states = self.carried.iter_mut();
        let matrices = states.flat_map(|BatchState { h, c }| [h, c]);
        let of_sequences = matrices.map(|m| &mut m.as_mut_slice()[numbers.clone()]);
        of_sequences.collect()
    }

    fn validate(&self, network: &Network<R>, workers: &Workers) -> Option<f64> {
        evaluate(network, &self.corpus.validation()?, workers).mean()
    }

    fn export(&self, tensors: &mut Tensors) {
        if self.carries() {
            self.carried.export("carried", tensors);
        }
    }

    fn import(&mut self, tensors: &mut Tensors) -> Result<(), ModelError> {
        if !self.carries() {
            // Version 1 stored the states of windows, which are not used.
            tensors.retain(|name, _| !name.starts_with("carried."));
            return Ok(());
        }
        self.carried.import("carried", tensors)
    }
}

/// The loss over all streams (E21). Each stream starts from a zero state and carries its state from chunk
/// to chunk. The streams are shared out among the workers.
pub fn evaluate<R: Engine<Scalar = f32>>(
    network: &Network<R>,
    streams: &Streams<'_>,
    workers: &Workers,
) -> Loss {
    let count = workers.for_all(network.parts(streams.batch_size(), workers.threads()));
    let parts = even_parts(streams.batch_size(), count);
    workers.losses(parts, |part, team| {
        let chunks = streams.chunks().map(|chunk| chunk.columns(part.clone()));
        network.evaluate(chunks, team)
    })
}
