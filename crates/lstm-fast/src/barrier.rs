//! A barrier for threads that wait for each other only briefly.

use crate::sync::{AtomicBool, AtomicUsize, Ordering, spin_loop, yield_now};
use std::thread::panicking;

/// A barrier at which a fixed number of threads wait for each other. Waking a sleeping thread takes longer
/// than computing a layer, so the threads spin on a counter, and yield on a busy machine.
///
/// A thread that panics never reaches the barrier. Its [`Guard`] breaks the barrier, and every thread that
/// waits now or later also panics.
#[derive(Debug)]
pub(crate) struct Barrier {
    threads: usize,
    arrived: AtomicUsize,
    round: AtomicUsize,
    broken: AtomicBool,
}

/// Breaks a barrier if it is dropped by a panic.
pub(crate) struct Guard<'a>(&'a Barrier);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if panicking() {
            self.0.break_off();
        }
    }
}

impl Barrier {
    pub fn new(threads: usize) -> Self {
        Self {
            threads,
            arrived: AtomicUsize::new(0),
            round: AtomicUsize::new(0),
            broken: AtomicBool::new(false),
        }
    }

    /// A guard, which every thread must hold while others may wait for it.
    pub fn guard(&self) -> Guard<'_> {
        Guard(self)
    }

    /// Makes every thread panic that waits now or later.
    pub fn break_off(&self) {
        self.broken.store(true, Ordering::Relaxed);
    }

    // ANCHOR: wait
    /// Waits until all threads have called this. Then all threads see all earlier writes of the others.
    ///
    /// # Panics
    /// If one of the threads has panicked.
    pub fn wait(&self) {
        let is_broken = || self.broken.load(Ordering::Relaxed);
        let round = self.round.load(Ordering::Relaxed);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.arrived.store(0, Ordering::Relaxed);
            self.round.store(round.wrapping_add(1), Ordering::Release);
        } else {
            let is_over = || self.round.load(Ordering::Acquire) != round;
            spin_until(|| is_over() || is_broken(), usize::MAX);
        }
        assert!(!is_broken(), "another thread of this reader panicked");
    }
    // ANCHOR_END: wait
}

/// Calls `done` until it returns true, at most about `patience` thousand times. Returns its last answer.
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
    done()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::any::Any;
    use std::panic::catch_unwind;
    use std::sync::{Arc, mpsc};
    use std::thread::spawn;
    use std::time::Duration;

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

    fn message(panic: &(dyn Any + Send)) -> &str {
        panic.downcast_ref::<&str>().expect("a plain message")
    }

    #[test]
    fn a_thread_that_panics_leaves_no_other_waiting() {
        for threads in [2, 3] {
            let barrier = Arc::new(Barrier::new(threads));
            let (report, reports) = mpsc::channel();
            for n in 0..threads {
                let (barrier, report) = (Arc::clone(&barrier), report.clone());
                spawn(move || {
                    let outcome = catch_unwind(|| {
                        let _guard = barrier.guard();
                        barrier.wait();
                        assert!(n > 0, "on purpose");
                        barrier.wait();
                    });
                    report.send((n, outcome)).expect("the test is listening");
                });
            }
            for _ in 0..threads {
                let report = reports.recv_timeout(Duration::from_secs(30));
                let (n, outcome) = report.expect("no thread is left waiting");
                let panic = outcome.expect_err("every thread panics");
                let expected = match n {
                    0 => "on purpose",
                    _ => "another thread of this reader panicked",
                };
                assert_eq!(message(&*panic), expected, "{threads} threads, thread {n}");
            }
        }
    }
}
