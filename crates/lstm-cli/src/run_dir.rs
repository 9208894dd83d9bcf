//! The directory of a run: its checkpoint, its metrics, its pictures.

use crate::error::CliError;
use lstm_model::{Evaluation, LanguageModelHeader, ModelError, store};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A run's directory, created if need be.
#[derive(Clone, Debug)]
pub struct RunDir {
    dir: PathBuf,
}

impl RunDir {
    /// For a new run.
    pub fn create(dir: &Path) -> Result<Self, CliError> {
        match store::load::<LanguageModelHeader>(dir) {
            Ok((header, _)) => {
                return Err(CliError::RunExists {
                    dir: dir.to_owned(),
                    step: header.state.progress.step,
                });
            }
            Err(ModelError::NoCheckpoint { .. }) => {}
            // Something is there that is not ours to write over.
            Err(error @ ModelError::Checkpoint { .. }) => return Err(error.into()),
            Err(_) => {}
        }
        fs::create_dir_all(dir).map_err(CliError::io("create", dir))?;
        let run = Self {
            dir: dir.to_owned(),
        };
        fs::write(run.metrics_path(), "").map_err(CliError::io("write", &run.metrics_path()))?;
        Ok(run)
    }

    /// For a run that goes on from `step`: metrics written after that step are dropped, for they will
    /// be written again.
    pub fn resume(dir: &Path, step: u64) -> Result<Self, CliError> {
        let run = Self {
            dir: dir.to_owned(),
        };
        run.keep_metrics(&run.metrics()?, step)?;
        Ok(run)
    }

    /// For a run that goes on elsewhere: `to` gets the metrics of `from` up to `step`.
    pub fn branch(from: &Path, to: &Path, step: u64) -> Result<Self, CliError> {
        let old = Self {
            dir: from.to_owned(),
        };
        let run = Self::create(to)?;
        run.keep_metrics(&old.metrics()?, step)?;
        Ok(run)
    }

    fn keep_metrics(&self, metrics: &[Evaluation], step: u64) -> Result<(), CliError> {
        let kept = metrics.iter().filter(|evaluation| evaluation.step <= step);
        let lines: String = kept.map(to_line).collect();
        let (path, partial) = (self.metrics_path(), self.dir.join("metrics.jsonl.partial"));
        fs::write(&partial, lines).map_err(CliError::io("write", &partial))?;
        fs::rename(&partial, &path).map_err(CliError::io("write", &path))
    }

    pub fn path(&self) -> &Path {
        &self.dir
    }

    pub fn metrics_path(&self) -> PathBuf {
        self.dir.join("metrics.jsonl")
    }

    /// Adds a line to `metrics.jsonl`.
    pub fn write_metrics(&self, evaluation: &Evaluation) -> std::io::Result<()> {
        OpenOptions::new()
            .append(true)
            .create(true)
            .open(self.metrics_path())?
            .write_all(to_line(evaluation).as_bytes())
    }

    /// The evaluations so far. A last line that was cut off by a kill is left out.
    pub fn metrics(&self) -> Result<Vec<Evaluation>, CliError> {
        let path = self.metrics_path();
        let text = match fs::read_to_string(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(CliError::io("read", &path))?,
        };
        Ok(text
            .lines()
            .map_while(|line| serde_json::from_str(line).ok())
            .collect())
    }
}

fn to_line(evaluation: &Evaluation) -> String {
    serde_json::to_string(evaluation).expect("numbers are JSON") + "\n"
}
