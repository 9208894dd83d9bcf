//! Reading one token of each sequence at a time, with the units of every layer shared out among threads.

mod part;
mod weights;

use crate::orders::Order;
use crate::packed::Fast;
use lstm_model::{Embedding, Head, Network, Reader, Stack};
use part::{Part, Shared};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{JoinHandle, spawn};
use weights::Weights;

/// The [`Reader`] of the fast engine. If one of its threads panics, reading panics.
///
/// Each thread computes its own units, whose weights stay in its own cache. The threads wait for each
/// other after every layer, because each reads the whole h. One thread computes each number, in a fixed
/// order, so the result depends neither on the number of threads nor on how many sequences are read side
/// by side.
#[derive(Debug)]
pub struct FastReader {
    shared: Arc<Shared>,
    own: Part,
    others: Vec<JoinHandle<Part>>,
    logits: Vec<f32>,
}

/// The precision of the layers' weights in a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// 32-bit floating-point numbers, unchanged.
    Single,
    /// 16-bit integers that are multiplied by a step. The step of each gate of each unit is the smallest
    /// power of two for which 32,767 steps reach the largest weight. Sums are computed in 32 bits. Most
    /// of a reader's time is spent on loading weights, and this halves their bytes.
    Int16,
}

/// The number of times, in thousands, that a thread looks for a new order before it sleeps: about as long
/// as drawing a token from the logits takes.
const PATIENCE: usize = 8;

/// Executes orders until the order to stop.
fn follow(shared: &Shared, part: &mut Part) {
    for done in 0.. {
        match shared.orders.wait(done, PATIENCE) {
            Order::Read { token, with_logits } => part.read(shared, token, with_logits),
            Order::Stop => return,
        }
    }
}

/// Starts a thread for each part. A thread returns its part when it ends.
fn spawn_each(shared: &Arc<Shared>, parts: Vec<Part>) -> Vec<JoinHandle<Part>> {
    let start = |mut part: Part| {
        let shared = Arc::clone(shared);
        spawn(move || {
            let _guard = shared.barrier.guard();
            follow(&shared, &mut part);
            part
        })
    };
    parts.into_iter().map(start).collect()
}

impl FastReader {
    /// A reader of the network with this embedding, stack and head, in the zero state (E8), with at most
    /// `threads` threads. It computes with the instructions of the top layer's [`Level`](crate::Level).
    pub fn new(
        embedding: &Embedding<f32>,
        stack: &Stack<Fast>,
        head: &Head<f32>,
        threads: usize,
        precision: Precision,
    ) -> Self {
        let weights = Weights::new(embedding, stack, head, precision);
        let threads = weights.useful(threads);
        let parts = (0..threads).map(|n| Part::new(&weights, n, threads));
        let parts = parts.collect();
        Self::start(Arc::new(weights), parts)
    }

    /// [`new`](Self::new) with the embedding, stack and head of this network.
    pub fn of_network(network: &Network<Fast>, threads: usize, precision: Precision) -> Self {
        let (embedding, stack) = (&network.embedding, &network.stack);
        Self::new(embedding, stack, &network.head, threads, precision)
    }

    /// Starts a thread for each part but the first, which is the caller's.
    fn start(weights: Arc<Weights>, mut parts: Vec<Part>) -> Self {
        let shared = Arc::new(Shared::new(weights, 1, parts.len()));
        let others = parts.split_off(1);
        Self {
            others: spawn_each(&shared, others),
            own: parts.remove(0),
            logits: Vec::new(),
            shared,
        }
    }

    fn give(&self, order: Order) {
        self.shared.orders.give(order);
        self.others.iter().for_each(|other| other.thread().unpark());
    }

    /// Reads a token of each sequence.
    fn read_one_of_each(&mut self, tokens: &[u32], with_logits: bool) {
        let (&token, others) = tokens.split_first().expect("there is a sequence");
        for (to, &token) in self.shared.other_tokens.iter().zip(others) {
            to.store(token, Ordering::Relaxed);
        }
        self.give(Order::Read { token, with_logits });
        self.own.read(&self.shared, token, with_logits);
    }

    /// Ends the other threads and returns their parts, without those of threads that have panicked. These
    /// have already reported the panic.
    fn stop(&mut self) -> Vec<Part> {
        self.give(Order::Stop);
        let joined = self.others.drain(..).map(JoinHandle::join);
        joined.filter_map(Result::ok).collect()
    }
}

impl Reader<f32> for FastReader {
    fn read(&mut self, ids: &[u32]) {
        let (sequences, vocab_size) = (self.shared.sequences, self.shared.weights.vocab_size);
        assert!(!ids.is_empty(), "no token to read");
        assert_eq!(ids.len() % sequences, 0, "one token for each sequence");
        assert!(
            ids.iter().all(|&id| (id as usize) < vocab_size),
            "ids are below V"
        );
        let shared = Arc::clone(&self.shared);
        let _guard = shared.barrier.guard();
        let steps = ids.len() / sequences;
        for (n, tokens) in ids.chunks_exact(sequences).enumerate() {
            self.read_one_of_each(tokens, n + 1 == steps);
        }
        shared.give_logits(&mut self.logits);
    }

    fn logits(&self) -> &[f32] {
        &self.logits
    }

    fn select(&mut self, from: &[usize]) {
        let sequences = self.shared.sequences;
        assert!(!from.is_empty(), "no sequence to continue");
        assert!(
            from.iter().all(|&n| n < sequences),
            "there are {sequences} sequences"
        );
        let threads = 1 + self.others.len();
        let mut others = self.stop();
        assert_eq!(1 + others.len(), threads, "another thread panicked");
        self.own.select(from);
        others.iter_mut().for_each(|part| part.select(from));
        let weights = Arc::clone(&self.shared.weights);
        self.shared = Arc::new(Shared::new(weights, from.len(), threads));
        self.others = spawn_each(&self.shared, others);
        if !self.logits.is_empty() {
            let vocab_size = self.shared.weights.vocab_size;
            let of = |&n: &usize| &self.logits[n * vocab_size..][..vocab_size];
            self.logits = from.iter().flat_map(of).copied().collect();
        }
    }
}

impl Drop for FastReader {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Level;
    use crate::panels::Panels;
    use lstm_gates::{Init, LstmParams};
    use lstm_model::Purpose;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::mpsc;
    use std::time::Duration;

    fn weights() -> Weights {
        let rng = &mut Purpose::Weights.rng(1, 0, 0);
        let (embedding, head) = (Embedding::init(5, 0, rng), Head::init(5, 64, rng));
        let params = LstmParams::init(Init::PytorchUniform, 5, 64, rng);
        let stack = Stack {
            layers: vec![Fast::at(Level::best(), &params)],
        };
        Weights::new(&embedding, &stack, &head, Precision::Single)
    }

    /// The input buffer of the last thread is too small, so that it panics at the first token.
    fn last_one_panics(weights: &Weights, threads: usize) -> Vec<Part> {
        let parts = (0..threads).map(|n| Part::new(weights, n, threads));
        let mut parts: Vec<_> = parts.collect();
        parts[threads - 1].layers[0].inputs = Panels::zeros(0, 1);
        parts
    }

    #[test]
    fn the_caller_panics_if_another_thread_does_and_no_thread_is_left_waiting() {
        for threads in [2, 3] {
            let (report, reports) = mpsc::channel();
            spawn(move || {
                let weights = weights();
                let parts = last_one_panics(&weights, threads);
                let mut reader = FastReader::start(Arc::new(weights), parts);
                let mut outcomes = Vec::new();
                for _ in 0..2 {
                    let read = AssertUnwindSafe(|| reader.read(&[1, 2]));
                    outcomes.push(catch_unwind(read).expect_err("the caller panics"));
                }
                drop(reader); // joins all threads
                report.send(outcomes).expect("the test is listening");
            });
            let report = reports.recv_timeout(Duration::from_secs(30));
            for panic in report.expect("no thread is left waiting") {
                let message = panic.downcast_ref::<&str>();
                let expected = "another thread of this reader panicked";
                assert_eq!(message, Some(&expected), "{threads} threads");
            }
        }
    }
}
