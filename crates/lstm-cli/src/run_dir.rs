//! The directory of a run: its checkpoint, its metrics, its pictures.

use crate::error::CliError;
use lstm_model::{Evaluation, ModelError, RunHeader, store};
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// A run's directory, created if need be.
#[derive(Clone, Debug)]
pub struct RunDir {
    dir: PathBuf,
}

impl RunDir {
    /// For a new run, which may write over a run that `may_replace` allows and over nothing else.
    pub fn create<H: RunHeader>(
        dir: &Path,
        command: &'static str,
        may_replace: impl Fn(&H) -> bool,
    ) -> Result<Self, CliError> {
        match store::load::<H>(dir) {
            Ok((header, _)) if may_replace(&header) => {}
            Ok((header, _)) => {
                return Err(CliError::RunExists {
                    dir: dir.to_owned(),
                    step: header.state().progress.step,
                    command,
                });
            }
            Err(ModelError::NoCheckpoint { .. }) => {}
            // A file is in the way; making the directory says so.
            Err(ModelError::Io { source, .. }) if source.kind() == ErrorKind::NotADirectory => {}
            // Something is there that is not ours to write over.
            Err(error) => return Err(error.into()),
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
        run.keep_metrics(&run, step)?;
        Ok(run)
    }

    /// For a run that goes on elsewhere: `to` gets the metrics of `from` up to `step`.
    pub fn branch<H: RunHeader>(
        from: &Path,
        to: &Path,
        command: &'static str,
        step: u64,
    ) -> Result<Self, CliError> {
        let old = Self {
            dir: from.to_owned(),
        };
        let run = Self::create::<H>(to, command, |_| false)?;
        run.keep_metrics(&old, step)?;
        Ok(run)
    }

    /// The lines of `from` up to `step`, to the letter.
    fn keep_metrics(&self, from: &Self, step: u64) -> Result<(), CliError> {
        let kept = from.lines()?.into_iter().filter(|(at, _)| *at <= step);
        let lines: String = kept.map(|(_, line)| line + "\n").collect();
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
    pub fn write_metrics(&self, evaluation: &Evaluation, unit: &str) -> std::io::Result<()> {
        OpenOptions::new()
            .append(true)
            .create(true)
            .open(self.metrics_path())?
            .write_all(to_line(evaluation, unit).as_bytes())
    }

    /// The evaluations so far.
    pub fn metrics(&self) -> Result<Vec<Evaluation>, CliError> {
        let lines = self.lines()?;
        Ok(lines
            .iter()
            .filter_map(|(_, line)| serde_json::from_str(line).ok())
            .collect())
    }

    /// The lines of `metrics.jsonl` with their steps. One that is no evaluation, as a kill may leave
    /// at the end, is left out.
    fn lines(&self) -> Result<Vec<(u64, String)>, CliError> {
        let path = self.metrics_path();
        let text = match fs::read_to_string(&path) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(CliError::io("read", &path))?,
        };
        let numbered = |line: &str| {
            let value: serde_json::Value = serde_json::from_str(line).ok()?;
            Some((value["step"].as_u64()?, line.to_owned()))
        };
        Ok(text.lines().filter_map(numbered).collect())
    }
}

/// A line of `metrics.jsonl`, its fields named after the unit that is predicted.
fn to_line(evaluation: &Evaluation, unit: &str) -> String {
    let line = serde_json::to_string(evaluation).expect("numbers are JSON") + "\n";
    match unit {
        "char" => line,
        _ => line
            .replace("\"bpc\"", &format!("\"bits_per_{unit}\""))
            .replace("\"chars_per_s\"", &format!("\"{unit}s_per_s\"")),
    }
}
