//! Finds out why bytes are not UTF-8 text.

use crate::encodings::readings;
use crate::file_format::wide_encoding;
use crate::{TextError, file_format};

/// The error for bytes with a NUL at `offset`.
pub(crate) fn binary(name: String, bytes: &[u8], offset: usize) -> TextError {
    if let Some(format) = file_format(bytes) {
        return TextError::Format { name, format };
    }
    if let Some(encoding) = wide_encoding(bytes) {
        return TextError::Wide { name, encoding };
    }
    let line = line_at(bytes, offset);
    TextError::Binary { name, offset, line }
}

/// The error for bytes that stop being UTF-8 at `offset`.
pub(crate) fn not_utf8(name: String, bytes: &[u8], offset: usize) -> TextError {
    if let Some(format) = file_format(bytes) {
        return TextError::Format { name, format };
    }
    let (byte, line) = (bytes[offset], line_at(bytes, offset));
    let (mut characters, mut damaged) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        characters += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        damaged += usize::from(!chunk.invalid().is_empty());
    }
    // In a text in another encoding, a few bytes may form a UTF-8 character only by chance.
    if characters >= 10 * damaged {
        return TextError::Damaged {
            name,
            damaged,
            byte,
            offset,
            line,
        };
    }
    TextError::NotUtf8 {
        name,
        byte,
        offset,
        line,
        readings: readings(bytes, offset),
    }
}

/// The line of the byte at `offset`, counted from 1.
fn line_at(bytes: &[u8], offset: usize) -> usize {
    1 + bytes[..offset].iter().filter(|&&b| b == b'\n').count()
}
