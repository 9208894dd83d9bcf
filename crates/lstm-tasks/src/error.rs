//! Errors of labels and of data files.

use crate::data::Malformed;
use lstm_text::{TextError, counted};
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
        "the predicate is word {predicate} of a sentence of {}; words are counted from 0",
        counted(*len, "word")
    )]
    Predicate {
        /// The index given.
        predicate: usize,
        /// The number of words in the sentence.
        len: usize,
    },
    /// A model computes NaN or an infinity. Its weights are finite, but far too large.
    #[error(
        "the model's outputs are not finite numbers, because its weights are too large; train it again with a lower learning rate"
    )]
    NotFinite,
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
    /// A file of sentence pairs has other columns.
    #[error("{name}: {why}; expected source<TAB>target, with or without an attribution")]
    PairColumns {
        /// The file.
        name: String,
        /// What is wrong with the columns.
        why: String,
    },
    /// After a part was held out for validation, nothing is left to train on.
    #[error(
        "nothing of {name} is left to train on: one in 20 is held out for validation, and here that is \
         all; give more, or a file of its own for validation"
    )]
    AllHeldOut {
        /// The file.
        name: String,
    },
    /// A cell of a table is not what its column needs.
    #[error("{name}, line {line}, column {column:?}: {why}")]
    Cell {
        /// The file.
        name: String,
        /// The line.
        line: usize,
        /// The name of the column.
        column: String,
        /// What is wrong with the cell.
        why: String,
    },
    /// A table cannot be used.
    #[error("{name}: {why}")]
    Table {
        /// The file.
        name: String,
        /// What is wrong with it, and where.
        why: String,
    },
    /// A series has no value at all.
    #[error("series {id:?} has no value; there is nothing to forecast from")]
    NoValue {
        /// The series.
        id: String,
    },
    /// The sentences of a file have no predicates.
    #[error(
        "{name} has {} with no predicate{}; expected a sense in the column UP:PRED, or a frame in \"f\"",
        counted(*sentences, "sentence"),
        malformed.as_ref().map_or(String::new(), |row| format!(", and malformed ones, the first at {row}"))
    )]
    NoPredicate {
        /// The file.
        name: String,
        /// The number of good sentences.
        sentences: usize,
        /// The first malformed row.
        malformed: Option<Malformed>,
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
    pub(crate) fn table(name: &str, why: impl Into<String>) -> Self {
        let (name, why) = (name.to_owned(), why.into());
        Self::Table { name, why }
    }

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

/// The first `most` of these names in quotation marks, and … if there are more.
pub(crate) fn quoted<'a>(names: impl ExactSizeIterator<Item = &'a str>, most: usize) -> String {
    let more = if names.len() > most { ", …" } else { "" };
    let shown: Vec<String> = names.take(most).map(|name| format!("{name:?}")).collect();
    shown.join(", ") + more
}
