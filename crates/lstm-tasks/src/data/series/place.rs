//! Rows in the order of time, one step apart.

use super::{Columns, Rows, Series, Step, Time};
use crate::TasksError;
use lstm_text::counted;
use std::collections::BTreeMap;

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
    by_id: BTreeMap<String, Rows>,
    step: Option<Step>,
    columns: &Columns,
) -> Result<Placed, TasksError> {
    if columns.time.is_none() {
        let series = by_id.into_iter().map(|(id, rows)| to_series(id, rows, &[]));
        return Ok(Placed {
            step: Step::Rows,
            series: series.collect(),
            warning: None,
        });
    }
    for rows in by_id.values() {
        let lines = || {
            rows.lines
                .iter()
                .copied()
                .map(Some)
                .zip(rows.times.iter().copied())
        };
        for (before, after) in lines().zip(lines().skip(1)) {
            expect_later(name, before, after)?;
        }
    }
    let times: Vec<Vec<Time>> = by_id.values().map(|rows| rows.times.clone()).collect();
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
    for (id, rows) in by_id {
        let skipped = gaps.of(name, &rows, step, columns)?;
        series.push(to_series(id, rows, &skipped));
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

/// The number of the line of a row, if it is known, and its time.
pub type Stamp = (Option<usize>, Time);

fn place_of(line: Option<usize>) -> String {
    line.map_or_else(
        || "the row before it".to_owned(),
        |line| format!("line {line}"),
    )
}

fn expect_later(name: &str, (last, before): Stamp, (line, after): Stamp) -> Result<(), TasksError> {
    let (line, last) = (|| place_of(line), || place_of(last));
    let why = if !before.is_like(&after) {
        format!(
            "{} has the time {after}, which is written otherwise than {before} in {}",
            line(),
            last()
        )
    } else if after.position() == before.position() {
        format!(
            "{} has the time of {}, {after}; if clocks were set back there, write the times with their \
             offsets or in UTC, and if the lines are of different series, train with --id and the column \
             that tells them apart",
            line(),
            last()
        )
    } else if after.position() < before.position() {
        format!(
            "{} ({after}) is earlier than {} ({before}); sort the rows by time",
            line(),
            last()
        )
    } else {
        return Ok(());
    };
    Err(TasksError::table(name, why))
}

/// The number of rows that are missing between two rows of a series, `most` at most; of each row, the
/// number of its line, if that is known, and its time.
///
/// # Errors
/// [`TasksError::Table`] if the second row is not a whole number of steps later, or more are missing.
pub fn missing_rows(
    name: &str,
    step: Step,
    before: Stamp,
    after: Stamp,
    most: usize,
) -> Result<usize, TasksError> {
    expect_later(name, before, after)?;
    let row = |(line, time): Stamp| format!("{} ({time})", place_of(line));
    let instead = "train without --time to count rows instead";
    let why = match step.between(before.1, after.1) {
        Some(steps) if steps as usize - 1 <= most => return Ok(steps as usize - 1),
        Some(_) => format!(
            "before {} more than ten times as many rows are missing as there are; {instead}",
            row(after)
        ),
        None => format!(
            "{} is not a whole number of steps of {step} after {}; {instead}",
            row(after),
            row(before)
        ),
    };
    Err(TasksError::table(name, why))
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
        let most = 10 * rows.times.len();
        let stamp = |n: usize| (Some(rows.lines[n]), rows.times[n]);
        for n in 1..rows.times.len() {
            let missing = missing_rows(name, step, stamp(n - 1), stamp(n), most - all)?;
            let (line, after) = (rows.lines[n], rows.times[n]);
            if missing > 0 && !columns.known.is_empty() {
                let why = format!(
                    "{} missing before line {line} ({after}), and the columns that are known in advance \
                     need a number there: add the rows, with empty values",
                    are(missing, "row")
                );
                return Err(TasksError::table(name, why));
            }
            all += missing;
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

/// `1 row is`, `3 rows are`.
fn are(count: usize, noun: &str) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    format!("{} {verb}", counted(count, noun))
}
