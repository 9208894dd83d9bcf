//! The fingerprint by which a resumed run recognises its data.

use crate::TrainError;
use serde::{Deserialize, Serialize};

/// The fingerprint of a run's data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fingerprint {
    /// A description of the source for messages, for example a path.
    pub source: String,
    /// The number of characters.
    pub characters: usize,
    /// The CRC-32 of the text in UTF-8.
    pub crc32: u32,
}

impl Fingerprint {
    /// The fingerprint of a text.
    #[must_use]
    pub fn new(source: &str, text: &str) -> Self {
        Self {
            source: source.to_owned(),
            characters: text.chars().count(),
            crc32: crc32fast::hash(text.as_bytes()),
        }
    }

    /// Checks that `other` is the same text. The source may be another one.
    ///
    /// # Errors
    /// [`TrainError::OtherData`] if it is not.
    pub fn expect_same(&self, other: &Self) -> Result<(), TrainError> {
        if (self.characters, self.crc32) == (other.characters, other.crc32) {
            return Ok(());
        }
        Err(TrainError::OtherData {
            found: other.characters,
            found_crc: other.crc32,
            expected: self.characters,
            expected_crc: self.crc32,
        })
    }
}
