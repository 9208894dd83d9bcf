//! A row that is a JSON object, and its fields.

use serde_json::{Map, Value};

/// The object of a row.
pub(super) fn object(row: &str) -> Result<Map<String, Value>, String> {
    match serde_json::from_str(row) {
        Ok(Value::Object(record)) => Ok(record),
        Ok(other) => Err(format!("not a JSON object but {}", kind(&other))),
        Err(error) if error.is_eof() => Err(
            "not a JSON object: it does not end on this line, expected one object on each line, as \
             `jq -c` writes them"
                .to_owned(),
        ),
        Err(error) => {
            let message = error.to_string();
            // The error knows only this row and calls it line 1.
            let what = message.split(" at line 1 ").next().unwrap_or_default();
            Err(format!("not a JSON object: {what} at column {}", error.column()))
        }
    }
}

/// A field that is text.
pub(super) fn text<'a>(record: &'a Map<String, Value>, field: &str) -> Result<&'a str, String> {
    match value(record, field)? {
        Value::String(text) => Ok(text),
        other => Err(format!(
            "the field {field:?} is {}, expected text",
            kind(other)
        )),
    }
}

/// A field that is a list.
pub(super) fn list<'a>(record: &'a Map<String, Value>, field: &str) -> Result<&'a [Value], String> {
    match value(record, field)? {
        Value::Array(values) => Ok(values),
        other => Err(format!(
            "the field {field:?} is {}, expected a list",
            kind(other)
        )),
    }
}

fn value<'a>(record: &'a Map<String, Value>, field: &str) -> Result<&'a Value, String> {
    record.get(field).ok_or_else(|| {
        let fields: Vec<&str> = record.keys().map(String::as_str).collect();
        match fields.as_slice() {
            [] => format!("no field {field:?}; the record has no fields"),
            fields => format!("no field {field:?}; the record has {}", fields.join(", ")),
        }
    })
}

/// What a value is, for messages.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
