//! The result of every reader: the good rows, and what is wrong with the malformed ones.

use crate::TasksError;
use flate2::bufread::MultiGzDecoder;
use lstm_text::{ByteSize, Input, InputLimit, TextError, read_at_most, text_from_utf8};
use std::fmt;
use std::path::Path;

/// A row that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The line number, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

/// The good rows of a file and the malformed ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows<T> {
    /// The name of the file.
    pub name: String,
    /// The good rows; at least one.
    pub good: Vec<T>,
    /// The malformed rows in the order of their lines.
    pub malformed: Vec<Malformed>,
}

impl<T> Rows<T> {
    /// A warning about the malformed rows: how many there are, and the first `shown` of them. `None` if
    /// there are none.
    pub fn warning(&self, shown: usize) -> Option<String> {
        let rows = self.good.len() + self.malformed.len();
        let count = match self.malformed.len() {
            0 => return None,
            1 => format!("1 of {rows} rows is malformed and left out"),
            n => format!("{n} of {rows} rows are malformed and left out"),
        };
        let mut text = format!("{}: {count}", self.name);
        for row in self.malformed.iter().take(shown) {
            text += &format!("\n  {row}");
        }
        if self.malformed.len() > shown {
            text += &format!("\n  and {} more", self.malformed.len() - shown);
        }
        Some(text)
    }
}

/// The name of a file and its text; gzip is unpacked. No line is longer than the limit.
pub(super) fn read(path: &Path, limit: InputLimit) -> Result<(String, String), TasksError> {
    let mut input = Input::open(path)?;
    let name = input.name.clone();
    let bytes = if input.begins_with(&[0x1F, 0x8B])? {
        unpack(input, limit)?
    } else {
        input.read(limit)?
    };
    let mut text = text_from_utf8(name.clone(), bytes)?;
    // Some programs end lines with a carriage return alone.
    if !text.contains('\n') {
        text = text.replace('\r', "\n");
    }
    limit.check_rows(&name, &text)?;
    Ok((name, text))
}

fn unpack(input: Input, limit: InputLimit) -> Result<Vec<u8>, TasksError> {
    let Input { name, size, reader } = input;
    let most = limit.unpacked(size);
    match read_at_most(MultiGzDecoder::new(reader), most) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(TasksError::Text(TextError::TooLarge {
            name,
            comparison: "unpacks to more than",
            limit: ByteSize(most),
        })),
        Err(error) => Err(TasksError::Gzip {
            name,
            message: error.to_string(),
        }),
    }
}

/// Separates good rows from malformed ones; no good row is an error.
pub(super) fn sort<T>(
    name: String,
    kind: &'static str,
    expected: &str,
    rows: impl IntoIterator<Item = Result<T, Malformed>>,
) -> Result<Rows<T>, TasksError> {
    let (mut good, mut malformed) = (Vec::new(), Vec::new());
    for row in rows {
        match row {
            Ok(row) => good.push(row),
            Err(row) => malformed.push(row),
        }
    }
    match malformed.first() {
        _ if !good.is_empty() => Ok(Rows {
            name,
            good,
            malformed,
        }),
        None => Err(TasksError::NoRow { name, kind }),
        Some(first) => Err(TasksError::AllMalformed {
            name,
            kind,
            malformed: malformed.len(),
            first: first.clone(),
            expected: expected.to_owned(),
        }),
    }
}

/// Reads a file with one row on each line.
pub(super) fn read_lines<T>(
    path: &Path,
    limit: InputLimit,
    kind: &'static str,
    expected: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Rows<T>, TasksError> {
    let (name, text) = read(path, limit)?;
    of_lines(name, &text, kind, expected, parse)
}

/// The rows of the file called `name`, one on each line of its text.
pub(super) fn of_lines<T>(
    name: String,
    text: &str,
    kind: &'static str,
    expected: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Rows<T>, TasksError> {
    let rows = numbered(text).map(|(line, row)| parse(row).map_err(|why| Malformed { line, why }));
    sort(name, kind, expected, rows)
}

/// The lines that are not blank, with their numbers.
pub(super) fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = (1..).zip(text.lines());
    lines.filter(|(_, row)| !row.trim().is_empty())
}
