//! The rows of a table, line by line: the same for a file and for lines as they arrive.

use super::{Columns, Layout, Row, values};
use crate::TasksError;

/// Reads the lines of a table. The first one names the columns; they are separated by commas, semicolons
/// or tabs. A row is one line.
pub struct RowReader<'a> {
    name: &'a str,
    columns: &'a Columns,
    layout: Option<Layout>,
    /// The number of the last line, and of the last one that was not blank.
    line: usize,
    last: usize,
    rows: usize,
    missing: Vec<Missing>,
}

/// The missing values of a column.
#[derive(Clone, Default)]
struct Missing {
    count: usize,
    first: usize,
}

impl<'a> RowReader<'a> {
    /// A reader of the table called `name`.
    #[must_use]
    pub fn new(name: &'a str, columns: &'a Columns) -> Self {
        Self {
            name,
            columns,
            layout: None,
            line: 0,
            last: 0,
            rows: 0,
            missing: vec![Missing::default(); columns.values.len()],
        }
    }

    /// The row in the next line; `None` if the line is blank or names the columns.
    ///
    /// # Errors
    /// [`TasksError::Cell`] or [`TasksError::Table`] naming the line and what is wrong.
    pub fn read(&mut self, text: &str) -> Result<Option<Row>, TasksError> {
        self.line += 1;
        if text.trim().is_empty() {
            return Ok(None);
        }
        let before = std::mem::replace(&mut self.last, self.line);
        let Some(layout) = &mut self.layout else {
            self.layout = Some(Layout::of(self.name, text, self.columns)?);
            return Ok(None);
        };
        if layout.has_one_column() && self.line > before + 1 {
            return Err(blank_line(self.name, before + 1));
        }
        let row = layout.row(self.name, self.line, text)?;
        self.rows += 1;
        for (missing, value) in self.missing.iter_mut().zip(&row.values) {
            if value.is_none() {
                if missing.count == 0 {
                    missing.first = self.line;
                }
                missing.count += 1;
            }
        }
        Ok(Some(row))
    }

    /// A warning for every column with missing values, after the last line.
    ///
    /// # Errors
    /// [`TasksError::NoRow`] if there was no row.
    pub fn finish(self) -> Result<Vec<String>, TasksError> {
        if self.rows == 0 {
            return Err(TasksError::NoRow {
                name: self.name.to_owned(),
                kind: "row of numbers",
            });
        }
        let (name, all) = (self.name, values(self.rows));
        let columns = self.missing.iter().zip(&self.columns.values);
        let warnings = columns.filter(|(missing, _)| missing.count > 0);
        let warning = |(Missing { count, first }, column): (&Missing, &String)| {
            let are = if *count == 1 { "is" } else { "are" };
            format!(
                "{name}: {count} of {all} of {column:?} {are} missing and masked, the first in line {first}"
            )
        };
        Ok(warnings.map(warning).collect())
    }
}

/// A blank line of a table with a single column may be a missing value.
fn blank_line(name: &str, line: usize) -> TasksError {
    let why = format!(
        "line {line} is empty, which may be a missing value; write NA there, or remove the line"
    );
    TasksError::table(name, why)
}
