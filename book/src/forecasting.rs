//! The numbers of the chapter on forecasting that no training decides: the simple methods and the best
//! possible forecaster on the generated series, as `lstm forecast eval` prints them.

use lstm_tasks::forecast::{
    ByOracle, ForecastSettings, HeldOut, HeldOutPart, Method, NewForecaster, Objective, Score,
    SeriesSource, Tested, best_loss,
};
use lstm_text::InputLimit;

/// The lines of the table, and the lowest loss that is possible.
fn lines() -> Vec<String> {
    let settings = ForecastSettings {
        source: SeriesSource::Generated,
        held_out: HeldOut::default(),
        context: 96,
        batch_size: 32,
        seed: 1,
    };
    let data = settings.source.read(InputLimit::default()).unwrap();
    let new = NewForecaster {
        columns: settings.source.columns(),
        horizon: 24,
        season: None,
        reference: None,
        objective: Objective::default(),
        layers: 1,
        hidden_size: 1,
        dropout: 0.0,
    };
    let (description, _) = new.describe("", &data, settings.held_out).unwrap();
    let cuts = settings.held_out.cuts(&data.series, data.step)[0];
    let tested = Tested {
        series: &data.series[0],
        cuts,
        scale: &description.scales[0],
        description: &description,
    };
    let row = |name: &str, method: &mut dyn Method, start| {
        let mut scores = Vec::new();
        let judge = |row, forecast| {
            tested.judge(row, &forecast, &mut scores);
            Ok::<_, lstm_tasks::TasksError>(())
        };
        tested.roll(method, start, judge).unwrap();
        line(name, &scores[0])
    };
    let baselines = tested.baselines(settings.context).into_iter();
    let mut lines: Vec<String> = baselines
        .map(|(name, mut method)| row(name, &mut method, cuts.train))
        .collect();
    lines.push(row("best possible", &mut ByOracle::new(&description), 0));
    let best = best_loss(&description, &settings, &data, HeldOutPart::Test);
    lines.push(format!(
        "above the lowest that is possible, {:.4}",
        best.unwrap()
    ));
    lines
}

fn line(name: &str, score: &Score) -> String {
    let [mase, rmse, pinball, coverage] = [
        score.mase(),
        score.rmse(),
        score.quantile_loss(),
        score.coverage(),
    ]
    .map(Option::unwrap);
    let coverage = format!("{:.1} %", 100.0 * coverage);
    format!("{name:<22} {mase:>8.3} {rmse:>12.3} {pinball:>12.4} {coverage:>12}")
}

#[test]
fn the_numbers_of_the_simple_methods_and_of_the_best_possible_forecast_are_those_of_the_page() {
    let lines = lines();
    for language in ["en", "zh"] {
        let book = env!("CARGO_MANIFEST_DIR");
        let page = std::fs::read_to_string(format!("{book}/{language}/forecasting.md")).unwrap();
        for line in &lines {
            assert!(
                page.contains(line),
                "book/{language}/forecasting.md is stale; `lstm forecast eval` now prints\n{}",
                lines.join("\n")
            );
        }
    }
}
