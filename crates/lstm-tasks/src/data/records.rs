//! JSON lines in which two named fields are a text and its summary.

use super::{Pair, Rows, json, rows};
use crate::TasksError;
use lstm_text::InputLimit;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::path::Path;

/// The names of the fields that are read from a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordFields {
    /// The field with the source text.
    pub source: String,
    /// The field with the target text.
    pub target: String,
}

/// Reads a file with one JSON object on each line.
///
/// # Errors
/// If the file cannot be read as text, is larger than the limit, is empty, or has no record with both fields.
pub fn read_records(
    path: &Path,
    fields: &RecordFields,
    limit: InputLimit,
) -> Result<Rows<Pair>, TasksError> {
    let expected = format!(
        "one JSON object on each line, with the text fields {:?} and {:?}",
        fields.source, fields.target
    );
    rows::read_lines(path, limit, "record", &expected, |row| {
        let record = json::object(row)?;
        Ok(Pair {
            source: text(&record, &fields.source)?,
            target: text(&record, &fields.target)?,
        })
    })
}

fn text(record: &Map<String, Value>, field: &str) -> Result<String, String> {
    match json::text(record, field)?.trim() {
        "" => Err(format!("the field {field:?} is empty")),
        text => Ok(text.to_owned()),
    }
}
