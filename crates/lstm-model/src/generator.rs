//! Writing text with a trained network, one token at a time.

use crate::{BatchState, Network, Recurrent, Sampler, Span};
use rand::Rng;

/// A network in the course of reading and writing one sequence.
pub struct Generator<'a, R: Recurrent> {
    network: &'a Network<R>,
    states: Vec<BatchState<R::Scalar>>,
    logits: Vec<R::Scalar>,
}

impl<'a, R: Recurrent> Generator<'a, R>
where
    R::Scalar: Into<f64>,
{
    /// Reads `prime` from zero states.
    ///
    /// # Panics
    /// If `prime` is empty or holds an id that is not below V.
    pub fn new(network: &'a Network<R>, prime: &[u32]) -> Self {
        assert!(!prime.is_empty(), "there is something to continue");
        let mut generator = Self {
            network,
            states: network.zero_states(1),
            logits: Vec::new(),
        };
        generator.read(prime);
        generator
    }

    /// Draws the next token (E24) and reads it.
    pub fn next_token(&mut self, sampler: &Sampler, rng: &mut impl Rng) -> u32 {
        let token = sampler.sample(&self.logits, rng);
        self.read(&[token]);
        token
    }

    fn read(&mut self, ids: &[u32]) {
        let span = Span::full(ids.len(), 1);
        let (logits, states) = self.network.next_logits(ids, &self.states, &span);
        self.states = states;
        self.logits = logits.as_slice().to_vec();
    }
}
