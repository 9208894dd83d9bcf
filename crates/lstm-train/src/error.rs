//! What can go wrong with a run, and with the files of a model or a run.

use lstm_model::ModelError;
use std::error::Error;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A run that cannot begin or go on, or a file that cannot be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A setting or a tensor of the model.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The data that a task is made of.
    #[error(transparent)]
    Data(Box<dyn Error + Send + Sync>),
    /// Training diverged; what was saved before is untouched.
    #[error(
        "{what} is not finite at step {step} (learning rate {learning_rate}): resume from the last checkpoint with a lower learning rate or a smaller norm to clip at"
    )]
    NotFinite {
        /// The step.
        step: u64,
        /// What is NaN or infinite.
        what: &'static str,
        /// η of that step.
        learning_rate: f64,
    },
    /// A file or directory could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// `read`, `write`, …
        action: &'static str,
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A directory holds no model.
    #[error("{} holds no model (no {file}); name the directory that training wrote to, or a model file", dir.display())]
    NoModel {
        /// The directory.
        dir: PathBuf,
        /// The file looked for.
        file: &'static str,
    },
    /// A directory holds no run.
    #[error(
        "{} holds no run to resume (no {file}); a model without a run can be trained further with `--from`",
        dir.display()
    )]
    NoRun {
        /// The directory.
        dir: PathBuf,
        /// The file looked for.
        file: &'static str,
    },
    /// A new run would replace a file that it did not write.
    #[error("{} is there already, and a new run replaces nothing: choose another directory", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A directory already holds a run.
    #[error("{} already holds a run, at step {step}", dir.display())]
    RunExists {
        /// The directory.
        dir: PathBuf,
        /// How far that run has come.
        step: u64,
    },
    /// A file is damaged or is not one of ours.
    #[error("{} cannot be used: {why}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and where.
        why: String,
    },
    /// A run is resumed on other data than it was started on.
    #[error(
        "the text is not the one this run was trained on: {found} characters (checksum {found_crc:08x}), the run has {expected} (checksum {expected_crc:08x}); give the original text, or start a new run"
    )]
    OtherData {
        /// Characters in this text.
        found: usize,
        /// Its checksum.
        found_crc: u32,
        /// Characters in the run's text.
        expected: usize,
        /// Its checksum.
        expected_crc: u32,
    },
    /// The system refused to start threads.
    #[error("cannot start {threads} threads: {why}")]
    Threads {
        /// How many were asked for.
        threads: usize,
        /// Why not.
        why: String,
    },
}

impl TrainError {
    /// The data of a task cannot be used.
    pub fn data(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Data(Box::new(error))
    }

    /// An error of the file system.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    /// A file that cannot be used.
    pub fn file(path: &Path, why: impl Display) -> Self {
        Self::File {
            path: path.to_owned(),
            why: why.to_string(),
        }
    }

    /// A tensor that nothing in the run asks for.
    pub(crate) fn left_over(name: &str) -> Self {
        ModelError::tensor(name, "this run has no such tensor").into()
    }
}
