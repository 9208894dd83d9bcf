//! The rows of a table, with the places of its columns.

use super::{LabelledColumns, Labels};
use crate::TasksError;
use crate::data::quoting::Records;
use crate::data::series::{Header, Place};
use lstm_text::counted;

/// A table whose header has been read.
pub(super) struct Lines<'a> {
    name: &'a str,
    header: Header,
    /// The place of the label, if it is read.
    label: Option<Place>,
    rest: &'a str,
    first: usize,
}

/// A row of a table.
pub(super) struct Line<'a> {
    pub number: usize,
    table: &'a str,
    record: Vec<String>,
}

impl<'a> Lines<'a> {
    /// Reads the header.
    pub fn new(
        name: &'a str,
        text: &'a str,
        columns: &LabelledColumns,
        labels: Labels,
    ) -> Result<Self, TasksError> {
        let blank = text.lines().take_while(|line| line.trim().is_empty());
        let first = 1 + blank.count();
        let header = text.lines().nth(first - 1).unwrap_or_default();
        let rest = text.splitn(first + 1, '\n').nth(first).unwrap_or_default();
        let wanted = columns.names().into_iter().skip(match labels {
            Labels::Needed => 0,
            Labels::Ignored => 1,
        });
        let header = Header::new(header, &wanted);
        let label = match labels {
            Labels::Needed => Some(header.place(name, &columns.label)?),
            Labels::Ignored => None,
        };
        Ok(Self {
            name,
            header,
            label,
            rest,
            first: first + 1,
        })
    }

    /// The place of a column.
    pub fn place(&self, column: &String) -> Result<Place, TasksError> {
        self.header.place(self.name, column)
    }

    /// The rows, each with as many fields as the header.
    pub fn rows(&self) -> impl Iterator<Item = Result<Line<'a>, TasksError>> + '_ {
        let expected = self.header.names.len();
        let keeps_blank = expected == 1;
        let delimiter = self.header.delimiter;
        let records = Records::new(self.name, delimiter, keeps_blank, self.rest, self.first);
        records.map(move |record| {
            let (number, record) = record?;
            // A blank line of the only column has no field.
            if record.len() == expected || record.is_empty() {
                let table = self.name;
                return Ok(Line {
                    number,
                    table,
                    record,
                });
            }
            let why = format!(
                "line {number} has {}, expected {expected} as in the first line; a field that holds the \
                 delimiter is put in quotation marks",
                counted(record.len(), "field")
            );
            Err(TasksError::table(self.name, why))
        })
    }

    /// The label of a row; empty if labels are not read.
    pub fn label(&self, line: &Line<'_>) -> Result<String, TasksError> {
        let label = |place| line.read(place, super::label);
        self.label.as_ref().map_or(Ok(String::new()), label)
    }
}

impl Line<'_> {
    /// A cell, read by `read`, which says what is wrong with it.
    pub fn read<T>(
        &self,
        place: &Place,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, TasksError> {
        let cell = self.record.get(place.index).map_or("", String::as_str);
        read(cell).map_err(|why| self.error(&place.name, why))
    }

    /// An error in the column `column` of this row.
    pub fn error(&self, column: &str, why: String) -> TasksError {
        TasksError::Cell {
            name: self.table.to_owned(),
            line: self.number,
            column: column.to_owned(),
            why,
        }
    }
}
