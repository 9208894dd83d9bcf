//! The threads that work on one call together.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// The threads that work on one call together.
///
/// The team is an argument, so a layer needs no thread pool and the caller decides how many threads a
/// call may use.
pub trait Team: Sync {
    /// The number of threads, the caller's own included.
    fn threads(&self) -> usize;

    /// Calls `work` once with every number below `items`, on any thread of the team, and returns after
    /// all these calls.
    fn run(&self, items: usize, work: &(dyn Fn(usize) + Sync));
}

/// The calling thread alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl Team for Alone {
    fn threads(&self) -> usize {
        1
    }

    fn run(&self, items: usize, work: &(dyn Fn(usize) + Sync)) {
        (0..items).for_each(work);
    }
}

/// Calls `work` with every item, on all threads of the team. No result may depend on which thread gets
/// which item.
pub fn share<P: Send>(team: &dyn Team, items: Vec<P>, work: impl Fn(P) + Sync + Send) {
    if team.threads() == 1 || items.len() <= 1 {
        return items.into_iter().for_each(work);
    }
    let items: Vec<_> = items
        .into_iter()
        .map(|item| Mutex::new(Some(item)))
        .collect();
    team.run(items.len(), &|n| {
        let item = items[n]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        work(item.expect("a team calls its work once for each item"));
    });
}

// ANCHOR: parts
/// Cuts `sequences` into at most `threads` contiguous parts of nearly equal sizes, none of them empty.
pub fn even_parts(sequences: usize, threads: usize) -> Vec<Range<usize>> {
    let parts = threads.min(sequences);
    let edge = |n: usize| n * sequences / parts;
    (0..parts).map(|n| edge(n)..edge(n + 1)).collect()
}
// ANCHOR_END: parts

#[cfg(test)]
mod tests {
    use super::*;

    /// Says that it has three threads, and does the last item first.
    struct Backwards;

    impl Team for Backwards {
        fn threads(&self) -> usize {
            3
        }

        fn run(&self, items: usize, work: &(dyn Fn(usize) + Sync)) {
            (0..items).rev().for_each(work);
        }
    }

    /// Has this number of threads, and none of them may be woken.
    struct Asleep(usize);

    impl Team for Asleep {
        fn threads(&self) -> usize {
            self.0
        }

        fn run(&self, _items: usize, _work: &(dyn Fn(usize) + Sync)) {
            panic!("the calling thread can do this alone")
        }
    }

    #[test]
    fn one_thread_or_one_item_needs_no_team() {
        for (threads, len) in [(1, 3), (3, 1), (3, 0)] {
            let mut done = vec![0; len];
            share(&Asleep(threads), done.iter_mut().collect(), |item| {
                *item += 1;
            });
            assert_eq!(done, vec![1; len]);
        }
    }

    #[test]
    fn the_calling_thread_alone_does_every_item_in_order() {
        let done = Mutex::new(Vec::new());
        Alone.run(4, &|n| done.lock().unwrap().push(n));
        assert_eq!(done.into_inner().unwrap(), [0, 1, 2, 3]);
        assert_eq!(Alone.threads(), 1);
    }

    #[test]
    fn every_item_is_done_once_by_any_team() {
        let teams: [&dyn Team; 2] = [&Alone, &Backwards];
        for team in teams {
            for len in [0, 1, 2, 50] {
                let mut done = vec![0; len];
                share(team, done.iter_mut().collect(), |item| *item += 1);
                assert_eq!(done, vec![1; len]);
            }
        }
    }

    #[test]
    fn parts_cover_the_batch_once_and_evenly() {
        for threads in 1..6 {
            for batch_size in 1..20 {
                let parts = even_parts(batch_size, threads);
                let sequences: Vec<usize> = parts.iter().cloned().flatten().collect();
                assert_eq!(sequences, (0..batch_size).collect::<Vec<_>>());
                let sizes: Vec<usize> = parts.iter().map(ExactSizeIterator::len).collect();
                let (min, max) = (sizes.iter().min().unwrap(), sizes.iter().max().unwrap());
                assert!(*min > 0 && max - min <= 1, "{sizes:?}");
                assert_eq!(parts.len(), threads.min(batch_size));
            }
        }
    }
}
