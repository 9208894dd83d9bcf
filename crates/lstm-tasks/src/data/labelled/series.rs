//! Series with a label: a table with a row for each step. The rows of a series have the same id.

use super::lines::{Line, Lines};
use super::{Labelled, LabelledColumns, Labels, Sequence};
use crate::TasksError;
use crate::data::series::{Columns, Place, Time, number};
use lstm_text::counted;
use std::collections::HashMap;

/// A series and what is needed to check its next row.
struct Series {
    id: String,
    label: String,
    first: usize,
    rows: Vec<Vec<Option<f64>>>,
    /// The time of the last row and its line.
    last: Option<(Time, usize)>,
}

/// The places of the columns.
struct Places {
    id: Place,
    time: Option<Place>,
    values: Vec<Place>,
}

pub(super) fn of_table(
    name: &str,
    table: &str,
    series: &Columns,
    columns: &LabelledColumns,
    labels: Labels,
) -> Result<(Vec<Labelled>, Option<String>), TasksError> {
    let lines = Lines::new(name, table, columns, labels)?;
    let id = series.id.as_ref();
    let places = Places {
        id: lines
            .place(id.ok_or_else(|| TasksError::table(name, "a table has a row for each step; name the column that says which series a row belongs to with --id"))?)?,
        time: series
            .time
            .as_ref()
            .map(|time| lines.place(time))
            .transpose()?,
        values: series
            .values
            .iter()
            .map(|value| lines.place(value))
            .collect::<Result<_, _>>()?,
    };
    let mut all: Vec<Series> = Vec::new();
    let (mut numbers, mut missing) = (HashMap::<String, usize>::new(), Missing::default());
    for line in lines.rows() {
        let line = line?;
        let (id, label) = (line.read(&places.id, id_of)?, lines.label(&line)?);
        let n = *numbers.entry(id.clone()).or_insert(all.len());
        if n == all.len() {
            all.push(Series::new(id, label.clone(), line.number));
        }
        all[n].expect_label(&line, &columns.label, &label)?;
        if let Some(place) = &places.time {
            all[n].expect_later(&line, place)?;
        }
        let read = |place| line.read(place, number);
        let values: Vec<_> = places.values.iter().map(read).collect::<Result<_, _>>()?;
        missing.count(&values, line.number);
        all[n].rows.push(values);
    }
    let labelled = |series: Series| series.labelled(name);
    let all = all.into_iter().map(labelled).collect::<Result<_, _>>()?;
    Ok((all, missing.warning(name)))
}

/// The id of a series.
fn id_of(cell: &str) -> Result<String, String> {
    match cell {
        "" => {
            Err("the id is missing; write that of the series to which the row belongs".to_owned())
        }
        id => Ok(id.to_owned()),
    }
}

impl Series {
    fn new(id: String, label: String, first: usize) -> Self {
        Self {
            id,
            label,
            first,
            rows: Vec::new(),
            last: None,
        }
    }

    fn expect_label(&self, line: &Line<'_>, column: &str, label: &str) -> Result<(), TasksError> {
        if self.label == label {
            return Ok(());
        }
        let Self {
            id,
            label: before,
            first,
            ..
        } = self;
        let why = format!(
            "the series {id:?} has the label {label:?} here and {before:?} in line {first}; every row of a \
             series has the same label, so give another id to what is another series"
        );
        Err(line.error(column, why))
    }

    fn expect_later(&mut self, line: &Line<'_>, place: &Place) -> Result<(), TasksError> {
        let time = line.read(place, Time::parse)?;
        let before = self.last.replace((time, line.number));
        let Some((before, last)) = before else {
            return Ok(());
        };
        if before.is_like(&time) && before.position() < time.position() {
            return Ok(());
        }
        let why = format!(
            "{time} does not come after {before}, the time of the row before it of the same series, in line \
             {last}; sort the rows of every series by time"
        );
        Err(line.error(&place.name, why))
    }

    fn labelled(self, name: &str) -> Result<Labelled, TasksError> {
        if self.rows.iter().flatten().all(Option::is_none) {
            let (id, line) = (&self.id, self.first);
            let why = format!(
                "the series {id:?}, which begins in line {line}, has no value; leave it out"
            );
            return Err(TasksError::table(name, why));
        }
        Ok(Labelled {
            sequence: Sequence::Series {
                id: self.id,
                rows: self.rows,
            },
            label: self.label,
            line: self.first,
        })
    }
}

/// The values that are missing in a table.
#[derive(Default)]
pub(super) struct Missing {
    values: usize,
    all: usize,
    first: Option<usize>,
}

impl Missing {
    pub fn count(&mut self, values: &[Option<f64>], line: usize) {
        let missing = values.iter().filter(|value| value.is_none()).count();
        self.all += values.len();
        self.values += missing;
        if missing > 0 {
            self.first.get_or_insert(line);
        }
    }

    pub fn warning(&self, name: &str) -> Option<String> {
        let first = self.first?;
        let verb = if self.values == 1 { "is" } else { "are" };
        Some(format!(
            "{name}: {} of {} {verb} missing and masked, the first in line {first}",
            self.values,
            counted(self.all, "value")
        ))
    }
}
