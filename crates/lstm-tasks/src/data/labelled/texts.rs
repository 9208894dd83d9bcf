//! Texts with a label: a table with a row for each.

use super::lines::Lines;
use super::{Labelled, LabelledColumns, Labels, Sequence, text};
use crate::TasksError;

pub(super) fn of_table(
    name: &str,
    table: &str,
    column: &String,
    columns: &LabelledColumns,
    labels: Labels,
) -> Result<Vec<Labelled>, TasksError> {
    let lines = Lines::new(name, table, columns, labels)?;
    let place = lines.place(column)?;
    let labelled = |line: Result<super::lines::Line<'_>, TasksError>| {
        let line = line?;
        Ok(Labelled {
            sequence: Sequence::Text(line.read(&place, text)?),
            label: lines.label(&line)?,
            line: line.number,
        })
    };
    lines.rows().map(labelled).collect()
}
