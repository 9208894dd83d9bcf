//! `lstm forecast run --follow`: a forecast after every row of standard input.

use super::of_run::warn;
use super::run::{origin, reader};
use super::table::{Origin, header, lines};
use crate::error::{CliError, note};
use crate::terminal::for_output;
use crate::text::input_lines;
use lstm_fast::Fast;
use lstm_tasks::data::series::{Row, RowReader, Series, Time, missing_rows};
use lstm_tasks::forecast::{ForecastModel, SeriesReader};
use lstm_text::InputLimit;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{Write, stdout};

const NAME: &str = "standard input";

/// A series that is read, and where it is.
struct Followed<'a> {
    reader: SeriesReader<'a, Fast>,
    rows: usize,
    /// The last row: the number of its line in standard input, if it is there, and its time.
    last: Option<(Option<usize>, Time)>,
}

/// Reads `history`, then the rows of standard input, and writes a forecast after each of these.
pub fn follow(
    model: &ForecastModel<Fast>,
    history: &[Series],
    limit: InputLimit,
) -> Result<(), CliError> {
    let columns = &model.description.columns;
    if let Some(column) = columns.known.first() {
        let column = column.clone();
        return Err(CliError::FollowKnown { column });
    }
    let mut followed = HashMap::new();
    for series in history {
        let mut reader = reader(model, &series.id)?;
        (0..series.len()).for_each(|row| reader.read_row(series, row));
        let (rows, time) = (series.len(), origin(model, series, series.len() - 1).time);
        let last = time.map(|time| (None, time));
        followed.insert(series.id.clone(), Followed { reader, rows, last });
    }
    write!(stdout(), "{}", for_output(&header(&model.description)))?;
    let mut rows = RowReader::new(NAME, columns);
    for (number, line) in (1..).zip(input_lines(limit)) {
        let line = line?;
        if line.contains('\0') {
            return Err(CliError::NotUtf8 { line: number });
        }
        let line = line
            .strip_prefix('\u{FEFF}')
            .filter(|_| number == 1)
            .unwrap_or(&line);
        if let Some(row) = rows.read(line)? {
            let text = read_row(model, &mut followed, &row)?;
            let mut out = stdout();
            write!(out, "{}", for_output(&text))?;
            out.flush()?;
        }
    }
    warn(&rows.finish()?);
    Ok(())
}

/// Reads a row of standard input: the lines of the forecast after it.
fn read_row<'a>(
    model: &'a ForecastModel<Fast>,
    followed: &mut HashMap<String, Followed<'a>>,
    row: &Row,
) -> Result<String, CliError> {
    let series = match followed.entry(row.id.clone()) {
        Entry::Occupied(entry) => entry.into_mut(),
        Entry::Vacant(entry) => entry.insert(Followed {
            reader: reader(model, &row.id)?,
            rows: 0,
            last: None,
        }),
    };
    let here = row.time.map(|time| (Some(row.line), time));
    if let (Some(before), Some(after)) = (series.last, here) {
        let (step, most) = (model.description.step, 10 * series.rows);
        let missing = missing_rows(NAME, step, before, after, most)?;
        if missing > 0 {
            note!(
                "warning: {missing} rows are missing before line {} of {NAME}; their values are masked",
                row.line
            );
        }
        for _ in 0..missing {
            series.reader.read(&vec![None; row.values.len()], &[]);
        }
        series.rows += missing;
    }
    series.reader.read(&row.values, &[]);
    series.last = here;
    series.rows += 1;
    let origin = Origin {
        id: &row.id,
        row: series.rows - 1,
        time: row.time,
    };
    let forecast = series.reader.forecast()?;
    Ok(lines(&model.description, origin, &forecast))
}
