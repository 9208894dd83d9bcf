//! Reading a text with a trained network, one token at a time.

use crate::{Alone, BatchState, Embedding, Head, Layer, Span, Stack, StackPass};
use nalgebra::DMatrix;
use std::mem::take;

/// Reads one sequence with a network and gives the logits of the next token.
pub trait Reader<T> {
    /// Reads tokens in order and updates the state (E19, E1–E8, E26).
    ///
    /// # Panics
    /// If `ids` is empty or an id is not below V.
    fn read(&mut self, ids: &[u32]);

    /// The logits of the token after the last one read (E20), V numbers; empty if nothing has been read.
    fn logits(&self) -> &[T];
}

/// A reader for any engine: every call is a forward pass over a batch of one sequence.
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
        let input = self.embedding.input(ids);
        let pass = StackPass {
            input,
            initial: &self.states,
            span: Span::full(ids.len(), 1),
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
