//! Checks the barrier and the orders of lstm-fast's reader with loom, which runs a program once for every
//! interleaving of its threads and for every value that the memory model lets a load return:
//!
//! ```text
//! cargo run --release -p lstm-loom
//! ```
//!
//! The two modules are those of lstm-fast, compiled with loom's atomics and loom's `park`. Three points
//! are not checked. A thread looks once before it yields or sleeps, not thousands of times; looking again
//! at the same state would change nothing. The unwinding of a thread that panics is replaced by what its
//! guard does, because loom ends at the first panic in a thread. The arithmetic between two barriers is
//! replaced by a store that every other thread checks.
//!
//! With two threads everything is tried. With three, two of them can yield to each other many times before
//! the third runs, so there are too many interleavings; the first [`Model::most`] of them are tried.

#[path = "../../../crates/lstm-fast/src/barrier.rs"]
#[allow(dead_code)]
mod barrier;
#[path = "../../../crates/lstm-fast/src/orders.rs"]
mod orders;
mod sync;

use barrier::Barrier;
use loom::model::Builder;
use loom::sync::Arc;
use loom::thread::spawn;
use orders::{Order, Orders};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::atomic;
use std::time::Instant;
use sync::{AtomicU32, Ordering};

/// A program, and how thoroughly it is checked.
struct Model {
    name: &'static str,
    threads: usize,
    /// The largest number of executions; `None` is no limit.
    most: Option<usize>,
    program: fn(usize),
}

const MODELS: [Model; 6] = [
    model("barrier", 2, None, meet),
    model("barrier", 3, Some(10_000), meet),
    model("broken barrier", 2, None, one_breaks_off),
    model("broken barrier", 3, Some(10_000), one_breaks_off),
    model("reader", 2, None, read),
    model("reader", 3, Some(10_000), read),
];

const fn model(
    name: &'static str,
    threads: usize,
    most: Option<usize>,
    program: fn(usize),
) -> Model {
    Model {
        name,
        threads,
        most,
        program,
    }
}

fn main() {
    // The panics of a broken barrier are expected, and there are thousands.
    let usual = take_hook();
    set_hook(Box::new(move |panic| {
        if panic.payload_as_str() != Some("another thread of this reader panicked") {
            usual(panic);
        }
    }));
    println!("model           threads  executions  seconds");
    for Model {
        name,
        threads,
        most,
        program,
    } in MODELS
    {
        static EXECUTIONS: atomic::AtomicU64 = atomic::AtomicU64::new(0);
        EXECUTIONS.store(0, Ordering::Relaxed);
        let mut builder = Builder::new();
        builder.preemption_bound = None;
        builder.max_permutations = most;
        builder.max_branches = 100_000;
        let start = Instant::now();
        builder.check(move || {
            EXECUTIONS.fetch_add(1, Ordering::Relaxed);
            program(threads);
        });
        let executions = EXECUTIONS.load(Ordering::Relaxed);
        let seconds = start.elapsed().as_secs_f64();
        let whole = match most {
            Some(most) if executions + 1 >= most as u64 => ", not all",
            _ => ", all",
        };
        println!("{name:<15} {threads:>7}  {executions:>10}  {seconds:>7.1}{whole}");
    }
}

/// The numbers that the threads write for each other, as h is.
struct Slots(Vec<AtomicU32>);

impl Slots {
    fn new(threads: usize) -> Self {
        Self((0..threads).map(|_| AtomicU32::new(0)).collect())
    }

    /// Thread `n` writes, waits, and checks that all others have written the same.
    fn exchange(&self, n: usize, number: u32, barrier: &Barrier) {
        self.0[n].store(number, Ordering::Relaxed);
        barrier.wait();
        for slot in &self.0 {
            assert_eq!(slot.load(Ordering::Relaxed), number, "seen by thread {n}");
        }
        barrier.wait();
    }
}

/// Every thread writes, and reads after the barrier, which is then used again.
fn meet(threads: usize) {
    let shared = Arc::new((Barrier::new(threads), Slots::new(threads)));
    in_threads(threads, move |n| shared.1.exchange(n, 1, &shared.0));
}

/// One thread stops before the barrier; every other thread panics instead of waiting for ever.
fn one_breaks_off(threads: usize) {
    let barrier = Arc::new(Barrier::new(threads));
    in_threads(threads, move |n| {
        if n == 0 {
            return barrier.break_off();
        }
        let waited = catch_unwind(AssertUnwindSafe(|| barrier.wait()));
        assert!(waited.is_err(), "thread {n} went on");
    });
}

/// Two tokens and the order to stop. The caller is thread 0.
fn read(threads: usize) {
    let shared = Arc::new((Orders::new(), Barrier::new(threads), Slots::new(threads)));
    let others: Vec<_> = (1..threads)
        .map(|n| {
            let shared = Arc::clone(&shared);
            spawn(move || {
                let (orders, barrier, slots) = &*shared;
                for done in 0.. {
                    match orders.wait(done, 1) {
                        Order::Stop => return assert_eq!(done, TOKENS.len()),
                        Order::Read { token, with_logits } => {
                            assert_eq!(TOKENS.get(done), Some(&(token, with_logits)));
                            slots.exchange(n, token, barrier);
                        }
                    }
                }
            })
        })
        .collect();
    let (orders, barrier, slots) = &*shared;
    let give = |order| {
        orders.give(order);
        // Loom tries no other thread between two operations unless they are on shared data.
        sync::yield_now();
        others.iter().for_each(|other| other.thread().unpark());
    };
    for (token, with_logits) in TOKENS {
        give(Order::Read { token, with_logits });
        slots.exchange(0, token, barrier);
    }
    give(Order::Stop);
    others
        .into_iter()
        .for_each(|other| other.join().expect("it ends"));
}

const TOKENS: [(u32, bool); 2] = [(7, false), (8, true)];

/// Runs `work` in this thread as thread 0 and in others.
fn in_threads(threads: usize, work: impl Fn(usize) + Clone + 'static) {
    let others: Vec<_> = (1..threads)
        .map(|n| {
            let work = work.clone();
            spawn(move || work(n))
        })
        .collect();
    work(0);
    others
        .into_iter()
        .for_each(|other| other.join().expect("it ends"));
}
