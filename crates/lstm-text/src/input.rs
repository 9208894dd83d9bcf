//! Opening a file or standard input, and reading no more of it than a limit allows.

use crate::limit::read_at_most;
use crate::{ByteSize, InputLimit, TextError};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// An opened file, or standard input.
pub struct Input {
    /// The name in messages.
    pub name: String,
    /// The size of a regular file. A pipe or a device has none, and may never end.
    pub size: Option<u64>,
    /// The content.
    pub reader: Box<dyn BufRead>,
}

impl Input {
    /// Opens a file; the path `-` means standard input.
    ///
    /// # Errors
    /// If the file is missing, is a directory or is not permitted.
    pub fn open(path: &Path) -> Result<Self, TextError> {
        if path == Path::new("-") {
            return Ok(Self {
                name: "standard input".to_owned(),
                size: None,
                reader: Box::new(io::stdin().lock()),
            });
        }
        let name = path.display().to_string();
        // On some platforms, reading a directory gives a less specific error.
        if path.is_dir() {
            return Err(TextError::IsDirectory { name });
        }
        let open = || {
            let file = File::open(path)?;
            Ok((file.metadata()?, BufReader::new(file)))
        };
        let (metadata, reader) = open().map_err(|error| TextError::io(&name, &error))?;
        Ok(Self {
            name,
            size: metadata.is_file().then_some(metadata.len()),
            reader: Box::new(reader),
        })
    }

    /// Whether the content begins with these bytes.
    ///
    /// # Errors
    /// If the content cannot be read.
    pub fn begins_with(&mut self, bytes: &[u8]) -> Result<bool, TextError> {
        let first = self.reader.fill_buf();
        let first = first.map_err(|error| TextError::io(&self.name, &error))?;
        Ok(first.starts_with(bytes))
    }

    /// The content. A regular file that is too large is refused before any of it is read.
    ///
    /// # Errors
    /// If it is larger than the limit, or cannot be read to its end.
    pub fn read(self, limit: InputLimit) -> Result<Vec<u8>, TextError> {
        let Self { name, size, reader } = self;
        let most = size.map_or(limit.stream, |_| limit.file);
        let bytes = match size {
            Some(size) if size > most => Ok(None),
            _ => read_at_most(reader, most),
        };
        let bytes = bytes.map_err(|error| TextError::io(&name, &error))?;
        bytes.ok_or(TextError::TooLarge {
            name,
            comparison: "is larger than",
            limit: ByteSize(most),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_text;

    #[test]
    fn a_file_larger_than_the_limit_is_refused_by_the_name_of_the_option() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        std::fs::write(&path, "abcde").unwrap();
        let limit = |bytes| InputLimit::of(ByteSize(bytes));
        assert_eq!(read_text(&path, limit(5)).unwrap(), "abcde");
        let message = read_text(&path, limit(4)).unwrap_err().to_string();
        assert!(
            message.contains("f is larger than 4 bytes, the limit")
                && message.contains("--max-input"),
            "{message}"
        );
        // A sparse file: it is refused by its size, and not read.
        File::create(&path).unwrap().set_len(1 << 42).unwrap();
        let error = read_text(&path, InputLimit::default()).unwrap_err();
        assert!(matches!(error, TextError::TooLarge { .. }), "{error}");
    }

    #[test]
    fn a_look_at_the_first_bytes_takes_none_of_them() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        std::fs::write(&path, "abcde").unwrap();
        let mut input = Input::open(&path).unwrap();
        assert!(input.begins_with(b"abc").unwrap());
        assert!(!input.begins_with(b"bc").unwrap());
        assert_eq!(input.read(InputLimit::default()).unwrap(), b"abcde");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_device_without_end_is_refused_at_the_limit_for_streams() {
        let limit = InputLimit {
            stream: 1 << 20,
            ..InputLimit::default()
        };
        let message = read_text("/dev/zero".as_ref(), limit).unwrap_err();
        assert!(
            message
                .to_string()
                .starts_with("/dev/zero is larger than 1 MiB")
        );
    }
}
