//! `lstm forecast run --follow`: a forecast after every row of standard input.

use super::run::{origin, reader};
use super::table::{Origin, header, lines};
use crate::error::{CliError, note};
use crate::terminal::for_output;
use lstm_fast::Fast;
use lstm_tasks::data::series::{Layout, Row, Series, Time};
use lstm_tasks::forecast::{ForecastModel, SeriesReader};
use lstm_text::InputLimit;
use std::collections::HashMap;
use std::io::{Write, stdin, stdout};

const NAME: &str = "standard input";

/// A series that is read, and where it is.
struct Followed<'a> {
    reader: SeriesReader<'a, Fast>,
    rows: usize,
    time: Option<Time>,
}

/// Reads `history`, then the rows of standard input, and writes a forecast after each of these.
pub fn follow(
    model: &ForecastModel<Fast>,
    history: &[Series],
    limit: InputLimit,
) -> Result<(), CliError> {
    if let Some(column) = model.description.columns.known.first() {
        let column = column.clone();
        return Err(CliError::FollowKnown { column });
    }
    let mut followed = HashMap::new();
    for series in history {
        let mut reader = reader(model, &series.id)?;
        (0..series.len()).for_each(|row| reader.read_row(series, row));
        let (rows, time) = (series.len(), origin(model, series, series.len() - 1).time);
        followed.insert(series.id.clone(), Followed { reader, rows, time });
    }
    write!(stdout(), "{}", for_output(&header(&model.description)))?;
    let (mut input, mut layout, mut number) = (stdin().lock(), None, 0);
    loop {
        number += 1;
        let Some(line) = limit.next_line(NAME, number, &mut input)? else {
            return Ok(());
        };
        let line = String::from_utf8(line).map_err(|_| CliError::NotUtf8 { line: number })?;
        let line = line.trim_start_matches('\u{FEFF}');
        if line.trim().is_empty() {
            continue;
        }
        let Some(layout) = &layout else {
            layout = Some(Layout::of(NAME, line, &model.description.columns)?);
            continue;
        };
        let row = layout.row(NAME, number, line)?;
        let text = read_row(model, &mut followed, &row, number)?;
        let mut out = stdout();
        write!(out, "{}", for_output(&text))?;
        out.flush()?;
    }
}

/// Reads a row of standard input: the lines of the forecast after it.
fn read_row<'a>(
    model: &'a ForecastModel<Fast>,
    followed: &mut HashMap<String, Followed<'a>>,
    row: &Row,
    line: usize,
) -> Result<String, CliError> {
    if !followed.contains_key(&row.id) {
        let reader = reader(model, &row.id)?;
        followed.insert(
            row.id.clone(),
            Followed {
                reader,
                rows: 0,
                time: None,
            },
        );
    }
    let series = followed.get_mut(&row.id).expect("it was inserted");
    let missing = match (series.time, row.time) {
        (Some(before), Some(after)) => {
            let steps = model.description.step.between(before, after);
            let steps = steps.ok_or_else(|| CliError::FollowStep {
                line,
                after: after.to_string(),
                before: before.to_string(),
                step: model.description.step.to_string(),
            })?;
            steps - 1
        }
        _ => 0,
    };
    if missing > 0 {
        if missing as usize > 10 * series.rows {
            return Err(CliError::FollowGap { line, missing });
        }
        note!(
            "warning: {missing} rows are missing before line {line} of {NAME}; their values are masked"
        );
    }
    for _ in 0..missing {
        series.reader.read(&vec![None; row.values.len()], &[]);
        series.rows += 1;
    }
    series.reader.read(&row.values, &[]);
    series.time = row.time;
    let origin = Origin {
        id: &row.id,
        row: series.rows,
        time: row.time,
    };
    series.rows += 1;
    Ok(lines(
        &model.description,
        origin,
        &series.reader.forecast()?,
    ))
}
