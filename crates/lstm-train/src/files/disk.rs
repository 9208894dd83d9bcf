//! The operations that change the disk, one function each. Tests record them, replay what a power cut
//! can leave of them, and let some of them fail.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use tempfile::{Builder, NamedTempFile, PersistError};

/// An operation that has succeeded.
#[derive(Clone, Debug)]
#[cfg_attr(not(test), expect(dead_code, reason = "only tests record"))]
pub(crate) enum Operation {
    CreateDir(PathBuf),
    Create(PathBuf),
    /// The whole content of a file is replaced by these bytes.
    Write(PathBuf, Vec<u8>),
    SyncFile(PathBuf),
    Move {
        from: PathBuf,
        to: PathBuf,
    },
    Remove(PathBuf),
    SyncDir(PathBuf),
}

#[cfg(test)]
thread_local! {
    /// The operations of this thread since the recording began.
    pub(crate) static RECORD: std::cell::RefCell<Vec<Operation>> = const { std::cell::RefCell::new(Vec::new()) };

    /// What the next writes of this thread, and moves to where no file may be, fail with: the last one first.
    /// Those after them succeed.
    pub(crate) static FAULTS: std::cell::RefCell<Vec<Option<io::ErrorKind>>> = const { std::cell::RefCell::new(Vec::new()) };
}

#[cfg(test)]
fn record(operation: impl FnOnce() -> Operation) {
    RECORD.with_borrow_mut(|all| all.push(operation()));
}

#[cfg(not(test))]
fn record(_operation: impl FnOnce() -> Operation) {}

#[cfg(test)]
fn fault() -> io::Result<()> {
    let kind = FAULTS.with_borrow_mut(Vec::pop).flatten();
    kind.map_or(Ok(()), |kind| Err(kind.into()))
}

#[cfg(not(test))]
fn fault() -> io::Result<()> {
    Ok(())
}

fn record_move(from: &Path, to: &Path) {
    record(|| Operation::Move {
        from: from.to_owned(),
        to: to.to_owned(),
    });
}

/// Creates these directories, each in one of them or in an existing one.
pub fn create_dirs(deepest: &Path, missing: &[&Path]) -> io::Result<()> {
    fs::create_dir_all(deepest)?;
    for dir in missing {
        record(|| Operation::CreateDir(dir.to_path_buf()));
    }
    Ok(())
}

/// Creates a file with a new name.
pub fn create_temporary(builder: &Builder<'_, '_>, dir: &Path) -> io::Result<NamedTempFile> {
    let file = builder.tempfile_in(dir)?;
    record(|| Operation::Create(file.path().to_owned()));
    Ok(file)
}

/// Writes all bytes of a new file.
pub fn write(file: &mut NamedTempFile, bytes: &[u8]) -> io::Result<()> {
    fault()?;
    file.write_all(bytes)?;
    record(|| Operation::Write(file.path().to_owned(), bytes.to_vec()));
    Ok(())
}

pub fn sync_file(file: &NamedTempFile) -> io::Result<()> {
    file.as_file().sync_all()?;
    record(|| Operation::SyncFile(file.path().to_owned()));
    Ok(())
}

/// Moves a new file to `to`; a file there is replaced.
pub fn persist(file: NamedTempFile, to: &Path) -> Result<(), PersistError> {
    let from = file.path().to_owned();
    file.persist(to)?;
    record_move(&from, to);
    Ok(())
}

/// Moves a new file to `to`, where no file may be.
pub fn persist_noclobber(file: NamedTempFile, to: &Path) -> Result<(), PersistError> {
    if let Err(error) = fault() {
        return Err(PersistError { error, file });
    }
    let from = file.path().to_owned();
    file.persist_noclobber(to)?;
    record_move(&from, to);
    Ok(())
}

pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    record_move(from, to);
    Ok(())
}

pub fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path)?;
    record(|| Operation::Remove(path.to_owned()));
    Ok(())
}

/// Syncs the entries of a directory. Only Unix can do this; on other systems this does nothing.
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(dir)?.sync_all()?;
        record(|| Operation::SyncDir(dir.to_owned()));
    }
    Ok(())
}

/// Opens a file to read and write it; it is created if it does not exist.
pub fn open(path: &Path) -> io::Result<File> {
    let existed = path.exists();
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let file = options.open(path)?;
    if !existed {
        record(|| Operation::Create(path.to_owned()));
    }
    Ok(file)
}

/// Replaces the content of an open file.
pub fn rewrite(file: &mut File, path: &Path, bytes: &[u8]) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(bytes)?;
    record(|| Operation::Write(path.to_owned(), bytes.to_vec()));
    Ok(())
}
