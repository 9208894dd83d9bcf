//! Meeting points of threads that are never far apart.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::yield_now;

/// Where a fixed number of threads wait for each other. Waking a sleeping thread takes longer than
/// a layer does, so they watch a counter; on a busy machine they let others run in between.
#[derive(Debug)]
pub(crate) struct Barrier {
    threads: usize,
    arrived: AtomicUsize,
    round: AtomicUsize,
}

impl Barrier {
    pub fn new(threads: usize) -> Self {
        Self {
            threads,
            arrived: AtomicUsize::new(0),
            round: AtomicUsize::new(0),
        }
    }

    // ANCHOR: wait
    /// Waits until all have come. What any of them wrote before, all of them see after.
    pub fn wait(&self) {
        let round = self.round.load(Ordering::Acquire);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.arrived.store(0, Ordering::Relaxed);
            self.round.store(round.wrapping_add(1), Ordering::Release);
        } else {
            spin_until(|| self.round.load(Ordering::Acquire) != round, usize::MAX);
        }
    }
    // ANCHOR_END: wait
}

/// Looks at `done` until it holds (`true`), or in vain about `patience` thousand times (`false`).
pub(crate) fn spin_until(done: impl Fn() -> bool, patience: usize) -> bool {
    for _ in 0..patience {
        for _ in 0..1000 {
            if done() {
                return true;
            }
            spin_loop();
        }
        yield_now();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_goes_on_before_the_last_has_come() {
        const THREADS: usize = 3;
        let (barrier, count) = (Barrier::new(THREADS), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    for round in 1..=200 {
                        count.fetch_add(1, Ordering::Relaxed);
                        barrier.wait();
                        assert_eq!(count.load(Ordering::Relaxed), THREADS * round);
                        barrier.wait();
                    }
                });
            }
        });
    }
}
