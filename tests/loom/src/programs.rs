//! The programs that loom runs.

use crate::barrier::Barrier;
use crate::orders::{Order, Orders};
use crate::sync::{AtomicU32, Ordering};
use loom::sync::Arc;
use loom::thread::{JoinHandle, spawn, yield_now};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A program, run by this many threads.
pub(crate) type Program = fn(usize, Mistake);

/// A mistake in a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    None,
    /// The barrier lets the threads go on when one is still missing.
    OneTooFew,
    /// A thread that ends early does not break the barrier.
    NotBroken,
    /// The caller wakes its threads before it gives the order.
    WokenTooEarly,
    /// The caller gives the next order without waiting for its threads.
    NotAwaited,
}

/// The numbers that the threads write for each other, as they do with h.
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

fn barrier(threads: usize, mistake: Mistake) -> Barrier {
    Barrier::new(threads - usize::from(mistake == Mistake::OneTooFew))
}

/// Every thread writes, and reads after the barrier, which is then used again.
pub(crate) fn meet(threads: usize, mistake: Mistake) {
    let shared = Arc::new((barrier(threads, mistake), Slots::new(threads)));
    let others = in_others(threads, &shared, |n, (barrier, slots)| {
        slots.exchange(n, 1, barrier);
    });
    shared.1.exchange(0, 1, &shared.0);
    join(others);
}

/// One thread ends before the barrier; every other thread panics instead of waiting for ever.
pub(crate) fn one_breaks_off(threads: usize, mistake: Mistake) {
    let shared = Arc::new(barrier(threads, mistake));
    let others = in_others(threads, &shared, |n, barrier| {
        let waited = catch_unwind(AssertUnwindSafe(|| barrier.wait()));
        assert!(waited.is_err(), "thread {n} went on");
    });
    if mistake != Mistake::NotBroken {
        shared.break_off();
    }
    join(others);
}

/// The tokens of a reader, and whether their logits are wanted.
type Tokens = &'static [(u32, bool)];

/// The caller, thread 0, gives the others a token to read and the order to stop.
pub(crate) fn read_one(threads: usize, mistake: Mistake) {
    read(&[(7, true)], || (), threads, mistake);
}

/// The other threads may go on before the caller wakes them. Loom lets no thread go on there by itself,
/// because waking is no operation on shared data.
pub(crate) fn read_one_woken_late(threads: usize, mistake: Mistake) {
    read(&[(7, true)], yield_now, threads, mistake);
}

/// The caller gives the others two tokens to read and the order to stop.
pub(crate) fn read_two(threads: usize, mistake: Mistake) {
    read(&[(7, false), (8, true)], || (), threads, mistake);
}

fn read(tokens: Tokens, pause: fn(), threads: usize, mistake: Mistake) {
    let shared = (
        Orders::new(),
        barrier(threads, mistake),
        Slots::new(threads),
        tokens,
    );
    let shared = Arc::new(shared);
    let others = in_others(threads, &shared, |n, (orders, barrier, slots, tokens)| {
        for done in 0.. {
            match orders.wait(done, 0) {
                Order::Stop => return assert_eq!(done, tokens.len(), "tokens read"),
                Order::Read { token, with_logits } => {
                    assert_eq!(tokens.get(done), Some(&(token, with_logits)), "the order");
                    slots.exchange(n, token, barrier);
                }
            }
        }
    });
    let (orders, barrier, slots, _) = &*shared;
    let wake = || others.iter().for_each(|other| other.thread().unpark());
    let give = |order| {
        if mistake == Mistake::WokenTooEarly {
            wake();
            orders.give(order);
        } else {
            orders.give(order);
            pause();
            wake();
        }
    };
    for &(token, with_logits) in tokens {
        give(Order::Read { token, with_logits });
        if mistake != Mistake::NotAwaited {
            slots.exchange(0, token, barrier);
        }
    }
    give(Order::Stop);
    join(others);
}

/// Runs `work` in threads 1 and up.
fn in_others<T: 'static>(
    threads: usize,
    shared: &Arc<T>,
    work: fn(usize, &T),
) -> Vec<JoinHandle<()>> {
    let start = |n| {
        let shared = Arc::clone(shared);
        spawn(move || work(n, &shared))
    };
    (1..threads).map(start).collect()
}

fn join(others: Vec<JoinHandle<()>>) {
    for other in others {
        other.join().expect("it ends");
    }
}
