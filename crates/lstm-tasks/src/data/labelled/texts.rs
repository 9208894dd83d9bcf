//! Texts with a label: a row of a table, or a JSON object on a line.

use super::lines::Lines;
use super::{Labelled, LabelledColumns, Labels, Sequence, label, text};
use crate::TasksError;
use crate::data::{json, rows};
use serde_json::{Map, Value};

pub(super) fn of_table(
    name: &str,
    table: &str,
    column: &String,
    columns: &LabelledColumns,
    labels: Labels,
) -> Result<Vec<Labelled>, TasksError> {
    let lines = Lines::new(name, table, columns, labels)?;
    let place = lines.place(column)?;
    let labelled = |line: Result<super::lines::Line<'_>, TasksError>| {
        let line = line?;
        Ok(Labelled {
            sequence: Sequence::Text(line.read(&place, text)?),
            label: lines.label(&line)?,
            line: line.number,
        })
    };
    lines.rows().map(labelled).collect()
}

pub(super) fn of_json(
    name: &str,
    lines: &str,
    field: &str,
    columns: &LabelledColumns,
    labels: Labels,
) -> Result<Vec<Labelled>, TasksError> {
    let labelled = |(line, row): (usize, &str)| {
        let error = |why| TasksError::table(name, format!("line {line}: {why}"));
        let cell = |column: &str, why| TasksError::Cell {
            name: name.to_owned(),
            line,
            column: column.to_owned(),
            why,
        };
        let record = json::object(row).map_err(error)?;
        let found = json::text(&record, field).and_then(text);
        let label = match labels {
            Labels::Needed => json_label(&record, &columns.label),
            Labels::Ignored => Ok(String::new()),
        };
        Ok(Labelled {
            sequence: Sequence::Text(found.map_err(|why| cell(field, why))?),
            label: label.map_err(|why| cell(&columns.label, why))?,
            line,
        })
    };
    rows::numbered(lines).map(labelled).collect()
}

/// A label that is text, or a number or a truth value as JSON writes it.
fn json_label(record: &Map<String, Value>, field: &str) -> Result<String, String> {
    match record.get(field) {
        Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok(value.to_string()),
        None | Some(Value::Null) => label(""),
        Some(_) => json::text(record, field).and_then(label),
    }
}
