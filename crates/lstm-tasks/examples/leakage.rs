//! How much better a forecast looks when the test part leaks into the training.
//!
//! ```sh
//! cargo run --release -p lstm-tasks --example leakage                           # the generated series
//! cargo run --release -p lstm-tasks --example leakage FILE.csv TIME VALUE HORIZON
//! ```
//!
//! The same network is trained four times with the same seeds: as it should be, and with each of three
//! mistakes. Every one is judged by the same test part, the last 30 % of the rows.

use lstm_fast::Fast;
use lstm_tasks::data::series::Columns;
use lstm_tasks::forecast::{
    ForecastModel, ForecastSettings, HeldOut, NewForecaster, Objective, Reference, Score,
    SeriesData, SeriesSource, Tested,
};
use lstm_text::InputLimit;
use lstm_train::{Application, Descent, Description, Plan, Schedule, Trainer, Workers};
use std::error::Error;
use std::path::Path;

const STEPS: u64 = 600;
const SEEDS: u64 = 3;
const TEST: HeldOut = HeldOut {
    validation: 0.0,
    test: 0.3,
};
const NOTHING: HeldOut = HeldOut {
    validation: 0.0,
    test: 0.0,
};

fn main() -> Result<(), Box<dyn Error>> {
    let options: Vec<String> = std::env::args().skip(1).collect();
    let (source, horizon) = match options.as_slice() {
        [] => (SeriesSource::Generated, 24),
        [path, time, value, horizon] => {
            let columns = Columns {
                time: Some(time.clone()),
                values: vec![value.clone()],
                ..Columns::default()
            };
            let source = SeriesSource::table(Path::new(path), columns);
            (source, horizon.parse()?)
        }
        _ => return Err("give FILE TIME VALUE HORIZON, or nothing".into()),
    };
    let data = source.read(InputLimit::default())?;
    let rows = data.series[0].len() as f64;
    let later = HeldOut {
        test: TEST.test - horizon as f64 / rows,
        ..TEST
    };
    let variants = [
        ("as it should be", TEST, TEST),
        ("scaled by all rows", NOTHING, TEST),
        ("windows reach over the cut by the horizon", TEST, later),
        (
            "shuffled: every row is a target of some window",
            TEST,
            NOTHING,
        ),
    ];
    let mut honest = None;
    println!(
        "{:<48} {:>8} {:>14}",
        "the mean of 3 seeds", "MASE", "looks better"
    );
    for (name, scaled, trained) in variants {
        let mut sum = 0.0;
        for seed in 1..=SEEDS {
            let settings = ForecastSettings {
                source: source.clone(),
                held_out: trained,
                context: 96,
                batch_size: 32,
                seed,
            };
            sum += mase(&settings, &data, scaled, horizon)?;
        }
        let mase = sum / SEEDS as f64;
        let better = 100.0 * (1.0 - mase / *honest.get_or_insert(mase));
        println!("{name:<48} {mase:>8.4} {better:>12.1} %");
    }
    Ok(())
}

/// MASE on the test part of a network whose scales are fitted outside `scaled`.
fn mase(
    settings: &ForecastSettings,
    data: &SeriesData,
    scaled: HeldOut,
    horizon: usize,
) -> Result<f64, Box<dyn Error>> {
    let new = NewForecaster {
        columns: settings.source.columns(),
        horizon,
        season: None,
        reference: Some(Reference::Training),
        objective: Objective::default(),
        layers: 1,
        hidden_size: 64,
        dropout: 0.1,
    };
    let (description, _) = new.describe("the series", data, scaled)?;
    let network = description.init::<Fast>(settings.seed)?;
    let task = settings.task::<Fast>(&description, data, &network)?;
    let descent = Descent {
        learning_rate: 3e-3,
        schedule: Schedule::Cosine { steps: STEPS },
        max_norm: Some(1.0),
        ..Descent::default()
    };
    let mut trainer = Trainer::new(task, network, descent, Workers::new(2)?)?;
    let _ = trainer.run(&Plan::steps(STEPS), &mut ())?;
    let network = trainer.network.clone();
    let model = ForecastModel::<Fast> {
        description,
        network,
    };
    let series = &data.series[0];
    let tested = Tested {
        series,
        cuts: TEST.cuts(&data.series, data.step)[0],
        scale: &model.description.scales[0],
        description: &model.description,
    };
    let (mut reader, mut scores) = (
        model.reader(&series.id).ok_or("the series is scaled")?,
        Vec::<Score>::new(),
    );
    tested.roll(&mut reader, 0, |row, forecast| {
        tested.judge(row, &forecast, &mut scores);
        Ok::<_, Box<dyn Error>>(())
    })?;
    Ok(scores[0].mase().ok_or("the test part has values")?)
}
