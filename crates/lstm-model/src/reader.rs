//! Reading a text with a trained network, one token at a time.

use crate::{Alone, BatchState, Embedding, Head, Layer, Span, Stack, StackPass};
use nalgebra::DMatrix;
use std::mem::take;

/// Reads one sequence with a network and gives the logits of the next token. After
/// [`select`](Self::select), several sequences are read side by side.
pub trait Reader<T> {
    /// Reads tokens in order and updates the state (E19, E1–E8, E26). Of B sequences, one token of each is
    /// read, then the next one of each, and so on.
    ///
    /// # Panics
    /// If `ids` is empty, if its length is not a multiple of B, or if an id is not below V.
    fn read(&mut self, ids: &[u32]);

    /// The logits of the token after the last one read (E20): V numbers of the first sequence, V of the
    /// second, and so on; empty if nothing has been read.
    fn logits(&self) -> &[T];

    /// Replaces sequence k by the sequence that had the number `from[k]`. So `[0; 16]` continues one
    /// sequence in sixteen ways, and `[0, 2]` drops the second of three sequences.
    ///
    /// # Panics
    /// If `from` is empty, or if a number is not below B.
    fn select(&mut self, from: &[usize]);
}

/// A reader for any engine: every call is a forward pass over a batch.
pub struct StackReader<'a, R: Layer> {
    embedding: &'a Embedding<R::Scalar>,
    stack: &'a Stack<R>,
    head: &'a Head<R::Scalar>,
    states: Vec<BatchState<R::Scalar>>,
    logits: Vec<R::Scalar>,
}

impl<'a, R: Layer> StackReader<'a, R> {
    /// A reader in the zero state (E8).
    pub fn new(
        embedding: &'a Embedding<R::Scalar>,
        stack: &'a Stack<R>,
        head: &'a Head<R::Scalar>,
    ) -> Self {
        Self {
            states: stack.zero_states(1),
            logits: Vec::new(),
            embedding,
            stack,
            head,
        }
    }
}

impl<R: Layer> Reader<R::Scalar> for StackReader<'_, R> {
    fn read(&mut self, ids: &[u32]) {
        assert!(!ids.is_empty(), "no token to read");
        let batch_size = self.states[0].h.ncols();
        assert_eq!(ids.len() % batch_size, 0, "one token for each sequence");
        let input = self.embedding.input(ids);
        let pass = StackPass {
            input,
            initial: &self.states,
            span: Span::full(ids.len() / batch_size, batch_size),
            dropout: None,
            team: &Alone,
        };
        let (logits, states) = next_logits(self.stack, self.head, pass);
        self.states = states;
        self.logits = logits.as_slice().to_vec();
    }

    fn logits(&self) -> &[R::Scalar] {
        &self.logits
    }

    fn select(&mut self, from: &[usize]) {
        assert!(!from.is_empty(), "no sequence to continue");
        for state in &mut self.states {
            state.select(from);
        }
        if !self.logits.is_empty() {
            let vocab_size = self.head.vocab_size();
            let of = |&n: &usize| &self.logits[n * vocab_size..][..vocab_size];
            self.logits = from.iter().flat_map(of).copied().collect();
        }
    }
}

/// The logits of the token after the last step of each sequence (E1–E8, E20), V×B, and the states
/// after that step.
pub(crate) fn next_logits<R: Layer>(
    stack: &Stack<R>,
    head: &Head<R::Scalar>,
    pass: StackPass<'_, R::Scalar>,
) -> (DMatrix<R::Scalar>, Vec<BatchState<R::Scalar>>) {
    let mut tape = stack.forward(pass);
    let last = pass.span.columns(pass.span.seq_len - 1);
    let h = tape.output().columns_range(last).into_owned();
    (head.logits(&h), take(&mut tape.last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Batched, Engine, Network, NetworkConfig, Spec};

    fn sequences_side_by_side_are_those_alone<R: Engine<Scalar = f64>>() {
        let config = NetworkConfig {
            vocab_size: 7,
            embed_size: 3,
            hidden_size: 5,
            layers: 2,
            ..NetworkConfig::default()
        };
        let network = Network::<R>::init(config, 1).unwrap();
        let alone = |ids: &[u32]| {
            let mut reader = network.reader(1);
            reader.read(ids);
            reader.logits().to_vec()
        };
        let mut reader = network.reader(1);
        reader.read(&[3, 1]);
        reader.select(&[0; 3]);
        assert_eq!(reader.logits(), alone(&[3, 1]).repeat(3));
        reader.read(&[4, 5, 6, 0, 1, 2]); // 4 0, 5 1 and 6 2
        reader.select(&[2, 0]);
        let expected = [alone(&[3, 1, 6, 2]), alone(&[3, 1, 4, 0])].concat();
        let found = reader.logits().iter().zip(&expected);
        assert!(found.clone().count() == 14 && found.clone().all(|(a, b)| (a - b).abs() < 1e-14));
        reader.read(&[1, 2]);
        let expected = [alone(&[3, 1, 6, 2, 1]), alone(&[3, 1, 4, 0, 2])].concat();
        let mut found = reader.logits().iter().zip(&expected);
        assert!(found.all(|(a, b)| (a - b).abs() < 1e-14), "{}", R::NAME);
    }

    #[test]
    fn every_engine_reads_sequences_side_by_side() {
        sequences_side_by_side_are_those_alone::<Spec<f64>>();
        sequences_side_by_side_are_those_alone::<Batched<f64>>();
    }

    #[test]
    #[should_panic(expected = "one token for each sequence")]
    fn tokens_for_some_of_the_sequences_are_refused() {
        let config = NetworkConfig {
            vocab_size: 5,
            ..NetworkConfig::default()
        };
        let network = Network::<Spec<f64>>::init(config, 1).unwrap();
        let mut reader = network.reader(1);
        reader.select(&[0, 0]);
        reader.read(&[1, 2, 3]);
    }
}
