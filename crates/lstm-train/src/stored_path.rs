//! A path in JSON: a string if the path is Unicode, and otherwise a list of its bytes. On Unix a path is any
//! bytes, and JSON strings are Unicode. For fields: `#[serde(with = "stored_path")]`.

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::path::{Path, PathBuf};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Text(String),
    Bytes(Vec<u8>),
}

/// # Errors
/// On a system without paths of bytes, if the path is not Unicode.
pub fn serialize<S: Serializer>(path: &Path, s: S) -> Result<S::Ok, S::Error> {
    let stored = match path.to_str() {
        Some(text) => Some(Stored::Text(text.to_owned())),
        None => to_bytes(path).map(Stored::Bytes),
    };
    let refuse = || S::Error::custom(format!("the path {} is not valid Unicode", path.display()));
    stored.ok_or_else(refuse)?.serialize(s)
}

/// # Errors
/// If the value is neither a text nor bytes, or if the system has no paths of bytes.
pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<PathBuf, D::Error> {
    match Stored::deserialize(d)? {
        Stored::Text(text) => Ok(text.into()),
        Stored::Bytes(bytes) => {
            from_bytes(bytes).ok_or_else(|| D::Error::custom("a path of bytes, as Unix has them"))
        }
    }
}

/// `None` if the system has no paths of bytes.
fn to_bytes(path: &Path) -> Option<Vec<u8>> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        Some(path.as_os_str().as_bytes().to_owned())
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

/// `None` if the system has no paths of bytes.
fn from_bytes(bytes: Vec<u8>) -> Option<PathBuf> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt;
        Some(std::ffi::OsString::from_vec(bytes).into())
    }
    #[cfg(not(unix))]
    {
        let _ = bytes;
        None
    }
}

/// The same for a path that may be missing.
pub mod optional {
    use super::{Present, take};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::path::PathBuf;

    /// # Errors
    /// As [`serialize`](super::serialize).
    pub fn serialize<S: Serializer>(path: &Option<PathBuf>, s: S) -> Result<S::Ok, S::Error> {
        path.clone().map(Present).serialize(s)
    }

    /// # Errors
    /// As [`deserialize`](super::deserialize).
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<PathBuf>, D::Error> {
        Ok(Option::<Present>::deserialize(d)?.map(take))
    }
}

/// The same for a list of paths.
pub mod list {
    use super::{Present, take};
    use serde::{Deserialize, Deserializer, Serializer};
    use std::path::PathBuf;

    /// # Errors
    /// As [`serialize`](super::serialize).
    pub fn serialize<S: Serializer>(paths: &[PathBuf], s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(paths.iter().cloned().map(Present))
    }

    /// # Errors
    /// As [`deserialize`](super::deserialize).
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<PathBuf>, D::Error> {
        let paths = Vec::<Present>::deserialize(d)?;
        Ok(paths.into_iter().map(take).collect())
    }
}

#[derive(Serialize, Deserialize)]
struct Present(#[serde(with = "self")] PathBuf);

fn take(Present(path): Present) -> PathBuf {
    path
}
