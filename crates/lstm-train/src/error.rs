//! Errors of a run, and of the files of a model or a run.

use lstm_model::ModelError;
use std::error::Error;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A run that cannot begin or go on, or a file that cannot be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A setting of the model is out of range, or a tensor is wrong.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The data of a task cannot be used.
    #[error(transparent)]
    Data(Box<dyn Error + Send + Sync>),
    /// Training diverged. The files that were saved before are unchanged.
    #[error(
        "{what} is not finite at step {step} (learning rate {learning_rate}): resume from the last checkpoint with a lower learning rate or a smaller norm to clip at"
    )]
    NotFinite {
        /// The step.
        step: u64,
        /// The quantity that is NaN or infinite.
        what: &'static str,
        /// η of that step.
        learning_rate: f64,
    },
    /// A file or directory could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried: `read`, `write`, …
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// A directory has no model.
    #[error("{} holds no model (no {file}); name the directory that training wrote to, or a model file", dir.display())]
    NoModel {
        /// The directory.
        dir: PathBuf,
        /// The file looked for.
        file: &'static str,
    },
    /// A directory has no run.
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
    /// A new run would overwrite an existing file.
    #[error("{} already exists, and a new run does not overwrite files: choose another directory", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A directory already has a run.
    #[error("{} already holds a run, at step {step}", dir.display())]
    RunExists {
        /// The directory.
        dir: PathBuf,
        /// The steps that this run has done.
        step: u64,
    },
    /// A file is damaged, or has another format.
    #[error("{} cannot be used: {why}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and where.
        why: String,
    },
    /// A run is resumed with other data than it began with.
    #[error(
        "the text is not the one this run was trained on: {found} characters (checksum {found_crc:08x}), the run has {expected} (checksum {expected_crc:08x}); give the original text, or start a new run"
    )]
    OtherData {
        /// The number of characters in the given text.
        found: usize,
        /// The checksum of the given text.
        found_crc: u32,
        /// The number of characters in the run's text.
        expected: usize,
        /// The checksum of the run's text.
        expected_crc: u32,
    },
    /// The system refused to start threads.
    #[error("cannot start {threads} threads: {why}")]
    Threads {
        /// The number of threads asked for.
        threads: usize,
        /// The reason.
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

    /// A tensor that the run does not have.
    pub(crate) fn unexpected_tensor(name: &str) -> Self {
        ModelError::tensor(name, "this run has no such tensor").into()
    }
}
