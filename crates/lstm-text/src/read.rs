//! Reading a text from a file or from standard input.

use std::path::Path;

use crate::not_text::{binary, not_utf8};
use crate::{Input, InputLimit, TextError};

/// Reads a UTF-8 text; the path `-` means standard input.
///
/// A UTF-8 byte-order mark at the start is removed; nothing else is changed.
///
/// # Errors
/// If the file is missing, is a directory, is not permitted or cannot be read to its end; if it is
/// larger than the limit; if it is empty; if it is in UTF-16 or UTF-32, is binary, or is not UTF-8. The
/// message says where the error is, what the file may be, and what to do. Nothing is decoded by guess.
///
/// ```
/// use lstm_text::{InputLimit, read_text};
///
/// let error = read_text("no/such.txt".as_ref(), InputLimit::default()).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "no/such.txt does not exist; check the path, or give `-` for standard input"
/// );
/// ```
pub fn read_text(path: &Path, limit: InputLimit) -> Result<String, TextError> {
    let input = Input::open(path)?;
    let name = input.name.clone();
    text_from_utf8(name, input.read(limit)?)
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
    // English in UTF-16 is valid UTF-8 with a NUL after every letter, so this comes first.
    if let Some(offset) = bytes.iter().position(|&b| b == 0) {
        return Err(binary(name, &bytes, offset));
    }
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        not_utf8(name.clone(), error.as_bytes(), offset)
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{self, Write};
    use std::process::{Command, Stdio};

    /// The text read from a file `f` with these bytes, or the message without the directory.
    fn read(bytes: &[u8]) -> Result<String, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        std::fs::write(&path, bytes).unwrap();
        read_text(&path, InputLimit::default())
            .map_err(|e| e.to_string().replace(path.to_str().unwrap(), "f"))
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
            read_text(dir.path(), InputLimit::default())
                .unwrap_err()
                .to_string(),
            format!(
                "{} is a directory, expected a text file; name a file inside it",
                dir.path().display()
            )
        );
    }

    // An administrator can read every file, so the test builds the error instead of causing it.
    #[test]
    fn errors_of_the_system_are_told_apart() {
        let message = |kind| TextError::io("f", &io::Error::from(kind)).to_string();
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
    fn the_byte_that_is_not_utf8_is_named_with_the_plausible_encodings() {
        // 你好 in GB18030 is C4 E3 BA C3.
        assert_eq!(
            message(b"one\ntwo\n\xC4\xE3\xBA\xC3\n"),
            "f is not UTF-8: byte 0xC4 at offset 8, line 3; \
             convert it by the command that gives the right characters: \
             `iconv -f GB18030 -t UTF-8` gives “你好”, or \
             `iconv -f BIG5 -t UTF-8` gives “斕疑”, or \
             `iconv -f EUC-JP -t UTF-8` gives “低挫”, or \
             `iconv -f EUC-KR -t UTF-8` gives “콱봤”"
        );
        assert_eq!(
            message(b"l\x92\xE9t\xE9 arrive"),
            "f is not UTF-8: byte 0x92 at offset 1, line 1; \
             convert it by the command that gives the right characters: \
             `iconv -f WINDOWS-1252 -t UTF-8` gives “l’été arrive”"
        );
    }

    #[test]
    fn a_damaged_utf8_text_is_not_taken_for_another_encoding() {
        let mut bytes = "疑是地上霜，举头望明月\n".as_bytes().to_vec();
        bytes.truncate(bytes.len() - 2);
        assert_eq!(
            message(&bytes),
            "f is UTF-8 with 1 place damaged, the first at line 1, offset 30: byte 0xE6; \
             repair it, or leave out what is damaged: `iconv -c -f UTF-8 -t UTF-8`"
        );
    }

    #[test]
    fn a_text_is_damaged_if_it_has_ten_whole_characters_for_each_damage() {
        let damaged = |characters: usize| {
            let text = [
                "é".repeat(characters - 1).as_bytes(),
                b"\xFFa\xFF",
                "é".as_bytes(),
            ]
            .concat();
            message(&text).starts_with("f is UTF-8 with 2 places damaged")
        };
        assert!(damaged(20));
        assert!(!damaged(19));
    }

    #[test]
    fn offsets_count_the_byte_order_mark() {
        let error = text_from_utf8("f".into(), b"\xEF\xBB\xBFa\xFF".to_vec()).unwrap_err();
        assert!(matches!(
            error,
            TextError::NotUtf8 {
                byte: 0xFF,
                offset: 4,
                line: 1,
                ..
            }
        ));
    }

    #[test]
    fn a_binary_file_is_named_as_such_be_it_utf8_or_not() {
        let expected = "f looks binary: NUL byte at offset 3, line 2, expected UTF-8 text; \
                        give another file, or delete the NUL bytes: `tr -d '\\0'`";
        assert_eq!(message(b"a\nb\0"), expected);
        assert_eq!(message(b"\xFF\n\xC4\0\xFF\0"), expected);
        assert_eq!(
            message(b"\x1F\x8B\x08\0\0"),
            "f is binary, a gzip file, expected UTF-8 text; unpack it: `gunzip`"
        );
        assert_eq!(
            message(b"\xFF\xD8\xFF\xE0"),
            "f is binary, a JPEG image, expected UTF-8 text; give a text file"
        );
    }

    #[test]
    fn utf16_without_a_mark_is_named() {
        assert_eq!(
            message(b"a\0\n\0"),
            "f looks like UTF-16LE without a byte-order mark, expected UTF-8; \
             convert it: `iconv -f UTF-16LE -t UTF-8`"
        );
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
            let read = || read_text("-".as_ref(), InputLimit::default());
            assert_eq!(read().unwrap(), "月光\n");
            let again = read().unwrap_err().to_string();
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
