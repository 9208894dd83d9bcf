//! A disk that is full for some of the writes of a run. Every save writes the metrics, a new best model, the
//! model and the run, in this order.

use super::disk::FAULTS;
use super::power_cut::scratch;
use super::toy::{ToySettings, begin, bits, resume, settings};
use crate::{
    BEST, METRICS, MODEL, Observer, Outcome, StepReport, StoredRun, Task, TrainError, Trainer,
};
use std::fs;
use std::io::ErrorKind::{PermissionDenied, StorageFull};
use std::io::{self, ErrorKind};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// The last step of every run; the evaluations are after steps 2, 4 and 6.
const STEPS: u64 = 6;

/// Before the first step there is no best model.
const FIRST_SAVE: usize = 3;
const SAVE: usize = 4;

/// The next `writes` writes of this thread succeed; those after them fail, one with each of `kinds`.
fn fail_after(writes: usize, kinds: &[ErrorKind]) {
    let mut faults = vec![None; writes];
    faults.extend(kinds.iter().copied().map(Some));
    faults.reverse();
    FAULTS.set(faults);
}

/// Stops the run after the step `stop_at`, or when more than `failures` saves have failed.
struct Patience {
    dir: PathBuf,
    failures: usize,
    stop_at: u64,
    /// The step of the run on the disk at each failure.
    saved: Vec<u64>,
}

impl Patience {
    fn new(dir: &Path, failures: usize) -> Self {
        Self {
            dir: dir.to_owned(),
            failures,
            stop_at: STEPS + 1,
            saved: Vec::new(),
        }
    }
}

impl<T: Task> Observer<T> for Patience {
    fn on_step(&mut self, _: &Trainer<T>, report: &StepReport) -> ControlFlow<()> {
        if report.step == self.stop_at {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn on_no_room(&mut self, _: &TrainError) -> ControlFlow<()> {
        self.saved.push(saved_step(&self.dir));
        if self.saved.len() > self.failures {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

fn saved_step(dir: &Path) -> u64 {
    let stored = StoredRun::<ToySettings>::read(dir).unwrap();
    stored.header.state.progress.step
}

#[test]
fn while_the_disk_is_full_training_goes_on_and_the_next_save_has_everything() {
    let whole = scratch();
    let mut uninterrupted = begin(whole.path(), settings(STEPS, 1));
    uninterrupted.train(&mut ()).unwrap();
    let metrics = |dir: &Path| {
        let metrics = crate::read_metrics(dir).unwrap();
        metrics
            .iter()
            .map(|e| (e.step, e.val_loss))
            .collect::<Vec<_>>()
    };
    for done in 0..SAVE {
        let dir = scratch();
        let mut run = begin(dir.path(), settings(STEPS, 1));
        let mut patience = Patience::new(dir.path(), 1);
        fail_after(FIRST_SAVE + done, &[StorageFull]);
        assert_eq!(run.train(&mut patience).unwrap(), Outcome::Finished);
        assert_eq!(patience.saved, [0], "{done} files of the save are written");
        assert_eq!(metrics(dir.path()), metrics(whole.path()));
        for name in [MODEL, BEST] {
            let read = |dir: &Path| fs::read(dir.join(name)).unwrap();
            assert_eq!(read(dir.path()), read(whole.path()), "{name}, {done}");
        }
        drop(run);
        assert_eq!(bits(&resume(dir.path(), STEPS)), bits(&uninterrupted));
    }
}

#[test]
fn the_last_save_is_repeated_until_there_is_room() {
    for (stop_at, outcome, saved) in [
        (STEPS + 1, Outcome::Finished, 4),
        (5, Outcome::Interrupted, 4),
    ] {
        let dir = scratch();
        let mut run = begin(dir.path(), settings(STEPS, 1));
        let mut patience = Patience::new(dir.path(), 2);
        patience.stop_at = stop_at;
        fail_after(FIRST_SAVE + 2 * SAVE, &[StorageFull; 2]);
        assert_eq!(run.train(&mut patience).unwrap(), outcome);
        assert_eq!(patience.saved, [saved; 2]);
        assert_eq!(saved_step(dir.path()), stop_at.min(STEPS));
    }
}

#[test]
fn a_run_that_may_not_wait_for_room_and_one_that_may_not_write_stop_with_the_error() {
    for (kind, failures, told) in [(StorageFull, 0, 1), (PermissionDenied, 9, 0)] {
        let dir = scratch();
        let mut run = begin(dir.path(), settings(STEPS, 1));
        let mut patience = Patience::new(dir.path(), failures);
        fail_after(FIRST_SAVE + SAVE, &[kind]);
        let error = run.train(&mut patience).unwrap_err();
        assert!(
            matches!(&error, TrainError::Io { path, source, .. }
                if path.ends_with(METRICS) && source.kind() == kind),
            "{error}"
        );
        assert_eq!(patience.saved.len(), told);
        assert_eq!(saved_step(dir.path()), 2);
        drop(run);
        // There is no trace of the failed save.
        let names = fs::read_dir(dir.path()).unwrap();
        let names: io::Result<Vec<_>> = names.map(|e| e.map(|e| e.file_name())).collect();
        assert_eq!(names.unwrap().len(), 5);
    }
}
