//! Several processes that train one model.

use crate::linked::on_each;
use crate::toy::{SETTINGS, Toy, ToyRun, ToySettings, begin, bits, resume, settings};
use lstm_model::Loss;
use lstm_train::{
    METRICS, Observer, Outcome, Processes, Run, RunDir, RunSettings, StepReport, StoredRun, Task,
    TrainError, Trainer, Workers,
};
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use tempfile::tempdir;

const STEPS: u64 = 50;

/// The settings of a run that seldom writes its files.
fn seldom_saved(steps: u64, threads: usize) -> RunSettings<ToySettings> {
    let mut settings = settings(steps, threads);
    settings.plan.eval_every = STEPS;
    settings
}

fn begin_at(rank: usize, dir: &Path, settings: RunSettings<ToySettings>) -> ToyRun {
    if rank == 0 {
        return begin(dir, settings);
    }
    let header = settings.header("spec").unwrap();
    let dir = RunDir::elsewhere(dir);
    Run::begin(dir, Toy { classes: 3 }, None, header, &(), "word").unwrap()
}

fn resume_at(rank: usize, dir: &Path, steps: u64) -> ToyRun {
    if rank == 0 {
        return resume(dir, steps);
    }
    let mut stored = StoredRun::<ToySettings>::read(dir).unwrap();
    stored.header.plan.steps = Some(steps);
    Run::resume(RunDir::elsewhere(dir), stored, &(), "word").unwrap()
}

/// Trains in several processes, and checks that all have the same weights.
fn train(count: usize, run: impl Fn(usize) -> ToyRun + Sync) -> Vec<u32> {
    let all = on_each(count, |linked| {
        let mut run = run(linked.rank());
        run.join(Box::new(linked)).unwrap();
        assert_eq!(run.train(&mut ()).unwrap(), Outcome::Finished);
        bits(&run)
    });
    assert!(all.iter().all(|bits| *bits == all[0]));
    all[0].clone()
}

#[test]
fn the_same_number_of_parts_gives_the_same_bits_however_processes_share_them() {
    for threads in [2, 3, 4] {
        let whole = tempdir().unwrap();
        let mut alone = begin(whole.path(), seldom_saved(STEPS, threads));
        alone.train(&mut ()).unwrap();
        for count in 2..=threads {
            let dir = tempdir().unwrap();
            let begin = |rank| begin_at(rank, dir.path(), seldom_saved(STEPS, threads));
            assert_eq!(train(count, begin), bits(&alone), "{threads} / {count}");
        }
    }
}

#[test]
fn every_process_has_a_part_of_its_own_even_if_there_are_fewer_threads() {
    let whole = tempdir().unwrap();
    let mut alone = begin(whole.path(), seldom_saved(STEPS, 4));
    alone.train(&mut ()).unwrap();
    let dir = tempdir().unwrap();
    let begin = |rank| begin_at(rank, dir.path(), seldom_saved(STEPS, 1));
    assert_eq!(train(4, begin), bits(&alone));
}

#[test]
fn a_run_is_resumed_at_every_step_by_another_number_of_processes() {
    let whole = tempdir().unwrap();
    let mut alone = begin(whole.path(), seldom_saved(8, 4));
    alone.train(&mut ()).unwrap();
    for stop in 1..8 {
        let dir = tempdir().unwrap();
        train(3, |rank| begin_at(rank, dir.path(), seldom_saved(stop, 4)));
        let resumed = train(2, |rank| resume_at(rank, dir.path(), 8));
        assert_eq!(resumed, bits(&alone), "step {stop}");
    }
}

/// Asks to stop at a step.
struct StopAt(u64);

impl<T: Task> Observer<T> for StopAt {
    fn on_step(&mut self, _: &Trainer<T>, report: &StepReport) -> ControlFlow<()> {
        if report.step == self.0 {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

#[test]
fn all_processes_stop_where_the_first_one_stops_and_only_rank_0_writes() {
    for stops in [[5, 3], [3, 5]] {
        let dirs = [tempdir().unwrap(), tempdir().unwrap()];
        let steps = on_each(2, |linked| {
            let rank = linked.rank();
            let mut run = begin_at(rank, dirs[rank].path(), seldom_saved(STEPS, 2));
            run.join(Box::new(linked)).unwrap();
            let outcome = run.train(&mut StopAt(stops[rank])).unwrap();
            assert_eq!(outcome, Outcome::Interrupted);
            run.trainer().progress().step
        });
        assert_eq!(steps, [3, 3]);
        assert!(dirs[0].path().join(METRICS).exists());
        assert_eq!(fs::read_dir(dirs[1].path()).unwrap().count(), 0);
    }
}

#[test]
fn a_process_with_other_options_or_data_is_named_before_the_first_step() {
    let dir = tempdir().unwrap();
    let mut larger = SETTINGS;
    larger.batch_size += 1;
    let other_data = lstm_train::Fingerprint::new("a test", "other");
    let usual = || settings(STEPS, 2);
    let others: [(&str, RunSettings<ToySettings>); 2] = [
        (
            "options",
            RunSettings {
                settings: larger,
                ..usual()
            },
        ),
        (
            "data",
            RunSettings {
                data: other_data,
                ..usual()
            },
        ),
    ];
    for (expected, other) in others {
        let told = on_each(3, |linked| {
            let settings = if linked.rank() == 1 {
                other.clone()
            } else {
                usual()
            };
            let mut run = begin_at(linked.rank(), dir.path(), settings);
            run.join(Box::new(linked)).unwrap_err()
        });
        for error in told {
            let TrainError::OtherProcess { rank, what } = error else {
                panic!("{error}");
            };
            assert_eq!((rank, what), (1, expected));
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}

#[test]
fn losses_of_all_jobs_are_added_up_whatever_the_number_of_threads() {
    for threads in 1..4 {
        let workers = Workers::new(threads).unwrap();
        let loss = workers.losses(vec![1, 2, 3, 4], |n, _| Loss {
            nats: 0.5 * n as f64,
            tokens: 10 * n,
        });
        assert_eq!((loss.nats, loss.tokens), (5.0, 100), "{threads} threads");
    }
}
