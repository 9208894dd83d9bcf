//! Series of numbers from a table in CSV.

mod layout;
mod number;
mod place;
mod reader;
mod step;
mod time;

pub use layout::{Columns, Row};
pub(super) use layout::{Header, Place, Reader, fields, reader};
pub(super) use number::number;
pub use place::missing_rows;
pub use reader::RowReader;
pub use step::Step;
pub use time::{Form, Time};

use super::rows;
use crate::TasksError;
use layout::Layout;
use lstm_text::{InputLimit, counted};
use std::collections::BTreeMap;
use std::path::Path;

/// One series. Its rows are one step apart; where the table has no row, the values are missing.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The content of the id column; empty if there is none.
    pub id: String,
    /// The time of the first row, if there is a time column.
    pub start: Option<Time>,
    /// The values of every column, row by row; `None` where one is missing.
    pub values: Vec<Vec<Option<f64>>>,
    /// The numbers of every column that is known in advance, row by row.
    pub known: Vec<Vec<f64>>,
}

impl Series {
    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values[0].len()
    }

    /// Whether it has no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of first rows after which `horizon` rows can be forecast: the columns that are known in
    /// advance must reach as far.
    #[must_use]
    pub fn complete(&self, horizon: usize) -> usize {
        match self.known.as_slice() {
            [] => self.len(),
            _ => self.len().saturating_sub(horizon),
        }
    }

    /// Whether any value of a row is present.
    #[must_use]
    pub fn has_value(&self, row: usize) -> bool {
        self.values.iter().any(|column| column[row].is_some())
    }
}

/// The series of a table, in the order of their ids.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The name of the file.
    pub name: String,
    /// The time from one row to the next.
    pub step: Step,
    /// The series; at least one.
    pub series: Vec<Series>,
    /// What was missing, counted, with the lines.
    pub warnings: Vec<String>,
    /// The text of the table.
    pub text: String,
}

/// The rows of one series as the table has them.
#[derive(Default)]
struct Rows {
    lines: Vec<usize>,
    times: Vec<Time>,
    values: Vec<Vec<Option<f64>>>,
    known: Vec<Vec<f64>>,
}

/// Reads a table. Its first row names the columns; they are separated by commas, semicolons or tabs.
///
/// `step` is the step that the table must have, if that is known; else it is the most common one.
///
/// # Errors
/// If the file cannot be read as text or is larger than the limit; if a column does not exist; if a cell
/// is not what its column needs; if times are not in order, come twice, or are no whole number of steps
/// apart. The message names the line and the column.
pub fn read_series(
    path: &Path,
    columns: &Columns,
    step: Option<Step>,
    limit: InputLimit,
) -> Result<Table, TasksError> {
    let (name, text) = rows::read(path, limit)?;
    let (mut by_id, mut reader) = (
        BTreeMap::<String, Rows>::new(),
        RowReader::new(&name, columns),
    );
    for line in text.lines() {
        if let Some(row) = reader.read(line)? {
            let rows = by_id.entry(row.id).or_default();
            rows.lines.push(row.line);
            rows.times.extend(row.time);
            rows.values.push(row.values);
            rows.known.push(row.known);
        }
    }
    let missing = reader.finish()?;
    let placed = place::place(&name, by_id, step, columns)?;
    Ok(Table {
        warnings: missing.into_iter().chain(placed.warning).collect(),
        step: placed.step,
        series: placed.series,
        name,
        text,
    })
}

/// `3 values`, `1 value`.
fn values(count: usize) -> String {
    counted(count, "value")
}
