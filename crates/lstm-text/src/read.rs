//! Reading a text from a file or from standard input.

use std::io::{self, Read};
use std::path::Path;

use crate::TextError;

/// Reads a UTF-8 text; the path `-` means standard input.
///
/// A UTF-8 byte-order mark at the start is removed; nothing else is changed.
///
/// # Errors
/// If the file is missing, is a directory, is not permitted or cannot be read to its end; if it is
/// empty; if it begins with a byte-order mark of UTF-16 or UTF-32, has a NUL byte, or is not UTF-8. The
/// message says where the error is and what to do.
///
/// ```
/// let error = lstm_text::read_text("no/such.txt".as_ref()).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "no/such.txt does not exist; check the path, or give `-` for standard input"
/// );
/// ```
pub fn read_text(path: &Path) -> Result<String, TextError> {
    let (name, bytes) = read_bytes(path)?;
    text_from_utf8(name, bytes)
}

/// The name of a file for messages, and its bytes, unchanged; the path `-` means standard input.
///
/// # Errors
/// If the file is missing, is a directory, is not permitted or cannot be read to its end.
pub fn read_bytes(path: &Path) -> Result<(String, Vec<u8>), TextError> {
    let (name, bytes) = if path == Path::new("-") {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes);
        ("standard input".to_owned(), read.map(|_| bytes))
    } else {
        let name = path.display().to_string();
        // On some platforms, reading a directory gives a less specific error.
        if path.is_dir() {
            return Err(TextError::IsDirectory { name });
        }
        (name, std::fs::read(path))
    };
    match bytes {
        Ok(bytes) => Ok((name, bytes)),
        Err(error) => Err(io_error(name, &error)),
    }
}

// ANCHOR: from_utf8
/// The bytes as a text, without copying them; `name` is the name in messages.
///
/// # Errors
/// The errors of [`read_text`] that concern the text itself.
pub fn text_from_utf8(name: String, bytes: Vec<u8>) -> Result<String, TextError> {
    if let Some(encoding) = foreign_mark(&bytes) {
        return Err(TextError::ByteOrderMark { name, encoding });
    }
    let line = |bytes: &[u8], offset| 1 + bytes[..offset].iter().filter(|&&b| b == b'\n').count();
    // English in UTF-16 is valid UTF-8 with a NUL after every letter, so this comes first.
    if let Some(offset) = bytes.iter().position(|&b| b == 0) {
        let line = line(&bytes, offset);
        return Err(TextError::Binary { name, offset, line });
    }
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let (bytes, offset) = (error.as_bytes(), error.utf8_error().valid_up_to());
        TextError::NotUtf8 {
            byte: bytes[offset],
            offset,
            line: line(bytes, offset),
            name: name.clone(),
        }
    })?;
    if text.starts_with('\u{FEFF}') {
        text.remove(0);
    }
    if text.is_empty() {
        return Err(TextError::Empty { name });
    }
    Ok(text)
}
// ANCHOR_END: from_utf8

/// The encoding whose byte-order mark the text begins with, if it is not UTF-8.
fn foreign_mark(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        // This comes before UTF-16, whose mark is the beginning of UTF-32's.
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => Some("UTF-32"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some("UTF-16"),
        _ => None,
    }
}

fn io_error(name: String, error: &io::Error) -> TextError {
    match error.kind() {
        io::ErrorKind::NotFound => TextError::NotFound { name },
        io::ErrorKind::IsADirectory => TextError::IsDirectory { name },
        io::ErrorKind::PermissionDenied => TextError::PermissionDenied { name },
        _ => TextError::Io {
            name,
            message: error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::process::{Command, Stdio};

    /// The text read from a file `f` with these bytes, or the message without the directory.
    fn read(bytes: &[u8]) -> Result<String, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        std::fs::write(&path, bytes).unwrap();
        read_text(&path).map_err(|e| e.to_string().replace(path.to_str().unwrap(), "f"))
    }

    fn message(bytes: &[u8]) -> String {
        read(bytes).unwrap_err()
    }

    #[test]
    fn a_file_reads_as_it_stands() {
        let text = "床前明月光，\r\nçà 🌙\n";
        assert_eq!(read(text.as_bytes()).unwrap(), text);
    }

    #[test]
    fn one_byte_order_mark_at_the_start_is_taken_away() {
        let read = read("\u{FEFF}\u{FEFF}a\u{FEFF}".as_bytes()).unwrap();
        assert_eq!(read, "\u{FEFF}a\u{FEFF}");
    }

    #[test]
    fn a_directory_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(
            read_text(dir.path()).unwrap_err().to_string(),
            format!(
                "{} is a directory, expected a text file; name a file inside it",
                dir.path().display()
            )
        );
    }

    // An administrator can read every file, so the test builds the error instead of causing it.
    #[test]
    fn errors_of_the_system_are_told_apart() {
        let message = |kind| io_error("f".into(), &io::Error::from(kind)).to_string();
        assert_eq!(
            message(io::ErrorKind::PermissionDenied),
            "f cannot be read: permission denied; give yourself read permission"
        );
        assert_eq!(
            message(io::ErrorKind::IsADirectory),
            "f is a directory, expected a text file; name a file inside it"
        );
        assert_eq!(
            message(io::ErrorKind::TimedOut),
            "f cannot be read: timed out"
        );
    }

    #[test]
    fn a_file_without_characters_is_refused() {
        let empty = "f is empty, expected at least one character of text";
        assert_eq!(message(b""), empty);
        assert_eq!(message("\u{FEFF}".as_bytes()), empty);
    }

    #[test]
    fn the_byte_that_is_not_utf8_is_named() {
        // 你 in GB18030 is C4 E3.
        assert_eq!(
            message(b"one\ntwo\n\xC4\xE3"),
            "f is not UTF-8: byte 0xC4 at offset 8, line 3; \
             convert it, for example from GB18030: `iconv -f GB18030 -t UTF-8`"
        );
    }

    #[test]
    fn offsets_count_the_byte_order_mark() {
        let error = text_from_utf8("f".into(), b"\xEF\xBB\xBFa\xFF".to_vec()).unwrap_err();
        let (name, byte) = ("f".into(), 0xFF);
        assert_eq!(
            error,
            TextError::NotUtf8 {
                name,
                byte,
                offset: 4,
                line: 1
            }
        );
    }

    #[test]
    fn a_binary_file_is_named_as_such_be_it_utf8_or_not() {
        let expected = "f looks binary: NUL byte at offset 3, line 2, expected UTF-8 text; \
                        if it is UTF-16, convert it: `iconv -f UTF-16LE -t UTF-8`";
        assert_eq!(message(b"a\nb\0"), expected);
        assert_eq!(message(b"\xFF\n\xC4\0\xFF\0"), expected);
    }

    #[test]
    fn marks_of_other_encodings_are_named() {
        let mark = |encoding| {
            format!(
                "f begins with the byte-order mark of {encoding}, expected UTF-8; \
                 convert it: `iconv -f {encoding} -t UTF-8`"
            )
        };
        assert_eq!(message(b"\xFF\xFEa\0"), mark("UTF-16"));
        assert_eq!(message(b"\xFE\xFF\0a"), mark("UTF-16"));
        assert_eq!(message(b"\xFF\xFE\0\0a\0\0\0"), mark("UTF-32"));
        assert_eq!(message(b"\0\0\xFE\xFF\0\0\0a"), mark("UTF-32"));
    }

    // A process has one standard input, so the test runs itself again in a process of its own.
    #[test]
    fn a_dash_is_standard_input() {
        const INSIDE: &str = "LSTM_TEXT_READS_STANDARD_INPUT";
        if std::env::var_os(INSIDE).is_some() {
            assert_eq!(read_text("-".as_ref()).unwrap(), "月光\n");
            let again = read_text("-".as_ref()).unwrap_err().to_string();
            assert_eq!(
                again,
                "standard input is empty, expected at least one character of text"
            );
            return;
        }
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "read::tests::a_dash_is_standard_input"])
            .env(INSIDE, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all("月光\n".as_bytes()).unwrap();
        drop(input);
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{said}"
        );
    }
}
