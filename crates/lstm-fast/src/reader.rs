//! Reading one token at a time, the units of every layer shared out among threads.

mod part;

use crate::barrier::spin_until;
use crate::packed::Fast;
use lstm_model::{Embedding, Head, Network, Reader, Stack};
use part::{Part, Shared, load};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{JoinHandle, park, spawn};

/// The fast engine's [`Reader`]. If one of its threads panics, reading panics.
///
/// Each thread keeps the weights of its own units in its own cache. The threads meet after every
/// layer, to see each other's part of h. Every number is computed by one thread in one order, so
/// the result does not depend on how many there are.
#[derive(Debug)]
pub struct FastReader {
    shared: Arc<Shared>,
    own: Part,
    others: Vec<JoinHandle<()>>,
    logits: Vec<f32>,
}

/// How a reader stores the weights of the layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// As 32-bit floating-point numbers, unchanged.
    Single,
    /// As 16-bit integers that count a power of two: for each gate of each unit, the smallest power
    /// of which 32,767 reach the largest weight. Every sum is still taken in 32 bits. A reader spends
    /// its time fetching weights, and this halves their bytes.
    Int16,
}

/// No more tokens; ids are below it, as they are below V.
const STOP: u32 = u32::MAX;

/// How long a thread without an order looks out for one before it sleeps, in thousands of looks:
/// about as long as it takes to draw a token from the logits.
const PATIENCE: usize = 8;

/// Follows orders until there are no more.
fn follow(shared: &Shared, mut part: Part) {
    for done in 0.. {
        while !spin_until(|| shared.order.load(Ordering::Acquire) > done, PATIENCE) {
            park();
        }
        match shared.token.load(Ordering::Relaxed) {
            STOP => return,
            token => part.read(shared, token, shared.with_logits.load(Ordering::Relaxed)),
        }
    }
}

impl FastReader {
    /// A reader of the network of these parts, in the zero state (E8), with at most `threads` threads.
    /// It computes with the instructions of the top layer's [`Level`](crate::Level).
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

    /// [`new`](Self::new) with the parts of this network.
    pub fn of_network(network: &Network<Fast>, threads: usize, precision: Precision) -> Self {
        let (embedding, stack) = (&network.embedding, &network.stack);
        Self::new(embedding, stack, &network.head, threads, precision)
    }

    /// Starts the threads. `part` makes the part of thread `n` of `threads`, on that thread.
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

    fn give_order(&self, token: u32, with_logits: bool) {
        self.shared.token.store(token, Ordering::Relaxed);
        self.shared
            .with_logits
            .store(with_logits, Ordering::Relaxed);
        self.shared.order.fetch_add(1, Ordering::Release);
        self.others.iter().for_each(|other| other.thread().unpark());
    }
}

impl Reader<f32> for FastReader {
    fn read(&mut self, ids: &[u32]) {
        assert!(!ids.is_empty(), "there is something to read");
        let vocab_size = self.shared.vocab_size;
        assert!(
            ids.iter().all(|&id| (id as usize) < vocab_size),
            "ids are below V"
        );
        let _guard = self.shared.barrier.guard();
        for (n, &id) in ids.iter().enumerate() {
            let with_logits = n + 1 == ids.len();
            self.give_order(id, with_logits);
            self.own.read(&self.shared, id, with_logits);
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
        self.give_order(STOP, false);
        for other in self.others.drain(..) {
            // If the thread has panicked, it has reported that itself.
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

    /// The last thread has too little room for its inputs, so that it panics at the first token.
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
