//! A power cut at every moment of training and saving. [`model`] says what it can leave.

mod model;

use super::disk::{Operation, RECORD};
use super::toy::{Toy, ToyRun, ToySettings, begin, bits, resume, settings};
use crate::run_file::NEXT;
use crate::{
    BEST, Evaluation, Keep, Observer, Run, RunDir, RunSettings, StoredModel, StoredRun, Task,
    TrainError, Trainer, read_metrics,
};
use model::{Disk, State};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::{TempDir, tempdir, tempdir_in};

/// What the readers find in a run's directory. `None` stands for a file that is not there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    /// The step and the weights' checksum of the run.
    run: Option<(u64, u32)>,
    model: Option<u32>,
    best: Option<u32>,
    /// The number of evaluations.
    metrics: usize,
}

impl Found {
    /// Whether each part is that of one of the others.
    fn is_made_of(&self, others: &[Self]) -> bool {
        others.iter().any(|other| other.run == self.run)
            && others.iter().any(|other| other.model == self.model)
            && others.iter().any(|other| other.best == self.best)
            && others.iter().any(|other| other.metrics == self.metrics)
    }
}

/// Reads everything. What is damaged is an error.
fn find(dir: &Path) -> Result<Found, TrainError> {
    let model = |path: &Path| match StoredModel::<Toy>::read(path) {
        Ok(model) => Ok(Some(model.crc32)),
        Err(TrainError::NoModel { .. }) => Ok(None),
        Err(error) => Err(error),
    };
    let best = dir.join(BEST);
    Ok(Found {
        run: match StoredRun::<ToySettings>::read(dir) {
            Ok(run) => Some((run.header.state.progress.step, run.header.model_crc32)),
            Err(TrainError::NoRun { .. }) => None,
            Err(error) => return Err(error),
        },
        model: model(dir)?,
        best: if best.exists() { model(&best)? } else { None },
        metrics: read_metrics(dir)?.len(),
    })
}

/// What a program did to the disk.
#[derive(Clone)]
struct Log {
    root: PathBuf,
    before: Disk,
    operations: Vec<Operation>,
    /// The numbers of operations after which a save was reported to be complete.
    promises: Vec<usize>,
    /// The weights at the end of an uninterrupted run.
    weights: Vec<u32>,
}

/// The directory of the run that is begun.
const DIR: &str = "a/b";
/// The directory of another run, from which one may branch.
const OTHER: &str = "other";
/// A file that no run wrote.
const FOREIGN: &str = "model.safetensors.bak";

/// The last step of every run.
const STEPS: u64 = 4;

/// Notes when a save is complete.
struct Promises(Vec<usize>);

impl<T: Task> Observer<T> for Promises {
    fn on_evaluation(&mut self, _: &Trainer<T>, _: &Evaluation) -> Result<(), TrainError> {
        self.0.push(RECORD.with_borrow(Vec::len));
        Ok(())
    }
}

/// A run in this directory; the other one is [`OTHER`].
type Start = fn(&Path, &Path) -> ToyRun;

impl Log {
    /// Trains `before`, and then, recorded, the `runs` one after the other.
    fn of(before: &[(&str, Start)], runs: &[Start]) -> Self {
        let root = scratch();
        let at = |name: &str| root.path().join(name);
        for (name, start) in before {
            start(&at(name), &at(OTHER)).train(&mut ()).unwrap();
            fs::write(at(name).join(FOREIGN), "mine").unwrap();
        }
        fs::write(at(FOREIGN), "mine").unwrap();
        let disk = Disk::of(root.path());
        RECORD.take();
        let mut promises = Promises(Vec::new());
        for start in runs {
            start(&at(DIR), &at(OTHER)).train(&mut promises).unwrap();
            promises.0.push(RECORD.with_borrow(Vec::len));
        }
        let operations = RECORD.take();
        let mut uninterrupted = whole(scratch().path(), root.path());
        uninterrupted.train(&mut ()).unwrap();
        Self {
            root: root.path().to_owned(),
            before: disk,
            operations,
            promises: promises.0,
            weights: bits(&uninterrupted),
        }
    }

    /// The same without operation `n`.
    fn without(&self, n: usize) -> Self {
        let mut log = self.clone();
        log.operations.remove(n);
        for promise in &mut log.promises {
            *promise -= usize::from(*promise > n);
        }
        log
    }

    /// Cuts the power after each operation. Returns the number of different states that were left.
    fn explore(&self) -> Result<usize, String> {
        let mut readers = Readers::new(self);
        let (mut disk, mut live) = (self.before.clone(), Vec::new());
        for n in 0..=self.operations.len() {
            if let Some(last) = n.checked_sub(1) {
                disk.apply(&self.operations[last]);
            }
            if self.promises.contains(&n) {
                live.clear();
            }
            live.push(readers.find(&disk.now(&self.root))?);
            for state in disk.after_power_cut(&self.root) {
                let found = readers.find(&state);
                let found = found.map_err(|what| format!("after {n} operations: {what}"))?;
                if !found.is_made_of(&live) {
                    let left = sizes(&state);
                    return Err(format!(
                        "after {n} operations: {found:?} of {left:?}, not {live:?}"
                    ));
                }
            }
        }
        Ok(readers.seen.len())
    }
}

/// Reads states. Readers open files by their names, so states that differ only in temporary files are
/// read once.
struct Readers<'a> {
    log: &'a Log,
    /// What does not belong to the run.
    others: State,
    seen: BTreeSet<State>,
    found: BTreeMap<State, Found>,
}

impl<'a> Readers<'a> {
    fn new(log: &'a Log) -> Self {
        let mut others = log.before.now(&log.root);
        others.retain(|path, _| path.ends_with(FOREIGN) || !path.starts_with(log.root.join(DIR)));
        Self {
            log,
            others,
            seen: BTreeSet::new(),
            found: BTreeMap::new(),
        }
    }

    /// What is found in a state.
    fn find(&mut self, state: &State) -> Result<Found, String> {
        let mut lasting = state.clone();
        lasting.retain(|path, _| path.extension().is_none_or(|e| e != "partial"));
        self.seen.insert(state.clone());
        if let Some(found) = self.found.get(&lasting) {
            return Ok(found.clone());
        }
        let found = self.read(state);
        let found = found.map_err(|what| format!("{what}; left {:?}", sizes(state)))?;
        self.found.insert(lasting, found.clone());
        Ok(found)
    }

    /// Reads a state's files. If there is a run, it is resumed; in the end it must have the same weights.
    fn read(&self, state: &State) -> Result<Found, String> {
        if let Some((path, _)) = self
            .others
            .iter()
            .find(|&(p, bytes)| state.get(p) != Some(bytes))
        {
            return Err(format!("{} has changed", path.display()));
        }
        let copy = scratch();
        for (path, bytes) in state {
            let path = copy.path().join(path.strip_prefix(&self.log.root).unwrap());
            match bytes {
                Some(bytes) => fs::write(path, bytes).unwrap(),
                None => fs::create_dir_all(path).unwrap(),
            }
        }
        let dir = copy.path().join(DIR);
        let found = find(&dir).map_err(|error| error.to_string())?;
        if found.run.is_some() {
            drop(RunDir::resume(&dir).map_err(|error| error.to_string())?);
            let mut run = resume(&dir, STEPS);
            run.train(&mut ()).map_err(|error| error.to_string())?;
            if bits(&run) != self.log.weights {
                return Err("the resumed run has other weights".to_owned());
            }
        }
        Ok(found)
    }
}

/// The names in a state, with the length of each file.
fn sizes(state: &State) -> Vec<(String, Option<usize>)> {
    let name = |path: &Path| path.file_name().unwrap_or_default().display().to_string();
    let size = |bytes: &Option<Vec<u8>>| bytes.as_ref().map(Vec::len);
    let all = state.iter().map(|(path, bytes)| (name(path), size(bytes)));
    all.collect()
}

/// A directory in memory, if the system has one: what is real here is synced to no disk.
pub(super) fn scratch() -> TempDir {
    let memory = Path::new("/dev/shm");
    let dir = if memory.is_dir() {
        tempdir_in(memory)
    } else {
        tempdir()
    };
    dir.unwrap()
}

fn whole(dir: &Path, _: &Path) -> ToyRun {
    begin(dir, settings(STEPS, 1))
}

fn first_half(dir: &Path, _: &Path) -> ToyRun {
    begin(dir, settings(STEPS / 2, 1))
}

fn second_half(dir: &Path, _: &Path) -> ToyRun {
    resume(dir, STEPS)
}

fn only_the_best_is_kept(dir: &Path, _: &Path) -> ToyRun {
    let settings = settings(STEPS, 1);
    begin(
        dir,
        RunSettings {
            keep: Keep::Best,
            ..settings
        },
    )
}

fn branch(dir: &Path, other: &Path) -> ToyRun {
    let dir = RunDir::branch::<ToySettings>(other, dir).unwrap();
    let mut stored = StoredRun::<ToySettings>::read(other).unwrap();
    stored.header.plan.steps = Some(STEPS);
    Run::resume(dir, stored, &(), "word").unwrap()
}

#[test]
fn after_a_power_cut_the_old_or_the_new_files_are_whole() {
    let schedules: [(&str, Log); 3] = [
        ("two sessions", Log::of(&[], &[first_half, second_half])),
        ("best", Log::of(&[], &[only_the_best_is_kept])),
        ("branch", Log::of(&[(OTHER, first_half)], &[branch])),
    ];
    for (name, log) in schedules {
        let states = log
            .explore()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        println!(
            "{name}: {} operations, {states} states",
            log.operations.len()
        );
    }
}

/// Without this, an exploration that sees no damage would pass, too.
#[test]
fn without_one_of_the_syncs_a_power_cut_does_damage() {
    let log = Log::of(&[], &[first_half]);
    let mut needed = 0;
    for n in 1..log.operations.len() {
        let is_needed = match &log.operations[n - 1..=n] {
            [Operation::Write(_, bytes), Operation::SyncFile(_)] => !bytes.is_empty(),
            [Operation::Move { to, .. }, Operation::SyncDir(_)] => to.ends_with(NEXT),
            [
                Operation::CreateDir(_) | Operation::SyncDir(_),
                Operation::SyncDir(_),
            ] => true,
            _ => false,
        };
        if is_needed {
            let outcome = log.without(n).explore();
            assert!(
                outcome.is_err(),
                "without {:?}: {outcome:?}",
                log.operations[n]
            );
            needed += 1;
        }
    }
    assert_eq!(needed, 10, "syncs of six files, and four of directories");
}
