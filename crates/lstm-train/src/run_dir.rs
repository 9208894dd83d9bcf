//! The directory of a run: its model, its metrics, its pictures.

use crate::model_file::{BEST, MODEL};
use crate::run_file::{RUN, StoredRun};
use crate::{Application, Evaluation, TrainError, files};
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The file of a run's evaluations, one JSON object for each line.
pub const METRICS: &str = "metrics.jsonl";

/// The pictures that may be drawn into a run's directory.
pub const PICTURES: [&str; 2] = ["loss.svg", "gates.svg"];

/// The directory of a run. Nothing is written to it before `open`.
#[derive(Clone, Debug)]
pub struct RunDir {
    path: PathBuf,
    origin: Origin,
}

/// The state of the directory before the run begins or is resumed.
#[derive(Clone, Debug)]
enum Origin {
    /// It has no file that a run writes.
    New,
    /// It has a run that is replaced.
    Replaced,
    /// It has the run, which is resumed at this step.
    Resumed { step: u64 },
    /// It has no file that a run writes. The run continues the run in another directory from this step.
    Branched { from: PathBuf, step: u64 },
}

impl RunDir {
    /// The directory for a new run. An existing run is replaced if `may_replace` accepts it. Other files
    /// are never replaced.
    ///
    /// # Errors
    /// [`TrainError::RunExists`] or [`TrainError::Exists`] if the directory has a run or a file that may
    /// not be replaced.
    pub fn create<A: Application>(
        dir: &Path,
        may_replace: impl Fn(&StoredRun<A>) -> bool,
    ) -> Result<Self, TrainError> {
        let origin = match StoredRun::<A>::read(dir) {
            Ok(run) if may_replace(&run) => Origin::Replaced,
            Ok(run) => {
                return Err(TrainError::RunExists {
                    dir: dir.to_owned(),
                    step: run.header.state.progress.step,
                });
            }
            Err(TrainError::NoRun { .. }) => {
                let exists = |path: &PathBuf| fs::symlink_metadata(path).is_ok();
                match own_files(dir).find(exists) {
                    Some(path) => return Err(TrainError::Exists { path }),
                    None => Origin::New,
                }
            }
            // The path is a file. Creating the directory will fail with a message about it.
            Err(TrainError::Io { source, .. }) if source.kind() == ErrorKind::NotADirectory => {
                Origin::New
            }
            Err(error) => return Err(error),
        };
        Ok(Self {
            path: dir.to_owned(),
            origin,
        })
    }

    /// The directory of a run that is resumed at `step`.
    #[must_use]
    pub fn resume(dir: &Path, step: u64) -> Self {
        Self {
            path: dir.to_owned(),
            origin: Origin::Resumed { step },
        }
    }

    /// A new directory `to` for a run that continues the run in `from` from `step`.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn branch<A: Application>(from: &Path, to: &Path, step: u64) -> Result<Self, TrainError> {
        let mut dir = Self::create::<A>(to, |_| false)?;
        let from = from.to_owned();
        dir.origin = Origin::Branched { from, step };
        Ok(dir)
    }

    /// Prepares the directory for the run. The metrics of steps that will be repeated are removed. A
    /// branch begins with a copy of the metrics and the best model so far.
    ///
    /// # Errors
    /// [`TrainError::Io`]
    pub(crate) fn open(&self) -> Result<(), TrainError> {
        fs::create_dir_all(&self.path).map_err(TrainError::io("create", &self.path))?;
        match &self.origin {
            Origin::New => Ok(()),
            Origin::Replaced => own_files(&self.path).try_for_each(|path| remove(&path)),
            Origin::Resumed { step } => self.keep_metrics(&self.path, *step),
            Origin::Branched { from, step } => {
                self.keep_metrics(from, *step)?;
                let best = from.join(BEST);
                match fs::read(&best) {
                    Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                    bytes => {
                        let bytes = bytes.map_err(TrainError::io("read", &best))?;
                        files::replace(&self.path.join(BEST), &bytes)
                    }
                }
            }
        }
    }

    /// The path of the directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends a line to `metrics.jsonl`. The `unit` that the model predicts decides the names of the
    /// fields.
    ///
    /// # Errors
    /// [`TrainError::Io`]
    pub fn write_metrics(&self, evaluation: &Evaluation, unit: &str) -> Result<(), TrainError> {
        let path = self.path.join(METRICS);
        OpenOptions::new()
            .append(true)
            .create(true)
            .open(&path)
            .and_then(|mut file| file.write_all(to_line(evaluation, unit).as_bytes()))
            .map_err(TrainError::io("write", &path))
    }

    /// The evaluations so far.
    ///
    /// # Errors
    /// [`TrainError::Io`]
    pub fn metrics(&self) -> Result<Vec<Evaluation>, TrainError> {
        let lines = lines(&self.path)?;
        let parsed = lines.iter().map(|(_, line)| serde_json::from_str(line));
        Ok(parsed.filter_map(Result::ok).collect())
    }

    /// Copies the metrics in `from` up to `step`.
    fn keep_metrics(&self, from: &Path, step: u64) -> Result<(), TrainError> {
        let kept = lines(from)?.into_iter().filter(|(at, _)| *at <= step);
        let lines: String = kept.map(|(_, line)| line + "\n").collect();
        files::replace(&self.path.join(METRICS), lines.as_bytes())
    }
}

/// The lines of `metrics.jsonl` with their steps. A line that is not an evaluation is left out, for
/// example an incomplete line that a killed process wrote.
fn lines(dir: &Path) -> Result<Vec<(u64, String)>, TrainError> {
    let path = dir.join(METRICS);
    let text = match fs::read_to_string(&path) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(TrainError::io("read", &path))?,
    };
    let numbered = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).ok()?;
        Some((value["step"].as_u64()?, line.to_owned()))
    };
    Ok(text.lines().filter_map(numbered).collect())
}

/// The files that a run writes.
fn own_files(dir: &Path) -> impl Iterator<Item = PathBuf> {
    let names = [MODEL, RUN, BEST, METRICS].into_iter().chain(PICTURES);
    names.map(|name| dir.join(name))
}

fn remove(path: &Path) -> Result<(), TrainError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(TrainError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}

fn to_line(evaluation: &Evaluation, unit: &str) -> String {
    let line = serde_json::to_string(evaluation).expect("numbers are JSON") + "\n";
    if unit == "char" {
        return line;
    }
    line.replace("\"bpc\"", &format!("\"bits_per_{unit}\""))
        .replace("\"chars_per_s\"", &format!("\"{unit}s_per_s\""))
}
