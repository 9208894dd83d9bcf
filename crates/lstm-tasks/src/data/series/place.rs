//! Rows in the order of time, one step apart.

use super::{Columns, Rows, Series, Step, Time, values};
use crate::TasksError;
use lstm_text::counted;
use std::mem::take;

/// Series, and what had to be put between their rows.
pub(super) struct Placed {
    pub step: Step,
    pub series: Vec<Series>,
    pub warning: Option<String>,
}

/// The gaps of a table.
#[derive(Default)]
struct Gaps {
    gaps: usize,
    rows: usize,
    first: Option<usize>,
}

/// Puts the rows of every id one step apart, with missing values where the table has no row.
pub(super) fn place(
    name: &str,
    ids: &mut [String],
    rows: &mut [Rows],
    step: Option<Step>,
    columns: &Columns,
) -> Result<Placed, TasksError> {
    if columns.time.is_none() {
        let series = ids.iter_mut().zip(rows);
        let series = series
            .map(|(id, rows)| to_series(take(id), take(rows), &[]))
            .collect();
        return Ok(Placed {
            step: Step::Rows,
            series,
            warning: None,
        });
    }
    for rows in rows.iter() {
        expect_order(name, rows)?;
    }
    let times: Vec<Vec<Time>> = rows.iter().map(|rows| rows.times.clone()).collect();
    // A single row has no step; any will do.
    let found = Step::most_common(&times).unwrap_or(Step::Number(1.0));
    let step = match step {
        Some(expected)
            if times.iter().any(|times| times.len() > 1) && !is_like(expected, found) =>
        {
            let why = format!(
                "its rows are {found} apart, and the model was trained on steps of {expected}"
            );
            return Err(TasksError::table(name, why));
        }
        Some(expected) => expected,
        None => found,
    };
    let (mut gaps, mut series) = (Gaps::default(), Vec::new());
    for (id, rows) in ids.iter_mut().zip(rows) {
        let skipped = gaps.of(name, rows, step, columns)?;
        series.push(to_series(take(id), take(rows), &skipped));
    }
    Ok(Placed {
        step,
        series,
        warning: gaps.warning(name),
    })
}

/// Whether two steps are the same but for the rounding of numbers.
fn is_like(a: Step, b: Step) -> bool {
    match (a, b) {
        (Step::Number(a), Step::Number(b)) => (a - b).abs() <= 0.01 * a.abs(),
        // Two months tell nothing of the last day.
        (Step::Months { months: a, .. }, Step::Months { months: b, .. }) => a == b,
        _ => a == b,
    }
}

fn expect_order(name: &str, rows: &Rows) -> Result<(), TasksError> {
    for n in 1..rows.times.len() {
        let (before, after) = (rows.times[n - 1], rows.times[n]);
        let (line, last) = (rows.lines[n], rows.lines[n - 1]);
        if !before.is_like(&after) {
            let why = format!(
                "line {line} has the time {after}, which is written otherwise than {before} in line {last}"
            );
            return Err(TasksError::table(name, why));
        }
        if after.position() > before.position() {
            continue;
        }
        let why = if after.position() == before.position() {
            format!(
                "line {line} has the time of line {last}, {after}; if clocks were set back there, write the \
                 times with their offsets or in UTC, and if the lines are of different series, name the \
                 column that tells them apart with --id"
            )
        } else {
            format!(
                "line {line} ({after}) is earlier than line {last} ({before}); sort the rows by time"
            )
        };
        return Err(TasksError::table(name, why));
    }
    Ok(())
}

impl Gaps {
    /// The number of rows that are missing before each row.
    fn of(
        &mut self,
        name: &str,
        rows: &Rows,
        step: Step,
        columns: &Columns,
    ) -> Result<Vec<usize>, TasksError> {
        let (mut skipped, mut all) = (vec![0], 0);
        for n in 1..rows.times.len() {
            let (line, last) = (rows.lines[n], rows.lines[n - 1]);
            let (before, after) = (rows.times[n - 1], rows.times[n]);
            let steps = step.between(before, after).ok_or_else(|| {
                let why = format!(
                    "line {line} ({after}) is not a whole number of steps of {step} after line {last} \
                     ({before}); leave --time out to count rows instead"
                );
                TasksError::table(name, why)
            })?;
            let missing = steps as usize - 1;
            if missing > 0 && !columns.known.is_empty() {
                let why = format!(
                    "{} missing before line {line} ({after}), and the columns that are known in advance \
                     need a number there: add the rows, with empty values",
                    are(missing, "row")
                );
                return Err(TasksError::table(name, why));
            }
            all += missing;
            if all > 10 * rows.times.len() {
                let why = format!(
                    "before line {line} ({after}) more than ten times as many rows are missing as there \
                     are; leave --time out to count rows instead"
                );
                return Err(TasksError::table(name, why));
            }
            if missing > 0 {
                self.gaps += 1;
                self.first.get_or_insert(line);
            }
            skipped.push(missing);
        }
        self.rows += all;
        Ok(skipped)
    }

    fn warning(&self, name: &str) -> Option<String> {
        let line = self.first?;
        let gaps = counted(self.gaps, "gap");
        let rows = are(self.rows, "row");
        Some(format!(
            "{name}: {rows} missing in {gaps}, the first before line {line}; their values are masked"
        ))
    }
}

fn to_series(id: String, rows: Rows, skipped: &[usize]) -> Series {
    let columns = rows.values.first().map_or(0, Vec::len);
    let known = rows.known.first().map_or(0, Vec::len);
    let mut series = Series {
        id,
        start: rows.times.first().copied(),
        values: vec![Vec::new(); columns],
        known: vec![Vec::new(); known],
    };
    for (n, (values, known)) in rows.values.into_iter().zip(rows.known).enumerate() {
        let missing = skipped.get(n).copied().unwrap_or(0);
        for (column, value) in series.values.iter_mut().zip(values) {
            column.extend(std::iter::repeat_n(None, missing));
            column.push(value);
        }
        for (column, number) in series.known.iter_mut().zip(known) {
            column.push(number);
        }
    }
    series
}

/// A warning for every column with missing values.
pub(super) fn missing(name: &str, rows: &[Rows], columns: &Columns) -> Vec<String> {
    let warning = |(c, column): (usize, &String)| {
        let cells = || {
            rows.iter()
                .flat_map(|rows| rows.lines.iter().zip(&rows.values))
        };
        let missing = || {
            cells()
                .filter(|(_, values)| values[c].is_none())
                .map(|(line, _)| *line)
        };
        let (count, first) = (missing().count(), missing().min()?);
        let all = values(cells().count());
        Some(format!(
            "{name}: {count} of {all} of {column:?} {} missing and masked, the first in line {first}",
            if count == 1 { "is" } else { "are" }
        ))
    };
    columns
        .values
        .iter()
        .enumerate()
        .filter_map(warning)
        .collect()
}

/// `1 row is`, `3 rows are`.
fn are(count: usize, noun: &str) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    format!("{} {verb}", counted(count, noun))
}
