//! Role-labelled sentences as JSON lines:
//! `{"id": …, "w": "words between spaces", "f": [[predicate, "roleset", "LABEL:first-last …"], …]}`.
//! Words are counted from 0; a span includes its last word.

use super::{Frame, Rows, Sentence, json, rows};
use crate::TasksError;
use lstm_text::InputLimit;
use serde_json::{Value, json};
use std::path::Path;

/// Reads a file with one sentence on each line.
///
/// # Errors
/// If the file cannot be read as text, is larger than the limit, is empty, or has no good sentence.
pub fn read_srl_json(path: &Path, limit: InputLimit) -> Result<Rows<Sentence>, TasksError> {
    let (name, text) = rows::read(path, limit)?;
    parse(name, &text)
}

/// As [`read_srl_json`], from the text of the file called `name`.
pub(super) fn parse(name: String, text: &str) -> Result<Rows<Sentence>, TasksError> {
    let expected =
        r#"{"id": …, "w": "words", "f": [[predicate, "roleset", "LABEL:first-last …"]]}"#;
    rows::of_lines(name, text, "sentence with roles", expected, sentence)
}

/// A sentence as a line that [`read_srl_json`] reads.
pub fn to_srl_json(sentence: &Sentence) -> String {
    let frame = |frame: &Frame| {
        let arguments: Vec<String> = frame.arguments.iter().map(ToString::to_string).collect();
        json!([frame.predicate, frame.roleset, arguments.join(" ")])
    };
    let frames: Vec<Value> = sentence.frames.iter().map(frame).collect();
    json!({"id": sentence.id, "w": sentence.words.join(" "), "f": frames}).to_string()
}

fn sentence(row: &str) -> Result<Sentence, String> {
    let record = json::object(row)?;
    let words: Vec<String> = json::text(&record, "w")?
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    if words.is_empty() {
        return Err(r#"no words in "w""#.to_owned());
    }
    let id = match record.get("id") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(id)) => id.clone(),
        Some(Value::Number(id)) => id.to_string(),
        Some(other) => {
            let found = json::kind(other);
            return Err(format!(r#"the field "id" is {found}, expected text"#));
        }
    };
    let frames = json::list(&record, "f")?
        .iter()
        .enumerate()
        .map(|(n, value)| {
            frame(value)
                .and_then(|frame| frame.checked(words.len(), 0))
                .map_err(|why| format!("frame {}: {why}", n + 1))
        })
        .collect::<Result<_, _>>()?;
    Ok(Sentence { id, words, frames })
}

fn frame(value: &Value) -> Result<Frame, String> {
    let expected = "expected [predicate, \"roleset\", \"arguments\"]";
    let parts = value.as_array().ok_or(expected)?;
    let [predicate, roleset, arguments] = parts.as_slice() else {
        return Err(expected.to_owned());
    };
    let (Some(predicate), Some(roleset), Some(arguments)) =
        (predicate.as_u64(), roleset.as_str(), arguments.as_str())
    else {
        return Err(expected.to_owned());
    };
    let arguments = arguments.split_whitespace().map(str::parse);
    Ok(Frame {
        predicate: predicate as usize,
        roleset: roleset.to_owned(),
        arguments: arguments.collect::<Result<_, _>>()?,
    })
}
