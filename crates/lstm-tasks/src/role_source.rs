//! The source of a run's sentences with roles. The checkpoint stores it, so that a resumed run reads the
//! same sentences.

use crate::data::{Sentence, read_sentences};
use crate::examples::{Examples, Files, generated};
use crate::{TasksError, corpora};
use lstm_text::InputLimit;
use lstm_train::Fingerprint;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;

/// A source of sentences with roles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum RoleSource {
    /// [`corpora::roles`].
    Generated,
    /// Files, which are read by [`read_sentences`].
    Files(Files),
}

/// The sentences of a source.
pub type RoleData = Examples<Sentence>;

/// The number of training sentences of the generated corpus.
const GENERATED: usize = 5_000;
/// The seed of the generated corpus.
const GENERATED_SEED: u64 = 1;

impl RoleSource {
    /// Reads or generates the sentences.
    ///
    /// # Errors
    /// As [`read_sentences`].
    pub fn read(&self, limit: InputLimit) -> Result<RoleData, TasksError> {
        let mut warnings = Vec::new();
        let (train, val) = match self {
            Self::Generated => generated(corpora::roles(GENERATED_SEED, GENERATED)),
            Self::Files(files) => {
                let source = |sentence: &Sentence| sentence.words.join(" ");
                let read = |path: &Path| read_sentences(path, limit);
                let (train, val) = files.read(read, source, &mut warnings)?;
                if train.iter().all(|sentence| sentence.frames.is_empty()) {
                    return Err(files.all_held_out());
                }
                (train, val)
            }
        };
        let text: String = train.iter().chain(&val).map(in_a_line).collect();
        Ok(RoleData {
            fingerprint: Fingerprint::new(&self.to_string(), &text),
            train,
            val,
            warnings,
        })
    }
}

fn in_a_line(sentence: &Sentence) -> String {
    let mut line = sentence.words.join(" ");
    for frame in &sentence.frames {
        line += &format!("\t{}", frame.predicate);
        for argument in &frame.arguments {
            line += &format!(" {argument}");
        }
    }
    line + "\n"
}

impl fmt::Display for RoleSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Generated => f.write_str("generated sentences with roles"),
            Self::Files(files) => write!(f, "{}", files.train.display()),
        }
    }
}
