//! The fingerprint by which a resumed run recognises its data.

use crate::{TrainError, stored_path};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

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
    /// The files to read again when the run is resumed, if the settings of the run do not name them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<DataFiles>,
}

/// Files that are joined to one text, and a file to validate on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataFiles {
    /// The files to train on, in order.
    #[serde(with = "stored_path::list")]
    pub train: Vec<PathBuf>,
    /// The file to validate on.
    #[serde(with = "stored_path::optional", default)]
    pub val: Option<PathBuf>,
}

impl Fingerprint {
    /// The fingerprint of a text.
    #[must_use]
    pub fn new(source: &str, text: &str) -> Self {
        Self {
            source: source.to_owned(),
            characters: text.chars().count(),
            crc32: crc32fast::hash(text.as_bytes()),
            files: None,
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

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;

    #[test]
    fn any_path_is_stored_and_read_again() {
        let strange: PathBuf = OsString::from_vec(b"p\xff + q.tsv".to_vec()).into();
        for (train, val) in [
            (vec!["/a/b + c, validated on d.txt".into()], None),
            (vec!["/a".into(), strange.clone()], Some(strange.clone())),
            (vec![], Some("/c".into())),
        ] {
            let fingerprint = Fingerprint {
                files: Some(DataFiles { train, val }),
                ..Fingerprint::new("a test", "text")
            };
            let json = serde_json::to_string(&fingerprint).unwrap();
            let read: Fingerprint = serde_json::from_str(&json).unwrap();
            assert_eq!(read, fingerprint, "{json}");
        }
    }

    #[test]
    fn a_fingerprint_without_files_reads_as_before() {
        let json = r#"{"source":"a","characters":4,"crc32":1}"#;
        let read: Fingerprint = serde_json::from_str(json).unwrap();
        assert_eq!(read.files, None);
        assert_eq!(serde_json::to_string(&read).unwrap(), json);
    }
}
