//! Writing a file whole or not at all.
//!
//! The bytes go to a file of a new name, which is synced and then renamed; the directory is synced
//! after the rename. Whenever the process or the machine stops, the path holds the old file or the
//! new one, and a failed write leaves nothing behind.

use crate::TrainError;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

/// Puts a file of these bytes in the place of `path`.
///
/// # Errors
/// [`TrainError::Io`]; the file that was there is then still there.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), TrainError> {
    let partial = write_partial(path, bytes)?;
    rename(&partial, path).inspect_err(|_| drop(fs::remove_file(&partial)))
}

/// Renames a file that is synced, and syncs the directory, so that the rename lasts.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), TrainError> {
    fs::rename(from, to).map_err(TrainError::io("write", to))?;
    sync_directory(to)
}

/// A synced file of a new name beside `path`.
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

/// Only Unix lets a program sync a directory; elsewhere the rename itself is all there is.
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
