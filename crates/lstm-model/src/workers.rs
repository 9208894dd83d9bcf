//! A batch shared out among threads.

use crate::ModelError;
use rayon::prelude::*;
use std::cell::Cell;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Threads that each take a part of a batch's sequences.
///
/// Parts are contiguous and results come back in their order, so that for a given number of threads
/// everything is added in the same order and comes out the same, to the bit.
///
/// Where there are fewer parts than threads, a part may [`share`] its work with the threads that are
/// left.
pub struct Workers {
    threads: usize,
    pool: rayon::ThreadPool,
}

impl Workers {
    /// `threads` of them.
    ///
    /// # Errors
    /// [`ModelError::Setting`] for 0, [`ModelError::Threads`] if the system refuses.
    pub fn new(threads: usize) -> Result<Self, ModelError> {
        if threads == 0 {
            return Err(ModelError::setting("number of threads", 0, "at least 1"));
        }
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .map_err(|e| ModelError::Threads {
                threads,
                why: e.to_string(),
            })?;
        Ok(Self { threads, pool })
    }

    /// How many there are.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// A part of `batch_size` sequences for each thread ([`even_parts`]).
    pub fn parts(&self, batch_size: usize) -> Vec<Range<usize>> {
        even_parts(batch_size, self.threads)
    }

    /// Does `work` on every job, side by side; results in the order of the jobs. If there are no
    /// more jobs than threads, job n is always done by thread n, which finds its memory again.
    pub fn map<J: Send, O: Send>(
        &self,
        jobs: Vec<J>,
        work: impl Fn(J) -> O + Sync + Send,
    ) -> Vec<O> {
        if self.threads == 1 {
            return jobs.into_iter().map(work).collect();
        }
        if jobs.len() > self.threads {
            let all = || jobs.into_par_iter().with_max_len(1).map(work).collect();
            return self.pool.install(all);
        }
        let at_hand = self.threads / jobs.len().max(1);
        let jobs: Vec<_> = jobs.into_iter().map(|job| Mutex::new(Some(job))).collect();
        let done = self.pool.broadcast(|thread| {
            let job = jobs.get(thread.index())?.lock();
            let job = job.unwrap_or_else(PoisonError::into_inner).take()?;
            Some(with_at_hand(at_hand, || work(job)))
        });
        done.into_iter().flatten().collect()
    }
}

impl Workers {
    /// Does one job with all threads at hand.
    pub fn whole<O: Send>(&self, work: impl FnOnce() -> O + Send) -> O {
        let mut done = self.map(vec![work], |work| work());
        done.pop().expect("a result for the job")
    }
}

thread_local! {
    static AT_HAND: Cell<usize> = const { Cell::new(1) };
}

/// How many threads there are for the job that this thread is doing, itself among them.
pub fn threads_at_hand() -> usize {
    AT_HAND.get()
}

fn with_at_hand<O>(threads: usize, work: impl FnOnce() -> O) -> O {
    struct Restore(usize);
    impl Drop for Restore {
        fn drop(&mut self) {
            AT_HAND.set(self.0);
        }
    }
    let _restore = Restore(AT_HAND.replace(threads));
    work()
}

/// Does `work` on every piece of a job of [`Workers::map`], with the threads at hand. Which thread
/// does which is open, so nothing may depend on it.
pub fn share<P: Send>(pieces: Vec<P>, work: impl Fn(P) + Sync + Send) {
    match threads_at_hand() {
        1 => pieces.into_iter().for_each(work),
        _ => pieces.into_par_iter().with_max_len(1).for_each(work),
    }
}

// ANCHOR: parts
/// `sequences` in at most one part a thread, sizes as even as can be, none empty.
pub fn even_parts(sequences: usize, threads: usize) -> Vec<Range<usize>> {
    let parts = threads.min(sequences);
    let edge = |n: usize| n * sequences / parts;
    (0..parts).map(|n| edge(n)..edge(n + 1)).collect()
}
// ANCHOR_END: parts

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    fn parts_cover_the_batch_once_and_evenly() {
        for threads in 1..6 {
            let workers = Workers::new(threads).unwrap();
            for batch_size in 1..20 {
                let parts = workers.parts(batch_size);
                let sequences: Vec<usize> = parts.iter().cloned().flatten().collect();
                assert_eq!(sequences, (0..batch_size).collect::<Vec<_>>());
                let sizes: Vec<usize> = parts.iter().map(ExactSizeIterator::len).collect();
                let (min, max) = (sizes.iter().min().unwrap(), sizes.iter().max().unwrap());
                assert!(*min > 0 && max - min <= 1, "{sizes:?}");
                assert_eq!(parts.len(), threads.min(batch_size));
            }
        }
    }

    #[test]
    fn results_keep_the_order_of_the_jobs() {
        let doubled = Workers::new(3)
            .unwrap()
            .map((0..50).collect(), |n: u32| 2 * n);
        assert_eq!(doubled, (0..50).map(|n| 2 * n).collect::<Vec<_>>());
    }

    #[test]
    fn a_job_for_each_thread_is_done_by_the_same_one_every_time() {
        let workers = Workers::new(3).unwrap();
        let threads = || workers.map(vec![0, 1, 2], |_| std::thread::current().id());
        let first = threads();
        assert_ne!(first[0], first[1]);
        assert!((0..20).all(|_| threads() == first));
    }

    #[test]
    fn threads_that_are_left_over_are_at_hand() {
        let at_hand = |threads, jobs: usize| {
            let workers = Workers::new(threads).unwrap();
            workers.map(vec![(); jobs], |()| threads_at_hand())
        };
        assert_eq!(threads_at_hand(), 1);
        assert_eq!(at_hand(1, 1), [1]);
        assert!(at_hand(4, 0).is_empty());
        assert_eq!(at_hand(4, 1), [4]);
        assert_eq!(at_hand(4, 2), [2; 2]);
        assert_eq!(at_hand(4, 3), [1; 3]);
        assert_eq!(at_hand(2, 5), [1; 5]);
    }

    #[test]
    fn every_piece_is_done_once_with_helpers_and_without() {
        let share_out = |()| {
            let mut done = [0; 50];
            share(done.iter_mut().collect(), |piece| *piece += 1);
            done
        };
        assert_eq!(share_out(()), [1; 50]);
        let workers = Workers::new(3).unwrap();
        assert_eq!(workers.map(vec![()], share_out), [[1; 50]]);
    }

    #[test]
    fn a_job_that_panics_takes_the_caller_with_it_and_leaves_the_threads_in_order() {
        let workers = Workers::new(2).unwrap();
        let panics = || workers.map(vec![()], |()| panic!("on purpose"));
        assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
        assert_eq!(workers.map(vec![(); 2], |()| threads_at_hand()), [1; 2]);
    }

    #[test]
    fn no_threads_are_refused() {
        let message = Workers::new(0).map(|_| ()).unwrap_err().to_string();
        assert_eq!(message, "number of threads is 0, expected at least 1");
    }
}
