//! What can go wrong with a model, a run or a checkpoint.

use lstm_text::TextError;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A model that cannot be built, trained, stored or read.
#[derive(Debug, Error)]
pub enum ModelError {
    /// A setting is out of range.
    #[error("{setting} is {value}, expected {expected}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// What was given.
        value: String,
        /// What would do.
        expected: &'static str,
    },
    /// The text cannot be used.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Training went off the rails; what was saved before is untouched.
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
    /// A directory holds no checkpoint.
    #[error("{} holds no checkpoint (no {file}); name the directory that training wrote to", dir.display())]
    NoCheckpoint {
        /// The directory.
        dir: PathBuf,
        /// The file looked for.
        file: &'static str,
    },
    /// A checkpoint is damaged or is not one of ours.
    #[error("the checkpoint {} cannot be used: {why}", path.display())]
    Checkpoint {
        /// The damaged file.
        path: PathBuf,
        /// What is wrong with it, and where.
        why: String,
    },
    /// A tensor is missing, left over or of another shape.
    #[error("tensor {name}: {why}")]
    Tensor {
        /// Its name.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// A run is resumed on another text than it was started on.
    #[error(
        "the text is not the one this run was trained on: {found} characters (checksum {found_crc:08x}), the run has {expected} (checksum {expected_crc:08x}); give the original text, or start a new run"
    )]
    OtherText {
        /// Characters in this text.
        found: usize,
        /// Its checksum.
        found_crc: u32,
        /// Characters in the run's text.
        expected: usize,
        /// Its checksum.
        expected_crc: u32,
    },
    /// The machine refused to start threads.
    #[error("cannot start {threads} threads: {why}")]
    Threads {
        /// How many were asked for.
        threads: usize,
        /// Why not.
        why: String,
    },
}

impl ModelError {
    /// A setting that is out of range.
    pub fn setting(setting: &'static str, value: impl Display, expected: &'static str) -> Self {
        Self::Setting {
            setting,
            value: value.to_string(),
            expected,
        }
    }

    /// What went wrong while a file was read or written.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    /// A tensor that is missing or does not fit.
    pub fn tensor(name: &str, why: impl Display) -> Self {
        Self::Tensor {
            name: name.to_owned(),
            why: why.to_string(),
        }
    }

    /// A checkpoint that cannot be used.
    pub fn checkpoint(path: &Path, why: impl Display) -> Self {
        Self::Checkpoint {
            path: path.to_owned(),
            why: why.to_string(),
        }
    }
}
