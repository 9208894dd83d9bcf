//! Sequences with a label as JSON objects, one on each line. A series has a list of numbers for each column.

use super::series::Missing;
use super::{Labelled, LabelledColumns, Labels, Sequence, SequenceColumns, label, text};
use crate::TasksError;
use crate::data::series::Columns;
use crate::data::{json, rows};
use lstm_text::counted;
use serde_json::{Map, Value};

type Record = Map<String, Value>;

/// A field that is wrong, and why.
type Wrong = (String, String);

pub(super) fn read(
    name: &str,
    lines: &str,
    columns: &LabelledColumns,
    labels: Labels,
) -> Result<(Vec<Labelled>, Option<String>), TasksError> {
    let mut missing = Missing::default();
    let labelled = |(line, row): (usize, &str)| {
        let record = json::object(row)
            .map_err(|why| TasksError::table(name, format!("line {line}: {why}")))?;
        let cell = |(column, why): Wrong| TasksError::Cell {
            name: name.to_owned(),
            line,
            column,
            why,
        };
        let sequence = sequence(&record, &columns.sequence, line).map_err(cell)?;
        if let Sequence::Series { rows, .. } = &sequence {
            rows.iter().for_each(|values| missing.count(values, line));
        }
        let label = match labels {
            Labels::Needed => label_of(&record, &columns.label),
            Labels::Ignored => Ok(String::new()),
        };
        Ok(Labelled {
            sequence,
            label: label.map_err(|why| cell((columns.label.clone(), why)))?,
            line,
        })
    };
    let all = rows::numbered(lines)
        .map(labelled)
        .collect::<Result<_, TasksError>>()?;
    Ok((all, missing.warning(name)))
}

fn sequence(record: &Record, columns: &SequenceColumns, line: usize) -> Result<Sequence, Wrong> {
    match columns {
        SequenceColumns::Text(field) => json::text(record, field)
            .and_then(text)
            .map(Sequence::Text)
            .map_err(|why| (field.clone(), why)),
        SequenceColumns::Series(columns) => series(record, columns, line),
    }
}

/// A series whose id is its line, unless a field has it.
fn series(record: &Record, columns: &Columns, line: usize) -> Result<Sequence, Wrong> {
    if let Some(time) = &columns.time {
        let why =
            "a list is in order by itself; name a column with the time only for a table in CSV";
        return Err((time.clone(), why.to_owned()));
    }
    let id = match &columns.id {
        None => line.to_string(),
        Some(field) => name_of(record, field).map_err(|why| (field.clone(), why))?,
    };
    let values = |field: &String| numbers(record, field).map_err(|why| (field.clone(), why));
    let lists: Vec<_> = columns
        .values
        .iter()
        .map(values)
        .collect::<Result<_, _>>()?;
    let steps = lists[0].len();
    for (field, list) in columns.values.iter().zip(&lists) {
        if list.len() != steps {
            let (found, first) = (counted(list.len(), "number"), &columns.values[0]);
            let why =
                format!("{found}, and {steps} in {first:?}; every column has one for each step");
            return Err((field.clone(), why));
        }
    }
    if lists.iter().flatten().all(Option::is_none) {
        let why = "the series has no value; leave it out".to_owned();
        return Err((columns.values[0].clone(), why));
    }
    let row = |t| lists.iter().map(|list| list[t]).collect();
    let rows = (0..steps).map(row).collect();
    Ok(Sequence::Series { id, rows })
}

/// A list of numbers; null is a missing value.
fn numbers(record: &Record, field: &str) -> Result<Vec<Option<f64>>, String> {
    let number = |(n, value): (usize, &Value)| match value {
        Value::Null => Ok(None),
        Value::Number(number) => Ok(number.as_f64()),
        other => Err(format!(
            "element {} of the list is {}, expected a number, or null for a missing value",
            n + 1,
            json::kind(other)
        )),
    };
    json::list(record, field)?
        .iter()
        .enumerate()
        .map(number)
        .collect()
}

/// A label that is text, or a number or a truth value as JSON writes it.
fn label_of(record: &Record, field: &str) -> Result<String, String> {
    match record.get(field) {
        None | Some(Value::Null) => label(""),
        Some(_) => name_of(record, field).and_then(|name| label(&name)),
    }
}

fn name_of(record: &Record, field: &str) -> Result<String, String> {
    match record.get(field) {
        Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok(value.to_string()),
        _ => json::text(record, field).map(str::to_owned),
    }
}
