//! Records of measurements, committed as JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::PathBuf;
use std::{fs, io};

/// A record with a file of its own in `benches`.
pub trait Committed: Serialize + DeserializeOwned {
    /// The name of the file.
    const FILE: &str;

    /// The record's file.
    fn path() -> PathBuf {
        [env!("CARGO_MANIFEST_DIR"), Self::FILE].iter().collect()
    }

    /// The record as committed.
    ///
    /// # Errors
    /// If the file cannot be read, or is not a record.
    fn read() -> io::Result<Self> {
        Ok(serde_json::from_str(&fs::read_to_string(Self::path())?)?)
    }

    /// Writes the record to its file.
    ///
    /// # Errors
    /// If the file cannot be written.
    fn write(&self) -> io::Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        fs::write(Self::path(), text + "\n")
    }
}
