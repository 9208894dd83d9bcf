//! Forecasting.

use super::{Tensors, Verdict, agree, list, not_a_number};

/// The loss with these slopes where a forecast is too low, too high and exact, and its gradient.
fn by_slopes(
    [low, high, exact]: [f64; 3],
    scale: f64,
    targets: impl Iterator<Item = (f64, f64, bool)>,
) -> Tensors {
    let (mut loss, mut gradient) = (0.0, Vec::new());
    for (forecast, y, is_present) in targets {
        let slope = match y - forecast {
            _ if !is_present => 0.0,
            e if e > 0.0 => low,
            e if e < 0.0 => high,
            _ => exact,
        };
        // 0 · NaN is NaN.
        loss += if slope == 0.0 {
            0.0
        } else {
            scale * slope * (forecast - y)
        };
        gradient.push(scale * slope);
    }
    vec![list("L", &[loss]), list("dŷ", &gradient)]
}

pub fn quantile_loss(answer: fn(f64, &[f64], &[f64], &[bool]) -> (f64, Vec<f64>)) -> Verdict {
    let forecast = [1.0, 4.5, 3.0, 7.0, 2.0];
    let present = [true, true, true, false, true];
    for (q, missing) in [(0.9, 5.0), (0.25, 9.0), (0.5, f64::NAN)] {
        let y = [3.0, 3.0, 3.0, missing, -1.5];
        let targets = |all: bool| {
            let both = forecast.iter().zip(y).zip(present);
            both.map(move |((f, y), m)| (*f, y, m || all))
        };
        let n = present.iter().filter(|m| **m).count() as f64;
        let right = [-q, 1.0 - q, 0.0];
        let suspects = [
            (
                "q and 1 − q are exchanged: a forecast that is too low costs q",
                by_slopes([q - 1.0, q, 0.0], 1.0 / n, targets(false)),
            ),
            (
                "the gradient is not 0 where the forecast is exact",
                by_slopes([-q, 1.0 - q, 1.0 - q], 1.0 / n, targets(false)),
            ),
            (
                "the gradient is not 0 where the forecast is exact",
                by_slopes([-q, 1.0 - q, -q], 1.0 / n, targets(false)),
            ),
            (
                "the missing target counts",
                by_slopes(right, 1.0 / y.len() as f64, targets(true)),
            ),
            (
                "N counts the missing target",
                by_slopes(right, 1.0 / y.len() as f64, targets(false)),
            ),
            (
                "the sum is not divided by N",
                by_slopes(right, 1.0, targets(false)),
            ),
        ];
        let (loss, gradient) = answer(q, &forecast, &y, &present);
        let found = vec![list("L", &[loss]), list("dŷ", &gradient)];
        let verdict = agree(
            &found,
            &by_slopes(right, 1.0 / n, targets(false)),
            &suspects,
        );
        not_a_number(
            verdict,
            "0 · NaN is NaN: leave a missing target out instead.",
        )?;
    }
    Ok(())
}

fn mean(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, count) = (numbers.into_iter()).fold((0.0, 0.0), |(sum, n), x| (sum + x, n + 1.0));
    sum / count
}

/// |y_t − y_{t−m}|
fn naive(y: &[f64], season: usize) -> impl Iterator<Item = f64> {
    y.iter()
        .skip(season)
        .zip(y)
        .map(|(after, before)| (after - before).abs())
}

pub fn mase(answer: fn(&[f64], usize, &[f64], &[f64]) -> f64) -> Verdict {
    let train = [3.0, 5.0, 9.0, 4.0, 3.5, 7.0, 9.0, 5.0, 4.0, 6.5];
    let (y, forecast) = ([10.0, 5.5, 4.0, 7.0, 12.0], [9.5, 6.5, 4.0, 4.5, 9.5]);
    for season in [4, 1] {
        let errors = || y.iter().zip(forecast).map(|(y, forecast)| y - forecast);
        let (error, scale) = (mean(errors().map(f64::abs)), mean(naive(&train, season)));
        let ratio = |above: f64, below: f64| vec![list("MASE", &[above / below])];
        let sum: f64 = naive(&train, season).sum();
        let suspects = [
            (
                "the denominator looks back one row instead of one season",
                ratio(error, mean(naive(&train, 1))),
            ),
            (
                "the denominator comes from the test part",
                ratio(error, mean(naive(&y, season))),
            ),
            (
                "the errors keep their signs, and those above and below cancel",
                ratio(mean(errors()), scale),
            ),
            (
                "the errors are squared",
                ratio(mean(errors().map(|e| e * e)), scale),
            ),
            (
                "sums are divided instead of means",
                ratio(error * y.len() as f64, sum),
            ),
            (
                "the first season of the training part counts as rows without an error",
                ratio(error, sum / train.len() as f64),
            ),
            (
                "numerator and denominator are exchanged",
                ratio(scale, error),
            ),
        ];
        let found = vec![list("MASE", &[answer(&train, season, &y, &forecast)])];
        agree(&found, &ratio(error, scale), &suspects)?;
    }
    Ok(())
}
