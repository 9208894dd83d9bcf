//! Errors in a text, in a vocabulary, or in how the text is to be cut.

use crate::advice::{RAISE, conversion, normalise};
use crate::special::SPECIALS;
use crate::{ByteSize, FileFormat, Reading, counted};
use std::io::{self, ErrorKind};
use thiserror::Error;

/// A text cannot be read, encoded, decoded or cut as asked, or a vocabulary cannot be built.
///
/// `name` is a path or `standard input`; offsets and positions count from 0, lines and columns from 1.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum TextError {
    /// There is no file with this path.
    #[error("{name} does not exist; check the path, or give `-` for standard input")]
    NotFound {
        /// The path.
        name: String,
    },
    /// The path is a directory, not a file.
    #[error("{name} is a directory, expected a text file; name a file inside it")]
    IsDirectory {
        /// The path.
        name: String,
    },
    /// There is no permission to read the file.
    #[error("{name} cannot be read: permission denied; give yourself read permission")]
    PermissionDenied {
        /// The path.
        name: String,
    },
    /// Reading failed for another reason.
    #[error("{name} cannot be read: {message}")]
    Io {
        /// Where the text comes from.
        name: String,
        /// What the operating system said.
        message: String,
    },
    /// An input is larger than the limit, or has no end.
    #[error("{name} {comparison} {limit}, the limit{RAISE}")]
    TooLarge {
        /// Where the text comes from.
        name: String,
        /// `is larger than` or, of a packed file, `unpacks to more than`.
        comparison: &'static str,
        /// The limit.
        limit: ByteSize,
    },
    /// A line is longer than the limit.
    #[error("line {line} of {name} is longer than {limit}, the limit{RAISE}")]
    LongLine {
        /// Where the text comes from.
        name: String,
        /// The line.
        line: usize,
        /// The limit.
        limit: ByteSize,
    },
    /// There are no characters, or only a byte-order mark.
    #[error("{name} is empty, expected at least one character of text")]
    Empty {
        /// Where the text comes from.
        name: String,
    },
    /// The text begins with a byte-order mark of another encoding.
    #[error(
        "{name} begins with the byte-order mark of {encoding}, expected UTF-8; \
         convert it: `iconv -f {encoding} -t UTF-8`"
    )]
    ByteOrderMark {
        /// Where the text comes from.
        name: String,
        /// `UTF-16` or `UTF-32`, as `iconv` calls it.
        encoding: &'static str,
    },
    /// The text is UTF-16 or UTF-32 without a byte-order mark.
    #[error(
        "{name} looks like {encoding} without a byte-order mark, expected UTF-8; \
         convert it: `iconv -f {encoding} -t UTF-8`"
    )]
    Wide {
        /// Where the text comes from.
        name: String,
        /// The encoding, as `iconv` calls it.
        encoding: &'static str,
    },
    /// The file is of a known format that is not text.
    #[error("{name} is binary, {}, expected UTF-8 text; {}", format.name, format.remedy)]
    Format {
        /// Where the text comes from.
        name: String,
        /// What it is.
        format: FileFormat,
    },
    /// There is a NUL byte.
    #[error(
        "{name} looks binary: NUL byte at offset {offset}, line {line}, expected UTF-8 text; \
         give another file, or delete the NUL bytes: `tr -d '\\0'`"
    )]
    Binary {
        /// Where the text comes from.
        name: String,
        /// The offset of the first NUL byte.
        offset: usize,
        /// The line of the first NUL byte.
        line: usize,
    },
    /// The bytes are not valid UTF-8.
    #[error(
        "{name} is not UTF-8: byte 0x{byte:02X} at offset {offset}, line {line}; {}",
        conversion(readings)
    )]
    NotUtf8 {
        /// Where the text comes from.
        name: String,
        /// The first byte that is not part of a character.
        byte: u8,
        /// Its offset.
        offset: usize,
        /// Its line.
        line: usize,
        /// How a part of the text reads in the encodings that are plausible.
        readings: Vec<Reading>,
    },
    /// Some bytes of a UTF-8 text are not valid.
    #[error(
        "{name} is UTF-8 with {} damaged, the first at line {line}, offset {offset}: byte 0x{byte:02X}; \
         repair it, or leave out what is damaged: `iconv -c -f UTF-8 -t UTF-8`",
        counted(*damaged, "place")
    )]
    Damaged {
        /// Where the text comes from.
        name: String,
        /// The number of damaged places.
        damaged: usize,
        /// The first byte that is not part of a character.
        byte: u8,
        /// Its offset.
        offset: usize,
        /// Its line.
        line: usize,
    },
    /// The vocabulary would have no characters.
    #[error(
        "a vocabulary has no characters, expected at least one; build it from a text that is not empty"
    )]
    EmptyVocabulary,
    /// A vocabulary of subwords has no room for a character.
    #[error(
        "a vocabulary of {vocab_size} subwords is too small, expected at least {least}: \
         {SPECIALS} special ids, 256 bytes and one character"
    )]
    SmallVocabulary {
        /// The size given.
        vocab_size: usize,
        /// The smallest size.
        least: usize,
    },
    /// A character is listed twice.
    #[error(
        "vocabulary has {character:?} (U+{:04X}) twice, as id {first} and as id {second}; \
         list every character once",
        u32::from(*character)
    )]
    DuplicateCharacter {
        /// The character.
        character: char,
        /// The id from its first occurrence.
        first: usize,
        /// The id from its second occurrence.
        second: usize,
    },
    /// A character is not in the vocabulary.
    #[error(
        "{character:?} (U+{:04X}) at line {line}, column {column} (character {position}) is not among \
         the {} of the vocabulary{}; {}",
        u32::from(*character),
        counted(*vocab_size, "character"),
        similar.map_or(String::new(), |c| format!(", which has {c:?}")),
        form.map_or("remove or replace it".to_owned(), normalise)
    )]
    UnknownCharacter {
        /// The character.
        character: char,
        /// The number of characters before it.
        position: usize,
        /// Its line.
        line: usize,
        /// Its column, in characters.
        column: usize,
        /// V
        vocab_size: usize,
        /// A similar character that is in the vocabulary: without the accent, in the other case or in
        /// the other width.
        similar: Option<char>,
        /// The normalisation form of the text in which more of its characters are known, `NFC` or `NFD`.
        form: Option<&'static str>,
    },
    /// The replacement for unknown characters is not in the vocabulary.
    #[error(
        "the replacement {character:?} (U+{:04X}) is not among the {} of the vocabulary; \
         choose one that is",
        u32::from(*character),
        counted(*vocab_size, "character")
    )]
    UnknownReplacement {
        /// The replacement.
        character: char,
        /// V
        vocab_size: usize,
    },
    /// An id is not below the number of characters.
    #[error(
        "id {id} at position {position} is out of range: a vocabulary of {} has \
         ids below {vocab_size}; use the vocabulary that made the ids",
        counted(*vocab_size, "character")
    )]
    UnknownId {
        /// The id.
        id: u32,
        /// Its index among the ids.
        position: usize,
        /// V
        vocab_size: usize,
    },
    /// No word occurs often enough, so the vocabulary of words would be empty.
    #[error(
        "no word is frequent enough for a vocabulary; lower the minimum count or give more text"
    )]
    NoFrequentWord,
    /// A word, a character or a merged pair is listed twice.
    #[error("vocabulary has {token:?} twice; list every token once")]
    DuplicateToken {
        /// The word or character, or the two ids of the pair.
        token: String,
    },
    /// A merged pair makes a token that is too long.
    #[error(
        "vocabulary merges {token:?} into a token of more than {bytes} bytes, which no training makes; use another model file"
    )]
    LongToken {
        /// The two ids of the pair.
        token: String,
        /// The longest token.
        bytes: usize,
    },
    /// An id is not below the number of tokens.
    #[error(
        "id {id} is out of range: a vocabulary of {} has ids below {vocab_size}; \
         use the vocabulary that made the ids",
        counted(*vocab_size, "token")
    )]
    UnknownToken {
        /// The id.
        id: u32,
        /// V
        vocab_size: usize,
    },
    /// The validation fraction is not in [0, 1).
    #[error("validation fraction {found} is out of range, expected at least 0 and below 1")]
    ValFraction {
        /// The fraction given.
        found: f64,
    },
    /// A size is zero.
    #[error("the {size} is 0, expected at least 1")]
    ZeroSize {
        /// `sequence length` or `batch size`.
        size: &'static str,
    },
    /// The text is shorter than one window and the token after it.
    #[error(
        "a text of {} is too short: a window of {} and the token after it are {}; \
         use a shorter sequence or a longer text",
        counted(*tokens, "token"),
        counted(*seq_len, "token"),
        seq_len + 1
    )]
    TooShortForWindow {
        /// N
        tokens: usize,
        /// T
        seq_len: usize,
    },
    /// The text has fewer tokens to predict than there are streams.
    #[error(
        "a text of {} has {} to predict, too few for a batch of {}; \
         use a smaller batch or a longer text",
        counted(*tokens, "token"),
        tokens.saturating_sub(1),
        counted(*batch_size, "stream")
    )]
    TooShortForStreams {
        /// N
        tokens: usize,
        /// B
        batch_size: usize,
    },
}

impl TextError {
    /// What the operating system says about an input.
    pub(crate) fn io(name: &str, error: &io::Error) -> Self {
        let name = name.to_owned();
        match error.kind() {
            ErrorKind::NotFound => Self::NotFound { name },
            ErrorKind::IsADirectory => Self::IsDirectory { name },
            ErrorKind::PermissionDenied => Self::PermissionDenied { name },
            _ => Self::Io {
                name,
                message: error.to_string(),
            },
        }
    }
}
