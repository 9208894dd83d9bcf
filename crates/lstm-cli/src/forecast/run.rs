//! `lstm forecast run`: the rows after the last one.

use super::of_run::{of_run, warn};
use super::table::{Origin, header, lines};
use super::{follow, picture};
use crate::args::ForecastRunArgs;
use crate::error::CliError;
use lstm_fast::Fast;
use lstm_tasks::TasksError;
use lstm_tasks::data::series::{Series, read_series};
use lstm_tasks::forecast::{Forecast, ForecastModel, SeriesReader};
use lstm_train::{create_file, expect_absent};
use std::io::{Write, stdout};

pub fn run(args: &ForecastRunArgs) -> Result<(), CliError> {
    for path in args.out.iter().chain(&args.plot) {
        expect_absent(path)?;
    }
    let model = ForecastModel::<Fast>::load(&args.model)?;
    if args.follow {
        let history = match &args.data {
            None => Vec::new(),
            Some(_) => series(args, &model)?,
        };
        return follow::follow(&model, &history, args.input.limit());
    }
    let all = series(args, &model)?;
    let mut out = header(&model.description);
    let mut first = None;
    for one in &all {
        let (row, forecast) = forecast(&model, one)?;
        out += &lines(&model.description, origin(&model, one, row), &forecast);
        first.get_or_insert((one, row, forecast));
    }
    match &args.out {
        None => stdout().write_all(out.as_bytes())?,
        Some(path) => create_file(path, out.as_bytes())?,
    }
    if let (Some(path), Some((series, row, forecast))) = (&args.plot, first) {
        let svg = picture::draw(&model.description, series, row, &forecast);
        create_file(path, svg.map_err(CliError::plot(path))?.as_bytes())?;
    }
    Ok(())
}

/// The series of the table that was named, or those of the run.
fn series(args: &ForecastRunArgs, model: &ForecastModel<Fast>) -> Result<Vec<Series>, CliError> {
    let (limit, description) = (args.input.limit(), &model.description);
    match &args.data {
        Some(path) => {
            let table = read_series(path, &description.columns, Some(description.step), limit)?;
            warn(&table.warnings);
            Ok(table.series)
        }
        None => {
            let run = of_run(&args.model, description, limit)?;
            run.map_or(Err(CliError::NoTable), |(_, data)| Ok(data.series))
        }
    }
}

pub fn reader<'a>(
    model: &'a ForecastModel<Fast>,
    id: &str,
) -> Result<SeriesReader<'a, Fast>, CliError> {
    model.reader(id).ok_or_else(|| {
        let id = id.to_owned();
        CliError::UnknownSeries { id }
    })
}

pub fn origin<'a>(model: &ForecastModel<Fast>, series: &'a Series, row: usize) -> Origin<'a> {
    let time = series
        .start
        .and_then(|start| model.description.step.after(start, row as i64));
    Origin {
        id: &series.id,
        row,
        time,
    }
}

/// The last row of a series whose following rows can be forecast, and the forecast.
fn forecast(model: &ForecastModel<Fast>, series: &Series) -> Result<(usize, Forecast), CliError> {
    let mut reader = reader(model, &series.id)?;
    let row = last_row(model, series)?;
    for row in 0..=row {
        reader.read_row(series, row);
    }
    Ok((row, reader.forecast()?))
}

/// The last row. If there are columns that are known in advance, it is the last one with a value, and
/// they must reach far enough.
fn last_row(model: &ForecastModel<Fast>, series: &Series) -> Result<usize, CliError> {
    let (last, horizon) = (series.len() - 1, model.description.horizon);
    if series.known.is_empty() {
        return Ok(last);
    }
    let row = (0..=last).rev().find(|&row| series.has_value(row));
    let row = row.ok_or(TasksError::NoValue {
        id: series.id.clone(),
    })?;
    let missing = (row + horizon).saturating_sub(last);
    match missing {
        0 => Ok(row),
        missing => Err(CliError::KnownTooShort {
            id: series.id.clone(),
            missing,
            horizon,
        }),
    }
}
