//! What can be wrong with labels and with data.

use crate::data::Malformed;
use lstm_text::TextError;
use thiserror::Error;

/// Labels, data or a fixture that cannot be used. Lines count from 1, words from 0.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum TasksError {
    /// A set of labels that is no BIO scheme.
    #[error("label {name}: {why}")]
    Label {
        /// Its name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Predicates are given to labels that know none.
    #[error("predicates are given, and no label is B-V; train on sentences with predicates")]
    NoVerbLabel,
    /// A predicate outside its sentence.
    #[error("the predicate is word {predicate} of a sentence of {len} words; words count from 0")]
    Predicate {
        /// Its index.
        predicate: usize,
        /// Words of the sentence.
        len: usize,
    },
    /// A file that cannot be read as text.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A gzip file that ends too soon or is damaged.
    #[error("{name} is gzip and cannot be unpacked: {message}; fetch it again")]
    Gzip {
        /// The file.
        name: String,
        /// What the decoder said.
        message: String,
    },
    /// Not one row of a file is as expected.
    #[error(
        "{name} has no {kind}: {} malformed, the first at {}; expected {expected}",
        rows(*.malformed),
        first
    )]
    Mismatch {
        /// The file.
        name: String,
        /// What was looked for: `sentence pair`, say.
        kind: &'static str,
        /// How many rows there are.
        malformed: usize,
        /// The first of them.
        first: Malformed,
        /// What a row looks like.
        expected: String,
    },
    /// A file of blank lines.
    #[error("{name} is empty, expected at least one {kind}")]
    NoRow {
        /// The file.
        name: String,
        /// What was looked for.
        kind: &'static str,
    },
    /// A CoNLL-U Plus file that does not say which columns it has, or lacks one.
    #[error(
        "{name}: {why}; expected a first line `# global.columns = ID FORM … UP:PRED UP:ARGSPANS`"
    )]
    Columns {
        /// The file.
        name: String,
        /// What is missing.
        why: String,
    },
}

impl TasksError {
    pub(crate) fn label(name: &str, why: &'static str) -> Self {
        let name = name.to_owned();
        Self::Label { name, why }
    }
}

fn rows(count: usize) -> String {
    match count {
        1 => "1 row is".to_owned(),
        _ => format!("{count} rows are"),
    }
}
