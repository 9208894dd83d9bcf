//! CoNLL-U Plus with the columns of the Universal PropBanks.
//!
//! The first line names the columns: `# global.columns = ID FORM … UP:PRED UP:ARGHEADS UP:ARGSPANS`.
//! A predicate's row has its sense in UP:PRED and its arguments in UP:ARGSPANS,
//! `ARG0:1-2|ARG1:4-6`, with words counted from 1. The file does not list the predicate itself as an
//! argument; it is added here as V, unless a span (C-V in practice) covers it.

use super::{Argument, Frame, Malformed, Rows, Sentence, rows};
use crate::TasksError;
use std::path::Path;

/// The indices of the columns that are read, and the number of all columns.
struct Columns {
    count: usize,
    id: usize,
    form: usize,
    pred: usize,
    spans: usize,
}

/// Reads the sentences with their frames. Multiword tokens (`1-2`) and empty nodes (`1.1`) are not
/// words and are skipped. A malformed row makes its sentence malformed.
///
/// # Errors
/// If the file cannot be read as text, is empty, does not name its columns, lacks one of ID, FORM,
/// UP:PRED and UP:ARGSPANS, or has no good sentence.
pub fn read_conllup(path: &Path) -> Result<Rows<Sentence>, TasksError> {
    let (name, text) = rows::read(path)?;
    let columns = Columns::of(&text).map_err(|why| TasksError::Columns {
        name: name.clone(),
        why,
    })?;
    let mut sentences = Vec::new();
    let mut lines = Vec::new();
    for (line, number) in text.lines().zip(1..).chain([("", 0)]) {
        if !line.trim().is_empty() {
            lines.push((number, line));
        } else if lines.iter().any(|(_, line)| !line.starts_with('#')) {
            sentences.push(sentence(&columns, &std::mem::take(&mut lines)));
        } else {
            lines.clear();
        }
    }
    let expected = format!("{} columns separated by tabs", columns.count);
    rows::sort(name, "sentence with roles", &expected, sentences)
}

impl Columns {
    fn of(text: &str) -> Result<Self, String> {
        let names: Vec<&str> = text
            .lines()
            .next()
            .and_then(|line| {
                line.strip_prefix('#')?
                    .trim()
                    .strip_prefix("global.columns")
            })
            .and_then(|rest| rest.trim().strip_prefix('='))
            .ok_or("it does not name its columns")?
            .split_whitespace()
            .collect();
        let place = |name: &str| {
            let at = names.iter().position(|&n| n == name);
            at.ok_or_else(|| format!("it has no column {name}"))
        };
        Ok(Self {
            count: names.len(),
            id: place("ID")?,
            form: place("FORM")?,
            pred: place("UP:PRED")?,
            spans: place("UP:ARGSPANS")?,
        })
    }
}

fn sentence(columns: &Columns, lines: &[(usize, &str)]) -> Result<Sentence, Malformed> {
    let mut id = String::new();
    let mut words = Vec::new();
    let mut found = Vec::new();
    for &(number, line) in lines {
        let fail = |why: String| Malformed { line: number, why };
        if let Some(comment) = line.strip_prefix('#') {
            if let Some((key, value)) = comment.split_once('=')
                && key.trim() == "sent_id"
            {
                value.trim().clone_into(&mut id);
            }
            continue;
        }
        let cells: Vec<&str> = line.split('\t').collect();
        if cells.len() != columns.count {
            let (found, expected) = (cells.len(), columns.count);
            return Err(fail(format!("{found} columns, expected {expected}")));
        }
        if cells[columns.id].contains(['-', '.']) {
            continue;
        }
        if cells[columns.id].parse() != Ok(words.len() + 1) {
            let (id, expected) = (cells[columns.id], words.len() + 1);
            return Err(fail(format!("word number {id}, expected {expected}")));
        }
        words.push(cells[columns.form].to_owned());
        if cells[columns.pred] != "_" {
            found.push((
                number,
                words.len() - 1,
                cells[columns.pred],
                cells[columns.spans],
            ));
        }
    }
    let frames = found
        .into_iter()
        .map(|(line, predicate, roleset, spans)| {
            frame(predicate, roleset, spans)
                .and_then(|frame| frame.checked(words.len()))
                .map_err(|why| Malformed { line, why })
        })
        .collect::<Result<_, _>>()?;
    Ok(Sentence { id, words, frames })
}

fn frame(predicate: usize, roleset: &str, spans: &str) -> Result<Frame, String> {
    let mut arguments = Vec::new();
    for span in spans.split('|').filter(|&span| span != "_") {
        let mut argument: Argument = span.parse()?;
        if argument.first == 0 {
            return Err(format!("argument {span}; words are counted from 1"));
        }
        argument.first -= 1;
        argument.last -= 1;
        arguments.push(argument);
    }
    // A verb of several words may have its V elsewhere and C-V here.
    let covers = |a: &Argument| (a.first..=a.last).contains(&predicate);
    if !arguments.iter().any(|a| a.label == "V" || covers(a)) {
        arguments.push(Argument {
            label: "V".to_owned(),
            first: predicate,
            last: predicate,
        });
    }
    Ok(Frame {
        predicate,
        roleset: roleset.to_owned(),
        arguments,
    })
}
