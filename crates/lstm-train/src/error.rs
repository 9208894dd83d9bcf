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
    /// A new file would overwrite an existing one.
    #[error("{} already exists and would be overwritten: choose another place, or remove it", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A path is neither a regular file nor a directory.
    #[error("{} is a symbolic link, a pipe or a device; only regular files are read and written here: choose another place, or remove it", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// Another process trains in a directory.
    #[error("another process ({holder}) is training in {}: wait until it ends, or stop it", dir.display())]
    Locked {
        /// The directory.
        dir: PathBuf,
        /// The process, as it names itself.
        holder: String,
    },
    /// A directory already has a run.
    #[error("{} already holds a run, at step {step}", dir.display())]
    RunExists {
        /// The directory.
        dir: PathBuf,
        /// The steps that this run has done.
        step: u64,
    },
    /// A file has a model of another application.
    #[error("{} cannot be used: it holds a model of kind {found}, expected {expected}", path.display())]
    Kind {
        /// The file.
        path: PathBuf,
        /// The kind of its model.
        found: String,
        /// The kind that was expected.
        expected: String,
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
    /// A run that does not fit into the memory.
    #[error("training this model takes about {:.1} GB of memory, and {:.1} GB are available: choose smaller sizes, a smaller batch or shorter sequences", *needed as f64 / 1e9, *available as f64 / 1e9)]
    Memory {
        /// An estimate in bytes.
        needed: u64,
        /// What the system can still give, in bytes.
        available: u64,
    },
    /// A process was started with something else than the others.
    #[error(
        "rank {rank} does not have the same {what} as rank 0: start every process with the same program, the same options and the same files"
    )]
    OtherProcess {
        /// Its rank.
        rank: usize,
        /// What differs: version, options, data, weights or moments.
        what: &'static str,
    },
    /// The system refused to start threads.
    #[error("cannot start threads (their number is {threads}): {why}")]
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

    pub(crate) fn no_run(dir: &Path) -> Self {
        Self::NoRun {
            dir: dir.to_owned(),
            file: crate::RUN,
        }
    }

    pub(crate) fn exists(path: &Path) -> Self {
        let path = path.to_owned();
        Self::Exists { path }
    }

    pub(crate) fn not_a_file(path: &Path) -> Self {
        let path = path.to_owned();
        Self::NotAFile { path }
    }

    /// Whether the write failed for want of room: a full disk, a quota, or a limit on a file's size.
    pub fn is_out_of_room(&self) -> bool {
        use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        let Self::Io { source, .. } = self else {
            return false;
        };
        matches!(source.kind(), FileTooLarge | QuotaExceeded | StorageFull)
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;

    #[test]
    fn a_full_disk_a_quota_and_a_limit_on_a_file_are_want_of_room() {
        let io = |kind: ErrorKind| TrainError::io("write", Path::new("f"))(kind.into());
        for kind in [
            ErrorKind::StorageFull,
            ErrorKind::QuotaExceeded,
            ErrorKind::FileTooLarge,
        ] {
            assert!(io(kind).is_out_of_room(), "{kind}");
        }
        assert!(!io(ErrorKind::PermissionDenied).is_out_of_room());
        assert!(!TrainError::file(Path::new("f"), "damaged").is_out_of_room());
    }
}
