//! Errors of labels and of data files.

use crate::data::Malformed;
use lstm_text::TextError;
use thiserror::Error;

/// Labels or data that cannot be used. Lines are counted from 1, words from 0.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum TasksError {
    /// The set of labels is not a BIO scheme.
    #[error("label {name}: {why}")]
    Label {
        /// The wrong label.
        name: String,
        /// The fault.
        why: &'static str,
    },
    /// Predicates are given, but there is no label for them.
    #[error(
        "predicates are given, but the model has no label B-V; train on sentences with predicates"
    )]
    NoVerbLabel,
    /// The index of a predicate is not below the number of words.
    #[error(
        "the predicate is word {predicate} of a sentence of {len} words; words are counted from 0"
    )]
    Predicate {
        /// The index given.
        predicate: usize,
        /// The number of words in the sentence.
        len: usize,
    },
    /// A file cannot be read as text.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A gzip file is damaged or incomplete.
    #[error("{name} is a gzip file and cannot be unpacked: {message}; download it again")]
    Gzip {
        /// The file.
        name: String,
        /// The message of the gzip decoder.
        message: String,
    },
    /// All rows of a file are malformed.
    #[error(
        "{name} has no {kind}: {} malformed, the first at {}; expected {expected}",
        rows(*.malformed),
        first
    )]
    AllMalformed {
        /// The file.
        name: String,
        /// What a row should be, for example `sentence pair`.
        kind: &'static str,
        /// The number of malformed rows.
        malformed: usize,
        /// The first malformed row.
        first: Malformed,
        /// The format of a good row.
        expected: String,
    },
    /// The file has only blank lines.
    #[error("{name} is empty, expected at least one {kind}")]
    NoRow {
        /// The file.
        name: String,
        /// What a row should be.
        kind: &'static str,
    },
    /// A CoNLL-U Plus file does not name its columns, or lacks a column that is needed.
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
