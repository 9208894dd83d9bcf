//! CoNLL-U Plus with the columns of the Universal PropBanks.
//!
//! The first line names the columns: `# global.columns = ID FORM … UP:PRED UP:ARGHEADS UP:ARGSPANS`.
//! A predicate's row has its sense in UP:PRED and its arguments in UP:ARGSPANS,
//! `ARG0:1-2|ARG1:4-6`, with words counted from 1; `_` stands for nothing. The file does not list the
//! predicate itself as an argument; it is added here as V, unless a span (C-V in practice) covers it.

mod columns;
mod id;

use super::{Argument, Frame, Malformed, Rows, Sentence, rows};
use crate::TasksError;
use columns::Columns;
use id::Id;
use lstm_text::{InputLimit, counted};
use std::path::Path;

/// Reads the sentences with their frames. Multiword tokens (`1-2`) and empty nodes (`1.1`) are not
/// words and are skipped. Comments stand before the first word of a sentence; after it, a line that
/// begins with `#` is a word, if FORM is the first column. A malformed row makes its sentence
/// malformed.
///
/// # Errors
/// If the file cannot be read as text, is larger than the limit, is empty, does not name its columns in line 1, lacks one of ID,
/// FORM, UP:PRED and UP:ARGSPANS, or has no good sentence.
pub fn read_conllup(path: &Path, limit: InputLimit) -> Result<Rows<Sentence>, TasksError> {
    let (name, text) = rows::read(path, limit)?;
    parse(name, &text)
}

/// As [`read_conllup`], from the text of the file called `name`.
pub(super) fn parse(name: String, text: &str) -> Result<Rows<Sentence>, TasksError> {
    let columns = Columns::of(text).map_err(|why| TasksError::Columns {
        name: name.clone(),
        why,
    })?;
    let mut sentences = Vec::new();
    let mut lines = Vec::new();
    for (line, number) in text.lines().zip(1..).chain([("", 0)]) {
        if !line.trim().is_empty() {
            lines.push((number, line));
        } else if lines.iter().any(|(_, line)| !columns.is_comment(line)) {
            sentences.push(sentence(&columns, &std::mem::take(&mut lines)));
        } else {
            lines.clear();
        }
    }
    let expected = format!("{} separated by tabs", counted(columns.count, "column"));
    rows::sort(name, "sentence with roles", &expected, sentences)
}

fn sentence(columns: &Columns, lines: &[(usize, &str)]) -> Result<Sentence, Malformed> {
    let comments = lines
        .iter()
        .take_while(|(_, line)| columns.is_comment(line))
        .count();
    let (comments, rows) = lines.split_at(comments);
    let mut table = Table::default();
    for &(line, row) in rows {
        table
            .add(columns, line, row)
            .map_err(|why| Malformed { line, why })?;
    }
    let words = table.words.len();
    if let Some(&(line, last)) = table.ranges.iter().find(|&&(_, last)| last > words) {
        let why = format!("a token up to word {last} of a sentence of {words} words");
        return Err(Malformed { line, why });
    }
    let frames = table.predicates.into_iter().map(|predicate| {
        let line = predicate.line;
        frame(&predicate, words).map_err(|why| Malformed { line, why })
    });
    let mut ids = comments.iter().filter_map(|(_, comment)| {
        let (key, value) = comment.strip_prefix('#')?.split_once('=')?;
        (key.trim() == "sent_id").then(|| value.trim().to_owned())
    });
    Ok(Sentence {
        id: ids.next_back().unwrap_or_default(),
        frames: frames.collect::<Result<_, _>>()?,
        words: table.words,
    })
}

/// A row with a predicate.
struct Predicate<'a> {
    line: usize,
    /// The index of its word, counted from 0.
    word: usize,
    roleset: &'a str,
    spans: &'a str,
}

/// The rows of a sentence, read so far.
#[derive(Default)]
struct Table<'a> {
    words: Vec<String>,
    predicates: Vec<Predicate<'a>>,
    /// The line and the last word of every multiword token.
    ranges: Vec<(usize, usize)>,
}

impl<'a> Table<'a> {
    fn add(&mut self, columns: &Columns, line: usize, row: &'a str) -> Result<(), String> {
        let cells = columns.cells(row)?;
        let [id, form, roleset, spans] =
            [columns.id, columns.form, columns.pred, columns.spans].map(|place| cells[place]);
        let next = self.words.len() + 1;
        match id.parse()? {
            Id::Word(n) if n == next => (),
            Id::Word(1) => {
                return Err(format!(
                    "word number 1, expected {next}: a blank line is missing before a new sentence"
                ));
            }
            Id::Word(n) => return Err(format!("word number {n}, expected {next}")),
            Id::Range(first, last) if first == next && last >= first => {
                self.ranges.push((line, last));
                return expect_no_roles(id, roleset, spans);
            }
            Id::Empty(n) if n + 1 == next => return expect_no_roles(id, roleset, spans),
            Id::Range(..) | Id::Empty(_) => {
                return Err(format!("{id} is out of order: the next word is {next}"));
            }
        }
        if form.is_empty() {
            return Err("the word is empty".to_owned());
        }
        match (roleset, spans) {
            ("" | "*", _) => {
                return Err(format!("UP:PRED is {roleset:?}, expected a sense or _"));
            }
            ("_", "_") => (),
            ("_", spans) => {
                return Err(format!(
                    "the arguments {spans} have no predicate: UP:PRED is _, expected a sense"
                ));
            }
            (roleset, spans) => self.predicates.push(Predicate {
                line,
                word: next - 1,
                roleset,
                spans,
            }),
        }
        self.words.push(form.to_owned());
        Ok(())
    }
}

/// Multiword tokens and empty nodes are skipped, so they cannot have roles.
fn expect_no_roles(id: &str, roleset: &str, spans: &str) -> Result<(), String> {
    if [roleset, spans]
        .iter()
        .all(|cell| matches!(*cell, "_" | ""))
    {
        return Ok(());
    }
    Err(format!(
        "{id} is not a word and cannot have roles; give them to the row of a word"
    ))
}

fn frame(predicate: &Predicate<'_>, words: usize) -> Result<Frame, String> {
    let &Predicate { word, spans, .. } = predicate;
    if spans.contains(['(', '*']) {
        return Err(format!(
            "the arguments {spans} are in brackets as in CoNLL-2005, expected LABEL:first-last|…"
        ));
    }
    let mut arguments = Vec::new();
    let spans = Some(spans).filter(|&spans| spans != "_");
    for span in spans.into_iter().flat_map(|spans| spans.split('|')) {
        let mut argument: Argument = span.parse()?;
        if argument.first == 0 {
            return Err(format!("argument {span}; words are counted from 1"));
        }
        argument.first -= 1;
        argument.last -= 1;
        arguments.push(argument);
    }
    // A verb of several words may have its V elsewhere and C-V here.
    let covers = |a: &Argument| (a.first..=a.last).contains(&word);
    if !arguments.iter().any(|a| a.label == "V" || covers(a)) {
        arguments.push(Argument {
            label: "V".to_owned(),
            first: word,
            last: word,
        });
    }
    let frame = Frame {
        predicate: word,
        roleset: predicate.roleset.to_owned(),
        arguments,
    };
    frame.checked(words, 1)
}
