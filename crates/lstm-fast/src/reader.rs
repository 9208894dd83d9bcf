//! Reading one token at a time, with the units of every layer shared out among threads.

mod part;

use crate::orders::Order;
use crate::packed::Fast;
use lstm_model::{Embedding, Head, Network, Reader, Stack};
use part::{Part, Shared, load};
use std::sync::Arc;
use std::thread::{JoinHandle, spawn};

/// The [`Reader`] of the fast engine. If one of its threads panics, reading panics.
///
/// Each thread computes its own units, whose weights stay in its own cache. The threads wait for each
/// other after every layer, because each reads the whole h. One thread computes each number, in a fixed
/// order, so the result does not depend on the number of threads.
#[derive(Debug)]
pub struct FastReader {
    shared: Arc<Shared>,
    own: Part,
    others: Vec<JoinHandle<()>>,
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
fn follow(shared: &Shared, mut part: Part) {
    for done in 0.. {
        match shared.orders.wait(done, PATIENCE) {
            Order::Read { token, with_logits } => part.read(shared, token, with_logits),
            Order::Stop => return,
        }
    }
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
        let shared = Shared::new(embedding, stack, head, threads, precision);
        Self::start(shared, Part::new)
    }

    /// [`new`](Self::new) with the embedding, stack and head of this network.
    pub fn of_network(network: &Network<Fast>, threads: usize, precision: Precision) -> Self {
        let (embedding, stack) = (&network.embedding, &network.stack);
        Self::new(embedding, stack, &network.head, threads, precision)
    }

    /// Starts the threads. Thread `n` of `threads` calls `part` to build its part of the work.
    fn start(shared: Shared, part: fn(&Shared, usize, usize) -> Part) -> Self {
        let (threads, shared) = (shared.barrier.threads(), Arc::new(shared));
        let others = (1..threads).map(|n| {
            let shared = Arc::clone(&shared);
            spawn(move || {
                let _guard = shared.barrier.guard();
                follow(&shared, part(&shared, n, threads));
            })
        });
        Self {
            others: others.collect(),
            own: part(&shared, 0, threads),
            logits: Vec::new(),
            shared,
        }
    }

    fn give(&self, order: Order) {
        self.shared.orders.give(order);
        self.others.iter().for_each(|other| other.thread().unpark());
    }
}

impl Reader<f32> for FastReader {
    fn read(&mut self, ids: &[u32]) {
        assert!(!ids.is_empty(), "no token to read");
        let vocab_size = self.shared.vocab_size;
        assert!(
            ids.iter().all(|&id| (id as usize) < vocab_size),
            "ids are below V"
        );
        let _guard = self.shared.barrier.guard();
        for (n, &token) in ids.iter().enumerate() {
            let with_logits = n + 1 == ids.len();
            self.give(Order::Read { token, with_logits });
            self.own.read(&self.shared, token, with_logits);
        }
        self.logits.resize(vocab_size, 0.0);
        load(&self.shared.logits, &mut self.logits);
    }

    fn logits(&self) -> &[f32] {
        &self.logits
    }
}

impl Drop for FastReader {
    fn drop(&mut self) {
        self.give(Order::Stop);
        for other in self.others.drain(..) {
            // A thread that has panicked has already reported the panic.
            let _ = other.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Level;
    use lstm_gates::{Init, LstmParams};
    use lstm_model::Purpose;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::mpsc;
    use std::time::Duration;

    fn shared(threads: usize) -> Shared {
        let rng = &mut Purpose::Weights.rng(1, 0, 0);
        let (embedding, head) = (Embedding::init(5, 0, rng), Head::init(5, 64, rng));
        let params = LstmParams::init(Init::PytorchUniform, 5, 64, rng);
        let stack = Stack {
            layers: vec![Fast::at(Level::best(), &params)],
        };
        Shared::new(&embedding, &stack, &head, threads, Precision::Single)
    }

    /// The input buffer of the last thread is too small, so that it panics at the first token.
    fn last_one_panics(shared: &Shared, n: usize, threads: usize) -> Part {
        let mut part = Part::new(shared, n, threads);
        if n + 1 == threads {
            part.layers[0].inputs.clear();
        }
        part
    }

    #[test]
    fn the_caller_panics_if_another_thread_does_and_no_thread_is_left_waiting() {
        for threads in [2, 3] {
            let (report, reports) = mpsc::channel();
            spawn(move || {
                let mut reader = FastReader::start(shared(threads), last_one_panics);
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
