//! A lock, so that only one process at a time trains in a directory.

use crate::files::disk;
use crate::{TrainError, files};
use std::fs::{File, TryLockError};
use std::io::Read;
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
        let mut file = disk::open(&path).map_err(TrainError::io("write", &path))?;
        let mut bytes = Vec::new();
        let read = (&mut file).take(64).read_to_end(&mut bytes);
        read.map_err(TrainError::io("read", &path))?;
        if !is_ours(&bytes) {
            return Err(TrainError::exists(&path));
        }
        let holder = String::from_utf8_lossy(&bytes).into_owned();
        match file.try_lock() {
            Ok(()) => {
                // The name is only for the error message, so a full disk must not stop a run that could
                // be resumed.
                let holder = format!("{HOLDER}{}", std::process::id());
                let _ = disk::rewrite(&mut file, &path, holder.as_bytes());
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

/// Whether a lock file was written here. It is not synced, so a power cut may have left zeros.
fn is_ours(bytes: &[u8]) -> bool {
    bytes.starts_with(HOLDER.as_bytes()) || bytes.iter().all(|&byte| byte == 0)
}
