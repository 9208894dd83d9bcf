//! The directory of a run: its model, its metrics, its pictures.

use crate::lock::Lock;
use crate::model_file::{BEST, MODEL};
use crate::run_file::{RUN, StoredRun};
use crate::{Application, Evaluation, TrainError, files};
use serde_json::{Map, Value};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The evaluations of a run, one JSON object a line.
pub const METRICS: &str = "metrics.jsonl";

/// The pictures that a run may leave, its report, and the samples in the report.
pub const PICTURES: [&str; 6] = [
    "loss.svg",
    "gates.svg",
    "forecast.svg",
    "confusion.svg",
    "report.html",
    "samples.jsonl",
];

/// The directory of a run. Its files do not change before the run begins to train.
#[derive(Debug)]
pub struct RunDir {
    path: PathBuf,
    origin: Origin,
    /// The lock, held from the moment when the run is resumed or begins to train.
    lock: Option<Lock>,
    /// The lines of `metrics.jsonl`.
    metrics: Vec<String>,
}

/// What the directory holds when the run begins or continues.
#[derive(Clone, Debug)]
enum Origin {
    /// No run.
    New,
    /// The run to resume.
    Resumed,
    /// No run; this run continues the run in another directory.
    Branched { from: PathBuf },
    /// A run that another process writes.
    Elsewhere,
}

impl RunDir {
    fn new(path: &Path, origin: Origin) -> Self {
        Self {
            path: path.to_owned(),
            origin,
            lock: None,
            metrics: Vec::new(),
        }
    }

    /// The directory for a new run. Nothing in it is replaced.
    ///
    /// # Errors
    /// [`TrainError::RunExists`] or [`TrainError::Exists`] if there is something already.
    pub fn create<A: Application>(dir: &Path) -> Result<Self, TrainError> {
        match StoredRun::<A>::read(dir) {
            Ok(run) => {
                return Err(TrainError::RunExists {
                    dir: dir.to_owned(),
                    step: run.header.state.progress.step,
                });
            }
            Err(TrainError::NoRun { .. }) => expect_no_files(dir)?,
            // The path is a file; creating the directory will report it.
            Err(TrainError::Io { source, .. }) if source.kind() == ErrorKind::NotADirectory => {}
            Err(error) => return Err(error),
        }
        Ok(Self::new(dir, Origin::New))
    }

    /// The directory of a run to resume. It is locked, so no other process can train there. Read the
    /// saved run only after this call.
    ///
    /// # Errors
    /// [`TrainError::NoRun`] if there is no such directory, [`TrainError::Locked`] if another process
    /// trains there.
    pub fn resume(dir: &Path) -> Result<Self, TrainError> {
        if !dir.is_dir() {
            return Err(TrainError::no_run(dir));
        }
        let mut resumed = Self::new(dir, Origin::Resumed);
        resumed.lock = Some(Lock::acquire(dir)?);
        Ok(resumed)
    }

    /// A new directory `to` for a run that continues the run in `from`.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn branch<A: Application>(from: &Path, to: &Path) -> Result<Self, TrainError> {
        let mut dir = Self::create::<A>(to)?;
        let from = from.to_owned();
        dir.origin = Origin::Branched { from };
        Ok(dir)
    }

    /// The directory of a run that another process writes: nothing is written there.
    pub fn elsewhere(dir: &Path) -> Self {
        Self::new(dir, Origin::Elsewhere)
    }

    pub(crate) fn is_elsewhere(&self) -> bool {
        matches!(self.origin, Origin::Elsewhere)
    }

    /// Prepares the directory for a run at `step`. Metrics of later steps are dropped, because these
    /// steps are repeated. A branch starts with copies of the metrics and the best model so far.
    ///
    /// # Errors
    /// [`TrainError::Locked`], [`TrainError::Exists`] or [`TrainError::Io`]
    pub(crate) fn open(&mut self, step: u64) -> Result<(), TrainError> {
        if self.is_elsewhere() {
            return Ok(());
        }
        files::create_dir(&self.path)?;
        if self.lock.is_none() {
            self.lock = Some(Lock::acquire(&self.path)?);
        }
        match &self.origin {
            Origin::Elsewhere => Ok(()),
            // Another process may have started a run here since `create` checked.
            Origin::New => expect_no_files(&self.path),
            Origin::Resumed => {
                self.metrics = lines(&self.path, step)?;
                Ok(())
            }
            Origin::Branched { from } => {
                expect_no_files(&self.path)?;
                self.metrics = lines(from, step)?;
                if let Some(best) = files::read(&from.join(BEST))? {
                    files::replace(&self.path.join(BEST), &best)?;
                }
                Ok(())
            }
        }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds an evaluation; its fields are named after the predicted `unit`.
    pub(crate) fn note(&mut self, evaluation: &Evaluation, unit: &str) {
        self.metrics.push(to_line(evaluation, unit));
    }

    /// Writes all evaluations to `metrics.jsonl`.
    pub(crate) fn write_metrics(&self) -> Result<(), TrainError> {
        let path = self.path.join(METRICS);
        files::replace(&path, self.metrics.concat().as_bytes())
    }

    /// The evaluations so far.
    pub fn metrics(&self) -> Vec<Evaluation> {
        evaluations(&self.metrics)
    }
}

/// The evaluations of the run in `dir`; none if it has no `metrics.jsonl`.
///
/// # Errors
/// [`TrainError::Io`]
pub fn read_metrics(dir: &Path) -> Result<Vec<Evaluation>, TrainError> {
    Ok(evaluations(&lines(dir, u64::MAX)?))
}

fn evaluations(lines: &[String]) -> Vec<Evaluation> {
    lines.iter().filter_map(|line| of_line(line)).collect()
}

/// The lines of `metrics.jsonl` up to `step`, unchanged. Lines that are not evaluations are left out.
fn lines(dir: &Path, step: u64) -> Result<Vec<String>, TrainError> {
    let bytes = files::read(&dir.join(METRICS))?.unwrap_or_default();
    let line = |line: &str| {
        let value: Value = serde_json::from_str(line).ok()?;
        (value["step"].as_u64()? <= step).then(|| format!("{line}\n"))
    };
    Ok(String::from_utf8_lossy(&bytes)
        .lines()
        .filter_map(line)
        .collect())
}

/// The files that a run writes.
fn own_files(dir: &Path) -> impl Iterator<Item = PathBuf> {
    let names = [RUN, MODEL, BEST, METRICS].into_iter().chain(PICTURES);
    names.map(|name| dir.join(name))
}

fn expect_no_files(dir: &Path) -> Result<(), TrainError> {
    own_files(dir).try_for_each(|path| files::expect_absent(&path))
}

/// The evaluation in a line of [`to_line`], whatever the model predicts.
fn of_line(line: &str) -> Option<Evaluation> {
    let object: Map<String, Value> = serde_json::from_str(line).ok()?;
    let field = |(name, value): (String, Value)| match name {
        name if name.starts_with("bits_per_") => ("bpc".to_owned(), value),
        name if name.ends_with("s_per_s") => ("chars_per_s".to_owned(), value),
        name => (name, value),
    };
    serde_json::from_value(object.into_iter().map(field).collect()).ok()
}

/// A line with two names after what the model predicts.
fn to_line(evaluation: &Evaluation, unit: &str) -> String {
    let line = serde_json::to_string(evaluation).expect("numbers are JSON") + "\n";
    if unit == "char" {
        return line;
    }
    line.replace("\"bpc\"", &format!("\"bits_per_{unit}\""))
        .replace("\"chars_per_s\"", &format!("\"{unit}s_per_s\""))
}
