//! What can be wrong with a text, a vocabulary or a way to cut the text.

use thiserror::Error;

/// A text that cannot be read, encoded, decoded or cut as asked.
///
/// `name` is a path or `standard input`; offsets and positions count from 0, lines and columns from 1.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum TextError {
    /// Nothing has this path.
    #[error("{name} does not exist; check the path, or give `-` for standard input")]
    NotFound {
        /// The path.
        name: String,
    },
    /// A directory holds no text itself.
    #[error("{name} is a directory, expected a text file; name a file inside it")]
    IsDirectory {
        /// The path.
        name: String,
    },
    /// The file may not be read.
    #[error("{name} may not be read: permission denied; give yourself read permission")]
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
    /// No characters, or a byte-order mark alone.
    #[error("{name} is empty, expected at least one character of text")]
    Empty {
        /// Where the text comes from.
        name: String,
    },
    /// A byte-order mark of another encoding.
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
    /// A NUL byte, which no text has: a binary file, or UTF-16 without a byte-order mark.
    #[error(
        "{name} looks binary: NUL byte at offset {offset}, line {line}, expected UTF-8 text; \
         if it is UTF-16, convert it: `iconv -f UTF-16LE -t UTF-8`"
    )]
    Binary {
        /// Where the text comes from.
        name: String,
        /// The first NUL's.
        offset: usize,
        /// The first NUL's.
        line: usize,
    },
    /// Bytes that are no UTF-8.
    #[error(
        "{name} is not UTF-8: byte 0x{byte:02X} at offset {offset}, line {line}; \
         convert it, say from GB18030: `iconv -f GB18030 -t UTF-8`"
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
    },
    /// A vocabulary of no characters.
    #[error(
        "a vocabulary has no characters, expected at least one; build it from a text that is not empty"
    )]
    EmptyVocabulary,
    /// One character with two ids.
    #[error(
        "vocabulary has {character:?} (U+{:04X}) twice, as id {first} and as id {second}; \
         every character needs one id",
        u32::from(*character)
    )]
    DuplicateCharacter {
        /// The character.
        character: char,
        /// Its first id.
        first: usize,
        /// Its second id.
        second: usize,
    },
    /// A character that the vocabulary does not have.
    #[error(
        "{character:?} (U+{:04X}) at line {line}, column {column} (character {position}) is not among \
         the {vocab_size} characters of the vocabulary{}; remove or replace it",
        u32::from(*character),
        similar.map_or(String::new(), |c| format!(", which has {c:?}"))
    )]
    UnknownCharacter {
        /// The character.
        character: char,
        /// How many characters stand before it.
        position: usize,
        /// Its line.
        line: usize,
        /// Its column, in characters.
        column: usize,
        /// V
        vocab_size: usize,
        /// A character of the vocabulary that may be meant: without the accent, in the other case,
        /// in the other width.
        similar: Option<char>,
    },
    /// The character to put in place of unknown ones is itself unknown.
    #[error(
        "the replacement {character:?} (U+{:04X}) is not among the {vocab_size} characters of the \
         vocabulary; choose one that is",
        u32::from(*character)
    )]
    UnknownReplacement {
        /// The replacement.
        character: char,
        /// V
        vocab_size: usize,
    },
    /// An id that is no character's.
    #[error(
        "id {id} at position {position} is no character: a vocabulary of {vocab_size} has ids \
         below {vocab_size}; use the vocabulary that made the ids"
    )]
    UnknownId {
        /// The id.
        id: u32,
        /// Its index among the ids.
        position: usize,
        /// V
        vocab_size: usize,
    },
    /// A vocabulary of words without words.
    #[error("no word is frequent enough for a vocabulary; lower the least count or give more text")]
    NoFrequentWord,
    /// One word, character or pair with two ids.
    #[error("vocabulary has {word:?} twice; every token needs one id")]
    DuplicateWord {
        /// The word.
        word: String,
    },
    /// An id that is no token's.
    #[error(
        "id {id} is no token: a vocabulary of {vocab_size} has ids below {vocab_size}; \
         use the vocabulary that made the ids"
    )]
    UnknownToken {
        /// The id.
        id: u32,
        /// V
        vocab_size: usize,
    },
    /// A share of the text that is none.
    #[error("validation fraction {found} is out of range, expected at least 0 and below 1")]
    ValFraction {
        /// The fraction given.
        found: f64,
    },
    /// A length or a count of zero.
    #[error("the {size} is 0, expected at least 1")]
    ZeroSize {
        /// `sequence length` or `batch size`.
        size: &'static str,
    },
    /// Not one window fits.
    #[error(
        "a text of {tokens} tokens has no window of {seq_len} tokens and a next one, which takes {}; \
         use a shorter sequence or a longer text",
        seq_len + 1
    )]
    TooShortForWindow {
        /// N
        tokens: usize,
        /// T
        seq_len: usize,
    },
    /// Some stream would have nothing to predict.
    #[error(
        "a text of {tokens} tokens has {} to predict, too few for a batch of {batch_size} streams; \
         use a smaller batch or a longer text",
        tokens.saturating_sub(1)
    )]
    TooShortForStreams {
        /// N
        tokens: usize,
        /// B
        batch_size: usize,
    },
}
