//! A batch shared out among threads.

use crate::ModelError;
use rayon::prelude::*;
use std::ops::Range;

/// Threads that each take a part of a batch's sequences.
///
/// Parts are contiguous and results come back in their order, so that for a given number of threads
/// everything is added in the same order and comes out the same, to the bit.
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

    /// A part of `batch_size` sequences for each thread ([`even_parts`]).
    pub fn parts(&self, batch_size: usize) -> Vec<Range<usize>> {
        even_parts(batch_size, self.threads)
    }

    /// Does `work` on every job, side by side; results in the order of the jobs.
    pub fn map<J: Send, O: Send>(
        &self,
        jobs: Vec<J>,
        work: impl Fn(J) -> O + Sync + Send,
    ) -> Vec<O> {
        if self.threads == 1 {
            return jobs.into_iter().map(work).collect();
        }
        self.pool
            .install(|| jobs.into_par_iter().with_max_len(1).map(work).collect())
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
    fn no_threads_are_refused() {
        let message = Workers::new(0).map(|_| ()).unwrap_err().to_string();
        assert_eq!(message, "number of threads is 0, expected at least 1");
    }
}
