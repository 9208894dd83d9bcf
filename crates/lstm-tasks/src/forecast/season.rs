//! The season of a series.

/// The longest season that is looked for.
const LONGEST: usize = 400;

/// A season must explain this much.
const LEAST: f64 = 0.3;

/// The rows of a season of `values`, or 1 if there is none.
///
/// It is a lag at which the autocorrelation of the values, less their straight trend, has a peak of at
/// least 0.3. Of several, it is the shortest that is nearly as high as the highest: a season of 12 is one
/// of 24, too. Three whole seasons must be there.
///
/// ```
/// let sine = |t: usize| Some((t as f64 * std::f64::consts::TAU / 12.0).sin() + 0.1 * t as f64);
/// assert_eq!(lstm_tasks::forecast::find_season(&(0..200).map(sine).collect::<Vec<_>>()), 12);
/// ```
#[must_use]
pub fn find_season(values: &[Option<f64>]) -> usize {
    let values = without_trend(values);
    let most = LONGEST.min(values.len() / 3);
    let at: Vec<f64> = (0..=most + 1)
        .map(|lag| correlation(&values, lag))
        .collect();
    let is_peak =
        |lag: &usize| at[*lag] >= at[lag - 1] && at[*lag] >= at[lag + 1] && at[*lag] >= LEAST;
    let peaks: Vec<usize> = (2..=most).filter(is_peak).collect();
    let highest = peaks.iter().map(|&lag| at[lag]).fold(0.0, f64::max);
    let season = peaks.into_iter().find(|&lag| at[lag] >= 0.8 * highest);
    season.unwrap_or(1)
}

/// The values less the straight line that fits them best.
fn without_trend(values: &[Option<f64>]) -> Vec<Option<f64>> {
    let present = || {
        values
            .iter()
            .enumerate()
            .filter_map(|(t, y)| Some((t as f64, (*y)?)))
    };
    let n = present().count().max(1) as f64;
    let (t_mean, y_mean) = (
        present().map(|p| p.0).sum::<f64>() / n,
        present().map(|p| p.1).sum::<f64>() / n,
    );
    let products: f64 = present().map(|(t, y)| (t - t_mean) * (y - y_mean)).sum();
    let squares: f64 = present().map(|(t, _)| (t - t_mean).powi(2)).sum();
    let slope = if squares > 0.0 {
        products / squares
    } else {
        0.0
    };
    let rest = |(t, y): (usize, &Option<f64>)| y.map(|y| y - y_mean - slope * (t as f64 - t_mean));
    values.iter().enumerate().map(rest).collect()
}

/// The correlation of the values with those `lag` rows before, over the pairs that are present.
fn correlation(values: &[Option<f64>], lag: usize) -> f64 {
    let pairs = values.iter().skip(lag).zip(values);
    let (mut products, mut a_squares, mut b_squares) = (0.0, 0.0, 0.0);
    for pair in pairs {
        if let (Some(a), Some(b)) = pair {
            products += a * b;
            a_squares += a * a;
            b_squares += b * b;
        }
    }
    let size = f64::sqrt(a_squares * b_squares);
    if size > 0.0 { products / size } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_and_a_straight_line_have_no_season() {
        let noise = |t: usize| Some(((t * 7919 + t * t * 104_729) % 1009) as f64);
        assert_eq!(find_season(&(0..500).map(noise).collect::<Vec<_>>()), 1);
        assert_eq!(
            find_season(&(0..100).map(|t| Some(t as f64)).collect::<Vec<_>>()),
            1
        );
        assert_eq!(find_season(&[]), 1);
        assert_eq!(find_season(&[None; 30]), 1);
    }

    #[test]
    fn the_shorter_of_two_seasons_is_found_with_values_missing() {
        let y = |t: usize| {
            (!t.is_multiple_of(5)).then(|| [5.0, 1.0, 0.0, 1.0][t % 4] + [0.0, 0.3][t / 4 % 2])
        };
        assert_eq!(find_season(&(0..400).map(y).collect::<Vec<_>>()), 4);
    }
}
