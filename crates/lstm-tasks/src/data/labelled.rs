//! Sequences with a label: texts, or series of numbers.

mod json_lines;
mod lines;
mod series;
mod texts;

use super::rows;
use super::series::Columns;
use crate::TasksError;
use lstm_text::InputLimit;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A sequence and its label.
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled {
    /// The sequence.
    pub sequence: Sequence,
    /// The name of its class; empty if only the sequence was read.
    pub label: String,
    /// The line in which it begins, counted from 1.
    pub line: usize,
}

/// A sequence without its label.
#[derive(Clone, Debug, PartialEq)]
pub enum Sequence {
    /// A text with at least one character that is not white space.
    Text(String),
    /// The rows of a series, at least one of which has a value.
    Series {
        /// Its content of the id column.
        id: String,
        /// The values of every row; `None` where one is missing.
        rows: Vec<Vec<Option<f64>>>,
    },
}

/// The columns of a table, or the fields of a JSON object, with a sequence and its label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelledColumns {
    /// The sequence.
    pub sequence: SequenceColumns,
    /// The label.
    pub label: String,
}

/// The columns that make a sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum SequenceColumns {
    /// The column with the text.
    Text(String),
    /// The columns of a series, none of them known in advance. A table has a row for each step, and a
    /// column with the id; a JSON object has a list for each column.
    Series(Columns),
}

impl LabelledColumns {
    /// All names, with that of the label first.
    fn names(&self) -> Vec<&String> {
        let sequence: Vec<&String> = match &self.sequence {
            SequenceColumns::Text(text) => vec![text],
            SequenceColumns::Series(columns) => columns.names().collect(),
        };
        std::iter::once(&self.label).chain(sequence).collect()
    }

    /// A name that is there twice, or is empty.
    #[must_use]
    pub fn wrong_name(&self) -> Option<&String> {
        let names = self.names();
        let is_wrong = |n: usize| names[n].is_empty() || names[..n].contains(&names[n]);
        (0..names.len()).find(|&n| is_wrong(n)).map(|n| names[n])
    }
}

/// The sequences of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledFile {
    /// The name of the file.
    pub name: String,
    /// The sequences in the order of the lines in which they begin; at least one.
    pub all: Vec<Labelled>,
    /// What was missing, counted, with the lines.
    pub warnings: Vec<String>,
    /// The text of the file.
    pub text: String,
}

/// Whether the labels of a file are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labels {
    /// Every sequence has one.
    Needed,
    /// They are not looked at, and the file need not have them.
    Ignored,
}

/// Reads sequences: a table in CSV, whose first row names the columns; or JSON objects, one on each line.
/// The path `-` means standard input.
///
/// # Errors
/// If the file cannot be read as text or is larger than the limit; if a column does not exist; at the
/// first cell that is not what its column needs. The message names the line and the column.
pub fn read_labelled(
    path: &Path,
    columns: &LabelledColumns,
    labels: Labels,
    limit: InputLimit,
) -> Result<LabelledFile, TasksError> {
    let (name, text) = rows::read(path, limit)?;
    let is_json = text.trim_start().starts_with(['{', '[']);
    let (all, warnings) = match &columns.sequence {
        _ if is_json => json_lines::read(&name, &text, columns, labels)?,
        SequenceColumns::Text(column) => (
            texts::of_table(&name, &text, column, columns, labels)?,
            None,
        ),
        SequenceColumns::Series(series) => series::of_table(&name, &text, series, columns, labels)?,
    };
    if all.is_empty() {
        let kind = "sequence";
        return Err(TasksError::NoRow { name, kind });
    }
    Ok(LabelledFile {
        name,
        all,
        warnings: warnings.into_iter().collect(),
        text,
    })
}

/// A label without the white space around it.
fn label(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("the label is missing; write one, or leave the row out".to_owned()),
        label => Ok(label.to_owned()),
    }
}

/// A text that has something to read.
fn text(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("the text is empty; leave the row out".to_owned()),
        _ => Ok(text.to_owned()),
    }
}
