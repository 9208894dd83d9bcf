//! A path in JSON: a text where it is one, and otherwise its bytes. Paths are bytes on Unix, and JSON
//! holds texts only.

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

pub(crate) fn serialize<S: Serializer>(path: &Path, s: S) -> Result<S::Ok, S::Error> {
    let stored = match path.to_str() {
        Some(text) => Some(Stored::Text(text.to_owned())),
        None => to_bytes(path).map(Stored::Bytes),
    };
    let refuse = || S::Error::custom(format!("the path {} is not valid Unicode", path.display()));
    stored.ok_or_else(refuse)?.serialize(s)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<PathBuf, D::Error> {
    match Stored::deserialize(d)? {
        Stored::Text(text) => Ok(text.into()),
        Stored::Bytes(bytes) => {
            from_bytes(bytes).ok_or_else(|| D::Error::custom("a path of bytes, as Unix has them"))
        }
    }
}

#[cfg(unix)]
fn to_bytes(path: &Path) -> Option<Vec<u8>> {
    use std::os::unix::ffi::OsStrExt;
    Some(path.as_os_str().as_bytes().to_owned())
}

#[cfg(unix)]
fn from_bytes(bytes: Vec<u8>) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    Some(std::ffi::OsString::from_vec(bytes).into())
}

#[cfg(not(unix))]
fn to_bytes(_path: &Path) -> Option<Vec<u8>> {
    None
}

#[cfg(not(unix))]
fn from_bytes(_bytes: Vec<u8>) -> Option<PathBuf> {
    None
}

/// The same for a path that may be missing.
pub(crate) mod optional {
    use super::{Deserialize, Deserializer, PathBuf, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Present(#[serde(with = "super")] PathBuf);

    pub(crate) fn serialize<S: Serializer>(
        path: &Option<PathBuf>,
        s: S,
    ) -> Result<S::Ok, S::Error> {
        path.clone().map(Present).serialize(s)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        d: D,
    ) -> Result<Option<PathBuf>, D::Error> {
        Ok(Option::<Present>::deserialize(d)?.map(|Present(path)| path))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use crate::Files;
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;

    #[test]
    fn any_path_is_stored_and_read_again() {
        let strange: std::path::PathBuf = OsString::from_vec(b"p\xff.tsv".to_vec()).into();
        for (train, val) in [
            ("/a/b.tsv".into(), None),
            ("/a/b.tsv".into(), Some(strange.clone())),
            (strange, Some("/c".into())),
        ] {
            let files = Files { train, val };
            let json = serde_json::to_string(&files).unwrap();
            assert_eq!(
                serde_json::from_str::<Files>(&json).unwrap(),
                files,
                "{json}"
            );
        }
        let plain = r#"{"train":"a","val":null}"#;
        assert_eq!(
            serde_json::from_str::<Files>(plain)
                .unwrap()
                .train
                .as_os_str(),
            "a"
        );
    }
}
