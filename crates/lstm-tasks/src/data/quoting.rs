//! The records of a table in CSV. A field in quotes may hold delimiters and line breaks.

use super::series::{Reader, fields, reader};
use crate::TasksError;

/// The records of a table, each with the number of its first line. Blank lines are skipped.
pub(super) struct Records<'a> {
    name: &'a str,
    delimiter: u8,
    csv: Reader,
    /// Whether a blank line before another record is a record, because there is only one column.
    keeps_blank: bool,
    rest: &'a str,
    /// The number of the line at which `rest` begins.
    line: usize,
}

impl<'a> Records<'a> {
    /// The records of `rest`, whose first line has the number `line` in the table called `name`.
    pub fn new(
        name: &'a str,
        delimiter: u8,
        keeps_blank: bool,
        rest: &'a str,
        line: usize,
    ) -> Self {
        let csv = reader(delimiter);
        Self {
            name,
            delimiter,
            csv,
            keeps_blank,
            rest,
            line,
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Result<(usize, Vec<String>), TasksError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.rest.trim().is_empty() {
                return None;
            }
            let line = self.line;
            let end = match end(self.rest, self.delimiter) {
                Ok(end) => end,
                Err(fault) => {
                    let why = fault.at(line, self.rest);
                    self.rest = "";
                    return Some(Err(TasksError::table(self.name, why)));
                }
            };
            let (record, rest) = self.rest.split_at(end);
            self.line += 1 + lines(record);
            self.rest = rest.strip_prefix('\n').unwrap_or(rest);
            if self.keeps_blank || !record.trim().is_empty() {
                let record = record.strip_suffix('\r').unwrap_or(record);
                return Some(Ok((line, fields(&mut self.csv, record))));
            }
        }
    }
}

/// The number of line breaks.
fn lines(text: &str) -> usize {
    text.matches('\n').count()
}

/// A fault of the quotes, and the bytes at which it is.
enum Fault {
    /// A quote is never closed.
    Open { from: usize },
    /// A closing quote is followed by more than a delimiter.
    After { from: usize, at: usize },
    /// A carriage return that ends no line.
    Return { at: usize },
}

impl Fault {
    fn at(&self, first: usize, text: &str) -> String {
        let line = |at: usize| first + lines(&text[..at]);
        match *self {
            Self::Open { from } => format!(
                "the quotation mark that opens a field in line {} is never closed; write a quotation mark \
                 inside a field twice, and put the field in quotation marks",
                line(from)
            ),
            Self::After { from, at } => format!(
                "line {}: more text follows the quotation mark that closes the field that begins in line {}; \
                 write a quotation mark inside a field twice, and put the field in quotation marks",
                line(at),
                line(from)
            ),
            Self::Return { at } => format!(
                "line {} has a carriage return that does not end it; end every line alike, or put the field \
                 in quotation marks",
                line(at)
            ),
        }
    }
}

/// Where the field is that is being read.
#[derive(Clone, Copy)]
enum Field {
    Begins,
    Plain,
    /// Inside quotes that opened at this byte.
    Quoted(usize),
    /// After the quote that closes those that opened at this byte, or before the second of two.
    Closed(usize),
}

/// The byte at which the first record ends.
fn end(text: &str, delimiter: u8) -> Result<usize, Fault> {
    let bytes = text.as_bytes();
    let mut field = Field::Begins;
    for (at, &byte) in bytes.iter().enumerate() {
        field = match (field, byte) {
            (Field::Quoted(from), b'"') => Field::Closed(from),
            (Field::Quoted(from), _) | (Field::Closed(from), b'"') => Field::Quoted(from),
            (_, b'\n') => return Ok(at),
            (_, b'\r') if bytes.get(at + 1).is_none_or(|&next| next == b'\n') => field,
            (_, b'\r') => return Err(Fault::Return { at }),
            (_, byte) if byte == delimiter => Field::Begins,
            (Field::Closed(from), _) => return Err(Fault::After { from, at }),
            (Field::Begins, b'"') => Field::Quoted(at),
            _ => Field::Plain,
        };
    }
    match field {
        Field::Quoted(from) => Err(Fault::Open { from }),
        _ => Ok(bytes.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str) -> Result<Vec<(usize, Vec<String>)>, String> {
        let records = Records::new("t", b',', false, text, 1);
        let records = records.map(|record| record.map_err(|error| error.to_string()));
        records.collect()
    }

    #[test]
    fn quoted_fields_hold_delimiters_quotes_and_line_breaks() {
        let found = records("a,b\r\n\r\n\"x, \"\"y\"\"\nz\",1\n5\" disk,\"\"\n").unwrap();
        let expected = [
            (1, vec!["a", "b"]),
            (3, vec!["x, \"y\"\nz", "1"]),
            (5, vec!["5\" disk", ""]),
        ];
        let found: Vec<(usize, Vec<&str>)> = found
            .iter()
            .map(|(line, fields)| (*line, fields.iter().map(String::as_str).collect()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn quotes_that_do_not_fit_are_named_with_their_lines() {
        for (text, part) in [
            (
                "a,b\n\"x,1\ny,2\n",
                "opens a field in line 2 is never closed",
            ),
            (
                "a\n\"x\" y\n",
                "line 2: more text follows the quotation mark",
            ),
            (
                "a\n\"x\ny\"z\n",
                "line 3: more text follows the quotation mark that closes the field that begins in line 2",
            ),
            ("a\nx\ry\n", "line 2 has a carriage return"),
        ] {
            let message = records(text).unwrap_err();
            assert!(message.contains(part), "{text:?}: {message}");
        }
    }
}
