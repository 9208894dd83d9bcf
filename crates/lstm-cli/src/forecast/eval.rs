//! `lstm forecast eval`: the model and simple methods after every row of the test part.

use super::of_run::of_run;
use super::run::{origin, reader};
use super::table::{header, lines, short};
use crate::args::ForecastEvalArgs;
use crate::count::counted;
use crate::error::{CliError, say};
use lstm_fast::Fast;
use lstm_tasks::TasksError;
use lstm_tasks::forecast::{
    ByOracle, Forecast, ForecastModel, ForecastSettings, HeldOutPart, Method, Score, SeriesData,
    SeriesSource, Tested, best_loss, loss_of_model,
};
use lstm_train::{create_file, expect_absent};

/// The scores of every method, one for each column.
type Scores = Vec<(&'static str, Vec<Score>)>;

pub fn eval(args: &ForecastEvalArgs) -> Result<(), CliError> {
    args.out.as_deref().map_or(Ok(()), expect_absent)?;
    let model = ForecastModel::<Fast>::load(&args.model)?;
    let run = of_run(&args.model, &model.description, args.input.limit())?;
    let (settings, data) = run.ok_or_else(|| CliError::NotInRun {
        model: args.model.clone(),
    })?;
    let (scores, forecasts) = scores(&model, &settings, &data, args.out.is_some())?;
    if scores
        .iter()
        .all(|(_, columns)| columns.iter().all(|score| score.forecasts() == 0))
    {
        return Err(CliError::NothingToTest);
    }
    if let Some(path) = &args.out {
        create_file(path, forecasts.as_bytes())?;
    }
    for (c, column) in model.description.columns.values.iter().enumerate() {
        say_column(column, c, &scores, &model)?;
    }
    say_loss(&model, &settings, &data)
}

/// The scores of all methods, and the model's forecasts as CSV if they are wanted.
fn scores(
    model: &ForecastModel<Fast>,
    settings: &ForecastSettings,
    data: &SeriesData,
    is_wanted: bool,
) -> Result<(Scores, String), CliError> {
    let description = &model.description;
    let (mut scores, mut out): (Scores, _) = (Vec::new(), header(description));
    let cuts = settings.held_out.cuts(&data.series, data.step);
    for (series, cuts) in data.series.iter().zip(cuts) {
        let Some(scale) = description.scale(&series.id) else {
            continue;
        };
        let tested = Tested {
            series,
            cuts,
            scale,
            description,
        };
        tested.roll(&mut reader(model, &series.id)?, 0, |row, forecast| {
            if is_wanted {
                out += &lines(description, origin(model, series, row), &forecast);
            }
            judge(&tested, &mut scores, "LSTM", row, &forecast);
            Ok::<_, CliError>(())
        })?;
        for (name, mut method) in tested.baselines(settings.context) {
            add(&tested, &mut scores, name, &mut method, cuts.train)?;
        }
        if settings.source == SeriesSource::Generated {
            let mut oracle = ByOracle::new(description);
            add(&tested, &mut scores, "best possible", &mut oracle, 0)?;
        }
    }
    Ok((scores, out))
}

fn add(
    tested: &Tested<'_>,
    scores: &mut Scores,
    name: &'static str,
    method: &mut dyn Method,
    start: usize,
) -> Result<(), TasksError> {
    tested.roll(method, start, |row, forecast| {
        judge(tested, scores, name, row, &forecast);
        Ok(())
    })
}

fn judge(
    tested: &Tested<'_>,
    scores: &mut Scores,
    name: &'static str,
    row: usize,
    forecast: &Forecast,
) {
    let place = scores.iter().position(|(other, _)| *other == name);
    let place = place.unwrap_or_else(|| {
        scores.push((name, Vec::new()));
        scores.len() - 1
    });
    tested.judge(row, forecast, &mut scores[place].1);
}

/// Prints the table of one column.
fn say_column(
    column: &str,
    c: usize,
    scores: &Scores,
    model: &ForecastModel<Fast>,
) -> Result<(), CliError> {
    let description = &model.description;
    let levels = description.objective.quantiles();
    let (low, high) = (levels[0], levels[levels.len() - 1]);
    let season = match description.season {
        1 => "one row".to_owned(),
        season => format!("a season of {season} rows"),
    };
    say!(
        "{column}: {} rows ahead after every row of the test part, {}; MASE by {season}",
        description.horizon,
        counted(scores[0].1.get(c).map_or(0, Score::forecasts), "value"),
    );
    let interval = format!("in {low}–{high}");
    say!(
        "{:<22} {:>8} {:>12} {:>12} {interval:>12}",
        "",
        "MASE",
        "RMSE",
        "pinball"
    );
    for (name, columns) in scores {
        let score = columns.get(c).cloned().unwrap_or_default();
        let coverage = score.coverage().filter(|_| levels.len() > 1);
        let coverage = coverage.map_or("none".to_owned(), |part| format!("{:.1} %", 100.0 * part));
        say!(
            "{name:<22} {:>8} {:>12} {:>12} {coverage:>12}",
            score
                .mase()
                .map_or("none".to_owned(), |mase| format!("{mase:.3}")),
            or_none(score.rmse()),
            or_none(score.quantile_loss()),
        );
    }
    Ok(())
}

fn or_none(number: Option<f64>) -> String {
    number.map_or("none".to_owned(), short)
}

/// Prints the loss on the test part and, if it is known, how far it is from the lowest possible one.
fn say_loss(
    model: &ForecastModel<Fast>,
    settings: &ForecastSettings,
    data: &SeriesData,
) -> Result<(), CliError> {
    let test = HeldOutPart::Test;
    let Some(loss) = loss_of_model(model, settings, data, test) else {
        return Ok(());
    };
    let best = best_loss(&model.description, settings, data, test);
    let best = best.map_or(String::new(), |best| {
        let over = 100.0 * (loss - best) / best.abs();
        format!(", {over:.1} % above the lowest that is possible, {best:.4}")
    });
    say!("loss of the LSTM in training's units: {loss:.4} a value{best}");
    Ok(())
}
