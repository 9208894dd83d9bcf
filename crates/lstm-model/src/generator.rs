//! Reading and writing text with a trained network, one token at a time.

use crate::{BatchState, Network, Recurrent, Sampler, Span};
use rand::Rng;

/// A network in the course of reading one sequence.
pub trait Reader<T> {
    /// Reads tokens, in their order, from the state it is in (E19, E1–E8, E26).
    ///
    /// # Panics
    /// If there is no token, or an id that is not below V.
    fn read(&mut self, ids: &[u32]);

    /// The logits of the token after the last one read (E20), V; none before the first.
    fn logits(&self) -> &[T];
}

/// The reader of any engine: a forward pass over a batch of one sequence.
pub struct NetworkReader<'a, R: Recurrent> {
    network: &'a Network<R>,
    states: Vec<BatchState<R::Scalar>>,
    logits: Vec<R::Scalar>,
}

impl<'a, R: Recurrent> NetworkReader<'a, R> {
    /// A reader in the zero state (E8).
    pub fn new(network: &'a Network<R>) -> Self {
        Self {
            network,
            states: network.zero_states(1),
            logits: Vec::new(),
        }
    }
}

impl<R: Recurrent> Reader<R::Scalar> for NetworkReader<'_, R> {
    fn read(&mut self, ids: &[u32]) {
        assert!(!ids.is_empty(), "there is something to read");
        let span = Span::full(ids.len(), 1);
        let (logits, states) = self.network.next_logits(ids, &self.states, &span);
        self.states = states;
        self.logits = logits.as_slice().to_vec();
    }

    fn logits(&self) -> &[R::Scalar] {
        &self.logits
    }
}

/// A network in the course of reading and writing one sequence.
pub struct Generator<'a, R: Recurrent + 'a> {
    reader: R::Reader<'a>,
}

impl<'a, R: Recurrent> Generator<'a, R>
where
    R::Scalar: Into<f64>,
{
    /// Reads `prime` from zero states, with at most `threads` threads; what is written does not
    /// depend on their number.
    ///
    /// # Panics
    /// If `prime` is empty or holds an id that is not below V.
    pub fn new(network: &'a Network<R>, prime: &[u32], threads: usize) -> Self {
        Self::with_reader(R::reader(network, threads), prime)
    }

    /// Reads `prime` with a reader that has been made for the purpose.
    ///
    /// # Panics
    /// As [`new`](Self::new).
    pub fn with_reader(mut reader: R::Reader<'a>, prime: &[u32]) -> Self {
        assert!(!prime.is_empty(), "there is something to continue");
        reader.read(prime);
        Self { reader }
    }

    /// Draws the next token (E24) and reads it.
    pub fn next_token(&mut self, sampler: &Sampler, rng: &mut impl Rng) -> u32 {
        let token = sampler.sample(self.reader.logits(), rng);
        self.reader.read(&[token]);
        token
    }
}
