//! Writes files atomically: a file is written completely or not at all.
//!
//! The bytes go to a temporary file with a new name in the same directory. The file is synced and then
//! moved to its path, and then the directory is synced. Whenever the process or the machine stops, the
//! path holds either the old file or the new one, and a failed write leaves no file behind. Symbolic
//! links are not followed, and only regular files are replaced.

pub(crate) mod disk;
#[cfg(test)]
mod full_disk;
#[cfg(test)]
mod power_cut;
#[cfg(test)]
#[allow(dead_code)]
#[path = "../tests/train/toy.rs"]
mod toy;

use crate::{TrainError, memory};
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use tempfile::{Builder, NamedTempFile};

/// Writes the bytes to `path`, which must be a file that this program wrote, or not exist.
///
/// # Errors
/// [`TrainError::NotAFile`] if the path is a symbolic link, a pipe or a device; [`TrainError::Io`].
/// The old file is then unchanged, unless the action that failed is `sync`.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), TrainError> {
    expect_regular(path)?;
    let file = write_beside(path, bytes)?;
    let moved = disk::persist(file, path);
    moved.map_err(|error| TrainError::io("write", path)(error.error))?;
    sync_parent(path)
}

/// As [`replace`], but an existing file is replaced only if it begins with `mark`, as `bytes` does. So a
/// file of somebody else with the same name stays as it is.
///
/// # Errors
/// [`TrainError::Exists`] for a file that begins otherwise, and as [`replace`].
pub fn replace_marked(path: &Path, mark: &str, bytes: &[u8]) -> Result<(), TrainError> {
    debug_assert!(bytes.starts_with(mark.as_bytes()));
    expect_regular(path)?;
    match begins_with(path, mark.as_bytes()) {
        Ok(true) => replace(path, bytes),
        Ok(false) => Err(TrainError::exists(path)),
        Err(error) if error.kind() == ErrorKind::NotFound => create(path, bytes),
        Err(error) => Err(TrainError::io("read", path)(error)),
    }
}

fn begins_with(path: &Path, mark: &[u8]) -> io::Result<bool> {
    let mut begin = Vec::new();
    let file = fs::File::open(path)?;
    file.take(mark.len() as u64).read_to_end(&mut begin)?;
    Ok(begin == mark)
}

/// Writes the bytes to a new file.
///
/// # Errors
/// [`TrainError::Exists`] if there is anything at `path` already, [`TrainError::Io`] otherwise. No new
/// file is left behind.
pub fn create(path: &Path, bytes: &[u8]) -> Result<(), TrainError> {
    expect_absent(path)?;
    let file = write_beside(path, bytes)?;
    disk::persist_noclobber(file, path).map_err(|error| match error.error.kind() {
        ErrorKind::AlreadyExists => TrainError::exists(path),
        _ => TrainError::io("write", path)(error.error),
    })?;
    sync_parent(path)
}

/// Creates a directory and its parents, if they do not exist, and syncs the parent of each new one.
///
/// # Errors
/// [`TrainError::Io`]
pub fn create_dir(path: &Path) -> Result<(), TrainError> {
    let is_missing = |dir: &&Path| *dir != Path::new("") && !dir.is_dir();
    let mut missing: Vec<&Path> = path.ancestors().take_while(is_missing).collect();
    missing.reverse();
    disk::create_dirs(path, &missing).map_err(TrainError::io("create", path))?;
    missing.into_iter().try_for_each(sync_parent)
}

/// # Errors
/// [`TrainError::Exists`] if there is anything at `path`, even a broken symbolic link.
pub fn expect_absent(path: &Path) -> Result<(), TrainError> {
    match inspect(path)? {
        None => Ok(()),
        Some(_) => Err(TrainError::exists(path)),
    }
}

/// Checks that a path is a regular file, or a link to one, that fits into the memory. Pipes and devices
/// are refused, because they may never end.
///
/// # Errors
/// [`TrainError::NotAFile`]; [`TrainError::File`] for a file that is larger than the memory; and
/// [`TrainError::Io`], also if there is no such file.
pub fn expect_readable(path: &Path) -> Result<(), TrainError> {
    let metadata = fs::metadata(path).map_err(TrainError::io("read", path))?;
    if metadata.is_dir() {
        return Err(TrainError::io("read", path)(ErrorKind::IsADirectory.into()));
    }
    if !metadata.is_file() {
        return Err(TrainError::not_a_file(path));
    }
    match memory::available() {
        Some(available) if metadata.len() > available => {
            let [size, available] = [metadata.len(), available].map(|bytes| bytes as f64 / 1e9);
            let why = format!("it has {size:.1} GB, and {available:.1} GB of memory are available");
            Err(TrainError::file(path, why))
        }
        _ => Ok(()),
    }
}

/// As [`expect_readable`], but there may be no such file.
pub(crate) fn expect_readable_or_absent(path: &Path) -> Result<(), TrainError> {
    if_found(expect_readable(path)).map(|_| ())
}

/// The bytes of a file that [`expect_readable`] accepts; `None` if it does not exist.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, TrainError> {
    let read = || {
        expect_readable(path)?;
        fs::read(path).map_err(TrainError::io("read", path))
    };
    if_found(read())
}

fn if_found<T>(result: Result<T, TrainError>) -> Result<Option<T>, TrainError> {
    match result {
        Err(TrainError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

/// Moves a file that this program wrote, and syncs the directory, so that the move survives a crash.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), TrainError> {
    expect_regular(to)?;
    disk::rename(from, to).map_err(TrainError::io("write", to))?;
    sync_parent(to)
}

/// Removes a file that this program wrote, if it exists, and syncs the directory: without this, the next
/// file that is removed may be gone after a crash while this one is still there.
pub(crate) fn remove(path: &Path) -> Result<(), TrainError> {
    match disk::remove(path) {
        Ok(()) => sync_parent(path),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(TrainError::io("remove", path)(error)),
    }
}

/// What is at `path` itself: a symbolic link is not followed.
fn inspect(path: &Path) -> Result<Option<Metadata>, TrainError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        metadata => metadata.map(Some).map_err(TrainError::io("write", path)),
    }
}

pub(crate) fn expect_regular(path: &Path) -> Result<(), TrainError> {
    match inspect(path)? {
        Some(metadata) if metadata.is_dir() => Err(TrainError::io("write", path)(
            ErrorKind::IsADirectory.into(),
        )),
        Some(metadata) if !metadata.is_file() => Err(TrainError::not_a_file(path)),
        _ => Ok(()),
    }
}

/// A synced temporary file in the directory of `path`. It is removed unless it is moved to its final
/// path.
fn write_beside(path: &Path, bytes: &[u8]) -> Result<NamedTempFile, TrainError> {
    let write = || {
        let mut prefix = path.file_name().unwrap_or_default().to_owned();
        prefix.push(".");
        let mut builder = Builder::new();
        builder.prefix(&prefix).suffix(".partial");
        let builder = with_usual_permissions(&mut builder);
        let mut file = disk::create_temporary(builder, parent(path))?;
        disk::write(&mut file, bytes)?;
        disk::sync_file(&file)?;
        Ok(file)
    };
    write().map_err(|error: io::Error| TrainError::io("write", path)(error))
}

/// The permissions that the umask allows; temporary files are private by default.
fn with_usual_permissions<'a, 'b>(builder: &'a mut Builder<'b, 'b>) -> &'a mut Builder<'b, 'b> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(dir) if dir != Path::new("") => dir,
        _ => Path::new("."),
    }
}

fn sync_parent(path: &Path) -> Result<(), TrainError> {
    let dir = parent(path);
    disk::sync_dir(dir).map_err(TrainError::io("sync", dir))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::tempdir;

    #[test]
    fn what_is_not_there_need_not_be_removed_and_what_cannot_be_removed_is_an_error() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("file");
        remove(&path).unwrap();
        fs::write(&path, "text").unwrap();
        remove(&path).unwrap();
        assert!(!path.exists());
        fs::create_dir(&path).unwrap();
        assert!(matches!(remove(&path), Err(TrainError::Io { .. })));
        assert!(path.exists());
    }

    #[test]
    fn a_file_that_appears_while_another_one_is_written_is_not_replaced() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("file");
        disk::FAULTS.set(vec![Some(ErrorKind::AlreadyExists), None]);
        assert!(matches!(
            create(&path, b"text"),
            Err(TrainError::Exists { .. })
        ));
        disk::FAULTS.set(vec![Some(ErrorKind::StorageFull), None]);
        assert!(matches!(create(&path, b"text"), Err(TrainError::Io { .. })));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_path_that_cannot_be_looked_at_is_not_taken_for_absent() {
        let dir = tempdir().unwrap();
        assert!(expect_absent(&dir.path().join("file")).is_ok());
        let too_long = expect_absent(&dir.path().join("x".repeat(300)));
        assert!(matches!(too_long, Err(TrainError::Io { .. })));
    }

    #[test]
    fn a_missing_file_is_none_and_what_cannot_be_read_is_an_error() {
        let dir = tempdir().unwrap();
        let path = dir.path().join("file");
        assert_eq!(read(&path).unwrap(), None);
        fs::write(&path, "text").unwrap();
        assert_eq!(read(&path).unwrap(), Some(b"text".to_vec()));
        assert!(matches!(read(dir.path()), Err(TrainError::Io { .. })));
    }

    #[test]
    fn a_bare_name_is_that_of_a_file_in_the_working_directory() {
        for (path, dir) in [
            ("name", "."),
            ("dir/name", "dir"),
            ("/name", "/"),
            ("/", "."),
        ] {
            assert_eq!(parent(Path::new(path)), Path::new(dir), "{path}");
        }
    }
}
