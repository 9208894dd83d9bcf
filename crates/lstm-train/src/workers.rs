//! The worker threads among which a batch is shared out, in one process or in several.

use crate::TrainError;
use crate::processes::{Processes, Single, sum_in_order};
use lstm_model::{Alone, Loss, ModelError, Team, even_parts};
use rayon::prelude::*;
use rayon::{ThreadPool, Yield};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, available_parallelism};

/// Threads that each compute a part of a batch.
///
/// The results are in the order of the parts, so that the same number of threads adds them in the same
/// order and gives the same bits. With fewer parts than threads, each part has a [`Team`] of several
/// threads.
pub struct Workers {
    /// The threads of all processes.
    threads: usize,
    pool: ThreadPool,
    processes: Box<dyn Processes>,
}

/// Some threads of a pool.
struct PoolTeam<'a> {
    pool: &'a ThreadPool,
    threads: usize,
}

impl Team for PoolTeam<'_> {
    fn threads(&self) -> usize {
        self.threads
    }

    fn run(&self, items: usize, work: &(dyn Fn(usize) + Sync)) {
        if self.threads == 1 {
            return Alone.run(items, work);
        }
        let numbers = (0..items).into_par_iter().with_max_len(1);
        self.pool.install(|| numbers.for_each(work));
    }
}

/// More threads than any machine has processors for.
const MAX_THREADS: usize = 1024;

pub(crate) fn check_threads(threads: usize) -> Result<(), ModelError> {
    if (1..=MAX_THREADS).contains(&threads) {
        return Ok(());
    }
    let expected = "at least 1 and at most 1024";
    Err(ModelError::setting("number of threads", threads, expected))
}

impl Workers {
    /// A pool of `threads` threads.
    ///
    /// # Errors
    /// [`ModelError::Setting`] for 0 threads or more than 1024, [`TrainError::Threads`] if the system
    /// cannot start them.
    pub fn new(threads: usize) -> Result<Self, TrainError> {
        Self::across(Box::new(Single), threads)
    }

    /// `threads` threads, shared out evenly among the processes; this one gets a pool of its own threads.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn across(processes: Box<dyn Processes>, threads: usize) -> Result<Self, TrainError> {
        check_threads(threads)?;
        let own = threads.div_ceil(processes.count());
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(own)
            .build()
            .map_err(|e| TrainError::Threads {
                threads: own,
                why: e.to_string(),
            })?;
        Ok(Self {
            threads,
            pool,
            processes,
        })
    }

    /// One thread for each processor.
    ///
    /// # Errors
    /// [`TrainError::Threads`] if the system cannot start them.
    pub fn for_machine() -> Result<Self, TrainError> {
        Self::new(available_parallelism().map_or(1, usize::from))
    }

    /// The number of threads in all processes.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// The processes whose threads these are.
    pub fn processes(&self) -> &dyn Processes {
        &*self.processes
    }

    /// The number of parts if a task wants `parts`: at least one for each process, which would have nothing
    /// to do without.
    pub fn for_all(&self, parts: usize) -> usize {
        parts.max(self.processes.count())
    }

    /// The numbers of the parts that this process computes, if a batch has `parts` parts. There may be
    /// none.
    pub(crate) fn own(&self, parts: usize) -> Range<usize> {
        parts_of(&*self.processes, self.processes.rank(), parts)
    }

    /// The team of this process's threads.
    pub fn team(&self) -> impl Team + '_ {
        self.team_of(self.pool.current_num_threads())
    }

    fn team_of(&self, threads: usize) -> PoolTeam<'_> {
        PoolTeam {
            pool: &self.pool,
            threads,
        }
    }

    /// The sum of the losses that `work` finds for the jobs, added up in their order. Each process does some
    /// of the jobs.
    pub fn losses<J: Send>(
        &self,
        mut jobs: Vec<J>,
        work: impl Fn(J, &dyn Team) -> Loss + Sync + Send,
    ) -> Loss {
        let own = jobs.drain(self.own(jobs.len())).collect();
        let losses = self.map(own, work);
        let mut sum = [0.0; 2];
        sum_in_order(&*self.processes, &mut sum, |sum| {
            for Loss { nats, tokens } in losses {
                sum[0] += nats;
                sum[1] += tokens as f64;
            }
        });
        let [nats, tokens] = sum;
        Loss {
            nats,
            tokens: tokens as usize,
        }
    }

    /// Calls `work` with every job in parallel, in this process alone; the results are in the order of the
    /// jobs. With fewer jobs than threads, each job has a team of threads / jobs threads. If there are at
    /// most as many jobs as threads, thread n always gets job n, because its caches and its freed memory
    /// suit the job.
    pub fn map<J: Send, O: Send>(
        &self,
        jobs: Vec<J>,
        work: impl Fn(J, &dyn Team) -> O + Sync + Send,
    ) -> Vec<O> {
        let alone = |job| work(job, &Alone);
        let threads = self.pool.current_num_threads();
        if threads == 1 {
            return jobs.into_iter().map(alone).collect();
        }
        if jobs.len() > threads {
            let all = || jobs.into_par_iter().with_max_len(1).map(alone).collect();
            return self.pool.install(all);
        }
        let team = self.team_of(threads / jobs.len().max(1));
        let jobs: Vec<_> = jobs.into_iter().map(|job| Mutex::new(Some(job))).collect();
        let unfinished = AtomicUsize::new(jobs.len());
        let done = self.pool.broadcast(|thread| {
            let Some(job) = jobs.get(thread.index()) else {
                help(&team, &unfinished);
                return None;
            };
            let _finished = OnDrop(|| {
                unfinished.fetch_sub(1, Ordering::Release);
            });
            let job = job.lock().unwrap_or_else(PoisonError::into_inner).take()?;
            Some(work(job, &team))
        });
        done.into_iter().flatten().collect()
    }
}

/// The numbers of the parts that the process `rank` computes.
pub(crate) fn parts_of(processes: &dyn Processes, rank: usize, parts: usize) -> Range<usize> {
    let shares = even_parts(parts, processes.count());
    shares.get(rank).cloned().unwrap_or(parts..parts)
}

/// Takes part in the work of the teams, if they have several threads, until no job is unfinished. A thread
/// that waits in the pool itself would soon sleep, and waking it takes longer than many an item of a team.
fn help(team: &PoolTeam<'_>, unfinished: &AtomicUsize) {
    if team.threads == 1 {
        return;
    }
    while unfinished.load(Ordering::Acquire) > 0 {
        if rayon::yield_now() != Some(Yield::Executed) {
            thread::yield_now();
        }
    }
}

/// Calls a function when it is dropped, also by a panic.
struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        self.0();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lstm_model::share;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    fn results_keep_the_order_of_the_jobs() {
        let doubled = Workers::new(3)
            .unwrap()
            .map((0..50).collect(), |n: u32, _| 2 * n);
        assert_eq!(doubled, (0..50).map(|n| 2 * n).collect::<Vec<_>>());
    }

    #[test]
    fn a_job_for_each_thread_is_done_by_the_same_one_every_time() {
        let workers = Workers::new(3).unwrap();
        let threads = || workers.map(vec![0, 1, 2], |_, _| thread::current().id());
        let first = threads();
        assert_ne!(first[0], first[1]);
        assert!((0..20).all(|_| threads() == first));
    }

    #[test]
    fn threads_without_a_job_join_the_teams() {
        let sizes = |threads, jobs: usize| {
            let workers = Workers::new(threads).unwrap();
            assert_eq!(workers.team().threads(), threads);
            workers.map(vec![(); jobs], |(), team| team.threads())
        };
        assert_eq!(sizes(1, 1), [1]);
        assert!(sizes(4, 0).is_empty());
        assert_eq!(sizes(4, 1), [4]);
        assert_eq!(sizes(4, 2), [2; 2]);
        assert_eq!(sizes(4, 3), [1; 3]);
        assert_eq!(sizes(2, 5), [1; 5]);
    }

    #[test]
    fn every_item_is_done_once_within_a_job_and_outside() {
        let share_out = |team: &dyn Team| {
            let mut done = [0; 50];
            share(team, done.iter_mut().collect(), |item| *item += 1);
            done
        };
        for threads in 1..4 {
            let workers = Workers::new(threads).unwrap();
            assert_eq!(share_out(&workers.team()), [1; 50]);
            let within = workers.map(vec![()], |(), team| share_out(team));
            assert_eq!(within, [[1; 50]]);
        }
    }

    #[test]
    fn all_threads_of_a_team_work_on_its_items() {
        // Each item waits for the other, so one thread could not do both.
        let workers = Workers::new(2).unwrap();
        let together = std::sync::Barrier::new(2);
        workers.team().run(2, &|_| {
            together.wait();
        });
        workers.map(vec![()], |(), team| {
            team.run(2, &|_| {
                together.wait();
            });
        });
    }

    #[test]
    fn a_job_that_panics_takes_the_caller_with_it_and_leaves_the_threads_in_order() {
        let workers = Workers::new(2).unwrap();
        let panics = || workers.map(vec![()], |(), _| panic!("on purpose"));
        assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
        let sizes = workers.map(vec![(); 2], |(), team| team.threads());
        assert_eq!(sizes, [1; 2]);
    }

    #[test]
    fn no_threads_and_absurdly_many_are_refused() {
        for threads in [0, 1025, usize::MAX] {
            let message = Workers::new(threads).map(|_| ()).unwrap_err().to_string();
            let expected = "expected at least 1 and at most 1024";
            assert_eq!(
                message,
                format!("number of threads is {threads}, {expected}")
            );
        }
    }
}
