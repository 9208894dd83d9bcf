//! Training and validation examples: generated, or read from files.

use crate::TasksError;
use crate::corpora::Corpus;
use crate::data::Rows;
use lstm_train::{Fingerprint, stored_path};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The examples of a source, in two parts.
#[derive(Clone, Debug)]
pub struct Examples<T> {
    /// The training examples.
    pub train: Vec<T>,
    /// The validation examples. None of their sources is in `train`, unless they have a file of their
    /// own.
    pub val: Vec<T>,
    /// Warnings about malformed rows.
    pub warnings: Vec<String>,
    /// The fingerprint of the examples, by which a resumed run notices that they have changed.
    pub fingerprint: Fingerprint,
}

/// A training file and a validation file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// The training file.
    #[serde(with = "stored_path")]
    pub train: PathBuf,
    /// The validation file. Without it, a twentieth of the sources in `train` are held out.
    #[serde(with = "stored_path::optional", default)]
    pub val: Option<PathBuf>,
}

/// Without a validation file, one source in 20 is held out.
const HELD_OUT: u32 = 20;

impl Files {
    /// These files by their absolute paths, so that a run can be resumed from any directory. A path that
    /// does not exist is left as it is.
    pub fn absolute(train: &Path, val: Option<&Path>) -> Self {
        let absolute = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        Self {
            train: absolute(train),
            val: val.map(absolute),
        }
    }

    /// Reads the training and the validation examples. Without a validation file, examples are held out by
    /// their `source`, so that the two parts share no source.
    pub(crate) fn read<T: Clone>(
        &self,
        read: impl Fn(&Path) -> Result<Rows<T>, TasksError>,
        source: impl Fn(&T) -> String,
        warnings: &mut Vec<String>,
    ) -> Result<(Vec<T>, Vec<T>), TasksError> {
        let mut rows = |path: &Path| -> Result<Vec<T>, TasksError> {
            let rows = read(path)?;
            warnings.extend(rows.warning(5));
            Ok(rows.good)
        };
        let train = rows(&self.train)?;
        match &self.val {
            // A pipe can be read only once.
            Some(path) if *path == self.train => Ok((train.clone(), train)),
            Some(path) => Ok((train, rows(path)?)),
            None => {
                let (train, val): (Vec<_>, _) = train.into_iter().partition(|one| {
                    !crc32fast::hash(source(one).as_bytes()).is_multiple_of(HELD_OUT)
                });
                if train.is_empty() {
                    return Err(self.all_held_out());
                }
                Ok((train, val))
            }
        }
    }

    /// The error if no example is left to train on.
    pub(crate) fn all_held_out(&self) -> TasksError {
        let name = self.train.display().to_string();
        TasksError::AllHeldOut { name }
    }
}

pub(crate) fn generated<T>(corpus: Corpus<T>) -> (Vec<T>, Vec<T>) {
    (corpus.train, corpus.held_out)
}

#[cfg(all(test, unix))]
mod tests {
    use super::Files;
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    use std::path::PathBuf;

    #[test]
    fn any_path_is_stored_and_read_again() {
        let strange: PathBuf = OsString::from_vec(b"p\xff.tsv".to_vec()).into();
        for (train, val) in [
            ("/a/b.tsv".into(), None),
            ("/a/b.tsv".into(), Some(strange.clone())),
            (strange, Some("/c".into())),
        ] {
            let files = Files { train, val };
            let json = serde_json::to_string(&files).unwrap();
            let read: Files = serde_json::from_str(&json).unwrap();
            assert_eq!(read, files, "{json}");
        }
        let plain: Files = serde_json::from_str(r#"{"train":"a","val":null}"#).unwrap();
        assert_eq!(plain.train.as_os_str(), "a");
    }
}
