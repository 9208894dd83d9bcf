//! Where a run's sentences with roles come from, said so that a resumed run finds them again.

use crate::data::{Rows, Sentence, read_conllup, read_srl_json};
use crate::{Files, TasksError, corpora};
use lstm_model::TextRecord;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;

/// Where sentences with roles come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum RoleSource {
    /// [`corpora::roles`].
    Generated,
    /// CoNLL-U Plus if the file says so in its first line, else JSON lines.
    Files(Files),
}

/// Sentences that were read.
#[derive(Clone, Debug)]
pub struct RoleData {
    /// To learn from.
    pub train: Vec<Sentence>,
    /// To be judged by.
    pub val: Vec<Sentence>,
    /// What to tell of malformed rows.
    pub warnings: Vec<String>,
    /// By what the sentences are known again.
    pub record: TextRecord,
}

/// Sentences of the generated corpus to learn from.
const GENERATED: usize = 5_000;
/// Decides which they are.
const GENERATED_SEED: u64 = 1;

impl RoleSource {
    /// Reads or generates the sentences.
    ///
    /// # Errors
    /// If a file cannot be read, or has not one sentence.
    pub fn read(&self) -> Result<RoleData, TasksError> {
        let mut warnings = Vec::new();
        let (train, val) = match self {
            Self::Generated => {
                let corpus = corpora::roles(GENERATED_SEED, GENERATED);
                (corpus.train, corpus.held_out)
            }
            Self::Files(files) => {
                let source = |sentence: &Sentence| sentence.words.join(" ");
                files.read(read_sentences, source, &mut warnings)?
            }
        };
        let text: String = train.iter().chain(&val).map(in_a_line).collect();
        Ok(RoleData {
            record: TextRecord::new(&self.to_string(), &text),
            train,
            val,
            warnings,
        })
    }
}

/// Reads sentences with roles: CoNLL-U Plus if the file says so in its first line, else JSON lines.
///
/// # Errors
/// As [`read_conllup`] and [`read_srl_json`].
pub fn read_sentences(path: &Path) -> Result<Rows<Sentence>, TasksError> {
    match read_conllup(path) {
        Err(TasksError::Columns { .. }) => read_srl_json(path),
        other => other,
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
