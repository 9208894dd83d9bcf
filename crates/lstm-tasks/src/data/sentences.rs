//! Sentences with roles, in either format.

use super::{Rows, Sentence, conllup, rows, srl_json};
use crate::TasksError;
use lstm_text::InputLimit;
use std::path::Path;

/// Reads sentences with roles: as JSON lines if the file begins with `{` or `[`, else as CoNLL-U Plus.
///
/// # Errors
/// As [`read_conllup`](super::read_conllup) and [`read_srl_json`](super::read_srl_json); and if no
/// sentence has a predicate, because a labeller learns nothing from such a file and cannot be measured
/// on it.
pub fn read_sentences(path: &Path, limit: InputLimit) -> Result<Rows<Sentence>, TasksError> {
    let (name, text) = rows::read(path, limit)?;
    let rows = match text.trim_start().chars().next() {
        None => {
            let kind = "sentence with roles";
            return Err(TasksError::NoRow { name, kind });
        }
        Some('{' | '[') => srl_json::parse(name, &text),
        Some(_) => conllup::parse(name, &text),
    }?;
    if rows.good.iter().all(|sentence| sentence.frames.is_empty()) {
        return Err(TasksError::NoPredicate {
            sentences: rows.good.len(),
            malformed: rows.malformed.first().cloned(),
            name: rows.name,
        });
    }
    Ok(rows)
}
