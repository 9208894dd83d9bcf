//! The continuation of a text by beam search (E31).

use crate::beam::Continuation;
use lstm_model::{BatchState, Layer, Network, Span, log_softmax};
use nalgebra::DMatrix;

/// A language model that has read a text, for a beam search of its continuation.
pub struct Continuing<'a, R: Layer> {
    network: &'a Network<R>,
    /// The state of each layer, with a column for each hypothesis.
    states: Vec<BatchState<R::Scalar>>,
}

impl<'a, R: Layer> Continuing<'a, R> {
    /// Reads `text`. The first token of the search is the token after `text`.
    ///
    /// # Panics
    /// If an id is not below V.
    pub fn new(network: &'a Network<R>, text: &[u32]) -> Self {
        let mut states = network.zero_states(1);
        if !text.is_empty() {
            (_, states) = network.next_logits(text, &states, Span::full(text.len(), 1));
        }
        Self { network, states }
    }
}

impl<R: Layer> Continuation for Continuing<'_, R>
where
    R::Scalar: Into<f64>,
{
    fn advance(&mut self, from: &[usize], tokens: &[u32]) -> DMatrix<f64> {
        for state in &mut self.states {
            state.select(from);
        }
        let span = Span::full(1, tokens.len());
        let (z, states) = self.network.next_logits(tokens, &self.states, span);
        self.states = states;
        let mut log_p = z.map(Into::into);
        log_softmax(&mut log_p);
        log_p
    }
}
