//! A lock, so that only one process at a time trains in a directory.

use crate::{TrainError, files};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

/// The file that a training process locks. It also names the process.
pub(crate) const LOCK: &str = "run.lock";

const HOLDER: &str = "process ";

/// The lock on a run's directory. The system releases it when the process ends, even after a crash.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Locks an existing directory.
    ///
    /// # Errors
    /// [`TrainError::Locked`], with the name of the process that trains there.
    pub fn acquire(dir: &Path) -> Result<Self, TrainError> {
        let path = dir.join(LOCK);
        files::expect_regular(&path)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options
            .open(&path)
            .map_err(TrainError::io("write", &path))?;
        let mut bytes = Vec::new();
        let read = (&mut file).take(64).read_to_end(&mut bytes);
        read.map_err(TrainError::io("read", &path))?;
        let holder = String::from_utf8_lossy(&bytes).into_owned();
        if !holder.is_empty() && !holder.starts_with(HOLDER) {
            return Err(TrainError::exists(&path));
        }
        match file.try_lock() {
            Ok(()) => {
                // The name is only for the error message, so a full disk must not stop a run that could
                // be resumed.
                let _ = name_holder(&mut file);
            }
            Err(TryLockError::WouldBlock) => {
                return Err(TrainError::Locked {
                    dir: dir.to_owned(),
                    holder,
                });
            }
            // Some network file systems have no locks; there, other processes cannot be detected.
            Err(TryLockError::Error(_)) => {}
        }
        Ok(Self { _file: file })
    }
}

fn name_holder(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "{HOLDER}{}", std::process::id())
}
