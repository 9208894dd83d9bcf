//! Which column of a table is which.

use super::number::number;
use super::time::Time;
use crate::TasksError;
use crate::error::quoted;
pub(in crate::data) use csv_core::Reader;
use csv_core::{ReaderBuilder, Terminator};
use lstm_text::counted;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The names of the columns that are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// The time of a row; without it, rows are one step apart.
    pub time: Option<String>,
    /// Which series a row belongs to; without it, there is one.
    pub id: Option<String>,
    /// The values to forecast.
    pub values: Vec<String>,
    /// Numbers that are known in advance, such as the day of the week.
    pub known: Vec<String>,
}

impl Columns {
    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &String> + Clone {
        let single = self.time.iter().chain(&self.id);
        single.chain(&self.values).chain(&self.known)
    }

    /// A name that is there twice, or is empty.
    #[must_use]
    pub fn wrong_name(&self) -> Option<&String> {
        let mut seen = BTreeSet::new();
        self.names()
            .find(|name| name.is_empty() || !seen.insert(*name))
    }
}

/// The places of the columns in a row.
#[derive(Debug)]
pub(super) struct Layout {
    csv: Reader,
    fields: usize,
    time: Option<Place>,
    id: Option<Place>,
    values: Vec<Place>,
    known: Vec<Place>,
}

/// The place of a column in a row.
#[derive(Clone, Debug)]
pub(in crate::data) struct Place {
    pub index: usize,
    pub name: String,
}

/// The first line of a table, which names its columns.
pub(in crate::data) struct Header {
    pub delimiter: u8,
    pub names: Vec<String>,
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The number of its line, counted from 1.
    pub line: usize,
    /// The content of the id column.
    pub id: String,
    /// The content of the time column.
    pub time: Option<Time>,
    /// The value of every column, if it is present.
    pub values: Vec<Option<f64>>,
    /// The number of every column that is known in advance.
    pub known: Vec<f64>,
}

const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

impl Header {
    /// The header with these columns. The delimiter is the one by which the line has all of them.
    pub fn new<'a>(line: &str, columns: &(impl Iterator<Item = &'a String> + Clone)) -> Self {
        let rows = DELIMITERS.map(|delimiter| (delimiter, fields(&mut reader(delimiter), line)));
        let has_all = |row: &[String]| {
            let mut names = columns.clone();
            names.all(|name| row.iter().any(|field| field.trim() == name))
        };
        let longest = rows.iter().max_by_key(|(_, row)| row.len());
        let found = rows.iter().find(|(_, row)| has_all(row)).or(longest);
        let (delimiter, names) = found.expect("there are delimiters").clone();
        Self { delimiter, names }
    }

    /// The place of a column in the table called `name`.
    pub fn place(&self, name: &str, column: &String) -> Result<Place, TasksError> {
        let row = &self.names;
        let mut places = (0..row.len()).filter(|&n| row[n].trim() == column);
        match (places.next(), places.next()) {
            (Some(index), None) => Ok(Place {
                index,
                name: column.clone(),
            }),
            (Some(_), Some(_)) => Err(TasksError::table(
                name,
                format!("two columns are called {column:?}; give them different names"),
            )),
            (None, _) => Err(TasksError::table(name, no_column(column, row))),
        }
    }
}

impl Layout {
    /// The layout of a table whose first line is `header`. The delimiter is the one by which the line
    /// has all the columns.
    ///
    /// # Errors
    /// [`TasksError::Table`] naming a column that is missing or that is there twice.
    pub fn of(name: &str, header: &str, columns: &Columns) -> Result<Self, TasksError> {
        if columns.values.is_empty() {
            return Err(TasksError::table(name, "no column to forecast is named"));
        }
        let header = Header::new(header, &columns.names());
        let place = |column: &String| header.place(name, column);
        let places = |columns: &[String]| columns.iter().map(place).collect::<Result<_, _>>();
        Ok(Self {
            csv: reader(header.delimiter),
            fields: header.names.len(),
            time: columns.time.as_ref().map(place).transpose()?,
            id: columns.id.as_ref().map(place).transpose()?,
            values: places(&columns.values)?,
            known: places(&columns.known)?,
        })
    }

    /// The row in one line of the table called `name`.
    ///
    /// # Errors
    /// [`TasksError::Cell`] or [`TasksError::Table`] naming the line and what is wrong.
    pub fn row(&mut self, name: &str, line: usize, text: &str) -> Result<Row, TasksError> {
        let record = fields(&mut self.csv, text);
        if record.len() != self.fields {
            return Err(self.other_length(name, line, record.len()));
        }
        let cell = |place: &Place, why: String| TasksError::Cell {
            name: name.to_owned(),
            line,
            column: place.name.clone(),
            why,
        };
        let read = |place: &Place| number(&record[place.index]).map_err(|why| cell(place, why));
        let known = |place: &Place| {
            let why = "a column that is known in advance has a number in every row";
            read(place)?.ok_or_else(|| cell(place, why.to_owned()))
        };
        let time =
            |place: &Place| Time::parse(&record[place.index]).map_err(|why| cell(place, why));
        Ok(Row {
            line,
            id: self
                .id
                .as_ref()
                .map_or_else(String::new, |place| record[place.index].clone()),
            time: self.time.as_ref().map(time).transpose()?,
            values: self.values.iter().map(read).collect::<Result<_, _>>()?,
            known: self.known.iter().map(known).collect::<Result<_, _>>()?,
        })
    }

    /// Whether a row has nothing but one field, so that a blank line may be one.
    pub(super) fn has_one_column(&self) -> bool {
        self.fields == 1
    }

    fn other_length(&self, name: &str, line: usize, found: usize) -> TasksError {
        let expected = self.fields;
        TasksError::table(
            name,
            format!(
                "line {line} has {}, expected {expected} as in the first line; a decimal comma or a \
                 separator of thousands makes too many",
                counted(found, "field")
            ),
        )
    }
}

/// A line has no other end within it: a stray carriage return belongs to a field.
pub(in crate::data) fn reader(delimiter: u8) -> Reader {
    let mut csv = ReaderBuilder::new();
    csv.terminator(Terminator::Any(b'\n')).delimiter(delimiter);
    csv.build()
}

/// The fields of one record.
pub(in crate::data) fn fields(csv: &mut Reader, line: &str) -> Vec<String> {
    csv.reset();
    // Fields are no longer than their line, and one more than it has bytes at most.
    let (mut text, mut ends) = (vec![0; line.len()], vec![0; line.len() + 1]);
    let (_, _, len, count) = csv.read_record(line.as_bytes(), &mut text, &mut ends);
    // No more input ends the record.
    let (_, _, _, last) = csv.read_record(&[], &mut text[len..], &mut ends[count..]);
    let starts = [0].into_iter().chain(ends.iter().copied());
    let places = starts.zip(&ends[..count + last]);
    let field = |(start, &end): (usize, &usize)| String::from_utf8_lossy(&text[start..end]).into();
    places.map(field).collect()
}

fn no_column(column: &str, row: &[String]) -> String {
    let shown = quoted(row.iter().map(|name| name.trim()), 20);
    format!("there is no column {column:?}; the first line has {shown}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_splits_one_line_after_the_other() {
        let mut csv = reader(b',');
        for (line, expected) in [
            ("day,sales", &["day", "sales"][..]),
            ("1,\"2,5\"", &["1", "2,5"]),
            ("\"a \"\"b\"\"\",", &["a \"b\"", ""]),
            (",,", &["", "", ""]),
            ("\"open,1", &["open,1"]),
            ("\u{FEFF}ä,5\r6", &["ä", "5\r6"]),
            ("7", &["7"]),
        ] {
            assert_eq!(fields(&mut csv, line), expected, "{line:?}");
        }
    }
}
