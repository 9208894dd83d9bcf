//! The generated series and the best possible forecast of it.

use lstm_tasks::forecast::Objective;
use lstm_tasks::forecast::generated::{Oracle, series};

const ROWS: std::ops::Range<usize> = 500..5900;

/// The mean loss of the oracle's forecasts `k` rows ahead, each changed by `change`.
fn mean_loss(k: usize, objective: &Objective, change: impl Fn(&mut Vec<f64>)) -> f64 {
    let (values, mut oracle) = (series().values.remove(0), Oracle::default());
    let (mut sum, mut count) = (0.0, 0);
    for row in 0..ROWS.end {
        oracle.read(values[row]);
        if let Some(y) = values[row + k].filter(|_| ROWS.contains(&row)) {
            let mut forecast = oracle.forecast(k, objective);
            change(&mut forecast);
            sum += loss(objective, &forecast, y);
            count += 1;
        }
    }
    sum / f64::from(count)
}

fn loss(objective: &Objective, forecast: &[f64], y: f64) -> f64 {
    match objective {
        Objective::Quantiles(_) => objective.loss(forecast, &[y], &[true]),
        Objective::Gaussian => {
            let u = (y - forecast[0]) / forecast[1];
            forecast[1].ln() + 0.5 * u * u
        }
    }
}

#[test]
fn the_series_is_always_the_same_and_has_what_it_says() {
    let (one, other) = (series(), series());
    assert_eq!(one, other);
    let missing = one.values[0].iter().filter(|value| value.is_none()).count();
    assert_eq!(one.len(), 6000);
    // 3 % are missing; the standard deviation of their number is 13.
    assert!((140..220).contains(&missing), "{missing}");
    let season = lstm_tasks::forecast::find_season(&one.values[0]);
    assert_eq!(season, 12);
}

#[test]
fn no_forecast_near_that_of_the_oracle_has_a_lower_loss() {
    type Change = fn(&mut Vec<f64>);
    for objective in [Objective::default(), Objective::Gaussian] {
        for k in [1, 6, 24] {
            let best = mean_loss(k, &objective, |_| {});
            let others: [(&str, Change); 4] = [
                ("higher", |forecast| forecast[0] += 0.5),
                ("lower", |forecast| forecast[0] -= 0.5),
                ("wider", |forecast| *forecast.last_mut().unwrap() += 0.5),
                ("narrower", |forecast| *forecast.last_mut().unwrap() -= 0.5),
            ];
            for (what, change) in others {
                let loss = mean_loss(k, &objective, change);
                assert!(
                    loss > best,
                    "{objective:?}, {k} rows ahead, {what}: {loss} < {best}"
                );
            }
        }
    }
}

#[test]
fn the_oracle_s_quantiles_are_what_they_are_called() {
    let objective = Objective::default();
    for (n, q) in objective.quantiles().iter().enumerate() {
        let (values, mut oracle) = (series().values.remove(0), Oracle::default());
        let (mut below, mut count) = (0, 0);
        for row in 0..5990 {
            oracle.read(values[row]);
            if let Some(y) = values[row + 1].filter(|_| row > 100) {
                below += usize::from(y < oracle.forecast(1, &objective)[n]);
                count += 1;
            }
        }
        let share = below as f64 / count as f64;
        // Four standard deviations of the share of 5700.
        assert!((share - q).abs() < 0.027, "{q}: {share}");
    }
}
