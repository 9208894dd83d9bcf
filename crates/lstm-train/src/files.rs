//! Replacing a file atomically.
//!
//! The bytes are written to a file with a new name, which is synced and renamed. Then the directory is
//! synced. If the process or the machine stops at any moment, the path has either the old file or the
//! new one. If writing fails, the partial file is removed.

use crate::TrainError;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

/// Replaces the file `path` by a file with these bytes.
///
/// # Errors
/// [`TrainError::Io`]; the old file is then unchanged.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), TrainError> {
    let partial = write_partial(path, bytes)?;
    rename(&partial, path).inspect_err(|_| drop(fs::remove_file(&partial)))
}

/// Renames a synced file, and syncs the directory to make the rename durable.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), TrainError> {
    fs::rename(from, to).map_err(TrainError::io("write", to))?;
    sync_directory(to)
}

/// Writes and syncs a file with a new name in the directory of `path`.
fn write_partial(path: &Path, bytes: &[u8]) -> Result<PathBuf, TrainError> {
    let (mut file, partial) = create_partial(path).map_err(TrainError::io("write", path))?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(|error| {
        let _ = fs::remove_file(&partial);
        TrainError::io("write", path)(error)
    })?;
    Ok(partial)
}

fn create_partial(path: &Path) -> io::Result<(File, PathBuf)> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    loop {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}-{count}.partial", process::id()));
        let partial = path.with_file_name(name);
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&partial)
        {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => return other.map(|file| (file, partial)),
        }
    }
}

/// Only Unix lets a program sync a directory. On other systems nothing is done after the rename.
#[cfg(unix)]
fn sync_directory(path: &Path) -> Result<(), TrainError> {
    let dir = match path.parent() {
        Some(dir) if dir != Path::new("") => dir,
        _ => Path::new("."),
    };
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(TrainError::io("sync", dir))
}

#[cfg(not(unix))]
fn sync_directory(_path: &Path) -> Result<(), TrainError> {
    Ok(())
}
