//! The description of a new model: scales and season come from the training part.

use super::description::FAR;
use super::fit::fit_scale;
use super::reference::Relative;
use super::{
    Cuts, ForecasterConfig, ForecasterDescription, HeldOut, Objective, Reference, SeriesData,
    SeriesScale, find_season,
};
use crate::TasksError;
use crate::data::series::{Columns, Series};
use crate::error::quoted;
use lstm_text::counted;

/// What a person chooses of a new model.
#[derive(Clone, Debug)]
pub struct NewForecaster {
    /// The columns to read.
    pub columns: Columns,
    /// The rows to forecast.
    pub horizon: usize,
    /// The rows of a season; looked for if it is `None`.
    pub season: Option<usize>,
    /// What values are relative to. If it is `None`: the recent mean, or a season before if the training
    /// parts have fewer than 400 rows together.
    pub reference: Option<Reference>,
    /// What the numbers of the head mean.
    pub objective: Objective,
    /// The number of layers.
    pub layers: usize,
    /// H of every layer.
    pub hidden_size: usize,
    /// The dropout rate on the output of every layer.
    pub dropout: f64,
}

/// From this many rows on, a network learns a season better than it repeats the one before, whose noise
/// is added to that of every value. From fewer it does not learn it.
const ENOUGH: usize = 400;

impl NewForecaster {
    /// A description for these series, and warnings about series that cannot be used.
    ///
    /// # Errors
    /// [`TasksError::Table`] if no series can be used.
    pub fn describe(
        self,
        name: &str,
        data: &SeriesData,
        held_out: HeldOut,
    ) -> Result<(ForecasterDescription, Vec<String>), TasksError> {
        let cuts = held_out.cuts(&data.series, data.step);
        let season = self.season.unwrap_or_else(|| season_of(data, &cuts));
        let rows: usize = cuts.iter().map(|cuts| cuts.train).sum();
        let usual = if rows < ENOUGH {
            Reference::Season
        } else {
            Reference::Recent
        };
        let relative = Relative {
            reference: self.reference.unwrap_or(usual),
            horizon: self.horizon,
            season,
        };
        let (mut scales, mut short, mut constant) = (Vec::new(), Vec::new(), Vec::new());
        for (series, cuts) in data.series.iter().zip(&cuts) {
            let scale = fit_scale(series, cuts.train, relative);
            expect_no_outlier(name, series, scale.as_ref())?;
            match scale {
                Some(scale) if is_constant(series, cuts.train) => {
                    constant.push(series);
                    scales.push(scale);
                }
                Some(scale) => scales.push(scale),
                None => short.push(series),
            }
        }
        if scales.is_empty() {
            return Err(too_short(name, &short, &cuts, data));
        }
        if constant.len() == scales.len() {
            let why = format!(
                "{} constant in the training part: there is nothing to learn",
                are(&constant)
            );
            return Err(TasksError::table(name, why));
        }
        let told = [
            (
                short,
                "too short: fewer than two values of a column are in the training part; left out",
            ),
            (
                constant,
                "constant in a column of the training part, which is scaled by 1 and has no MASE",
            ),
        ];
        let warnings = told.into_iter().filter(|(series, _)| !series.is_empty());
        let warnings = warnings.map(|(series, why)| format!("{name}: {} {why}", are(&series)));
        let warnings = warnings.collect();
        Ok((self.with(data, relative, scales), warnings))
    }

    fn with(
        self,
        data: &SeriesData,
        relative: Relative,
        scales: Vec<SeriesScale>,
    ) -> ForecasterDescription {
        let targets = self.horizon.saturating_mul(self.columns.values.len());
        let network = ForecasterConfig {
            input_size: ForecasterDescription::input_size(&self.columns, self.horizon),
            hidden_size: self.hidden_size,
            layers: self.layers,
            outputs: targets.saturating_mul(self.objective.per_target()),
            dropout: self.dropout,
        };
        ForecasterDescription {
            season: relative.season,
            reference: relative.reference,
            step: data.step,
            horizon: self.horizon,
            columns: self.columns,
            objective: self.objective,
            network,
            scales,
        }
    }
}

/// The season of the first column of the series with the longest training part.
fn season_of(data: &SeriesData, cuts: &[Cuts]) -> usize {
    let longest = data
        .series
        .iter()
        .zip(cuts)
        .max_by_key(|(_, cuts)| cuts.train);
    longest.map_or(1, |(series, cuts)| {
        find_season(&series.values[0][..cuts.train])
    })
}

/// Refuses a value that is so far from all others that it is no measurement: the loss would count nothing
/// but the error there.
fn expect_no_outlier(
    name: &str,
    series: &Series,
    scale: Option<&SeriesScale>,
) -> Result<(), TasksError> {
    let scales = scale.map_or(&[][..], |scale| &scale.values);
    for (column, scale) in series.values.iter().zip(scales) {
        let mut present = column.iter().flatten();
        if let Some(value) = present.find(|value| scale.apply(**value).abs() > FAR) {
            let why = format!(
                "the value {value:e} is more than 10^9 standard deviations from the mean of the training \
                 part; leave it empty if it is no measurement"
            );
            return Err(TasksError::table(name, why));
        }
    }
    Ok(())
}

fn is_constant(series: &Series, train: usize) -> bool {
    let is_constant = |column: &Vec<Option<f64>>| {
        let mut present = column[..train].iter().flatten();
        let first = present.next();
        present.all(|value| Some(value) == first)
    };
    series.values.iter().any(is_constant)
}

/// `series "a" is`, `3 series ("a", "b", …) are`.
fn are(series: &[&Series]) -> String {
    match series {
        [one] if one.id.is_empty() => "the series is".to_owned(),
        [one] => format!("series {:?} is", one.id),
        _ => {
            let named = quoted(series.iter().map(|one| one.id.as_str()), 3);
            format!("{} series ({named}) are", series.len())
        }
    }
}

fn too_short(name: &str, short: &[&Series], cuts: &[Cuts], data: &SeriesData) -> TasksError {
    let rows = data.series.iter().map(Series::len).max().unwrap_or(0);
    let train = cuts.iter().map(|cuts| cuts.train).max().unwrap_or(0);
    let why = format!(
        "{} too short: the longest has {}, {} of them to train on, and every column needs two values there; \
         give more rows, or hold out less",
        are(short),
        counted(rows, "row"),
        train
    );
    TasksError::table(name, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::series::Step;
    use lstm_train::Fingerprint;

    #[test]
    fn few_rows_are_relative_to_a_season_before_and_many_to_the_recent_mean() {
        let data = |rows: usize, period: usize| SeriesData {
            step: Step::Rows,
            series: vec![Series {
                id: String::new(),
                start: None,
                values: vec![
                    (0..rows)
                        .map(|t| Some((t % period + t % 2) as f64))
                        .collect(),
                ],
                known: Vec::new(),
            }],
            warnings: Vec::new(),
            fingerprint: Fingerprint::new("", ""),
        };
        let reference = |data: &SeriesData, reference| {
            let new = NewForecaster {
                columns: crate::forecast::generated::columns(),
                horizon: 3,
                season: None,
                reference,
                objective: Objective::default(),
                layers: 1,
                hidden_size: 1,
                dropout: 0.0,
            };
            let all = HeldOut {
                validation: 0.0,
                test: 0.0,
            };
            new.describe("", data, all).unwrap().0.reference
        };
        for period in [4, 997] {
            assert_eq!(reference(&data(399, period), None), Reference::Season);
            assert_eq!(reference(&data(400, period), None), Reference::Recent);
        }
        let chosen = Some(Reference::Last);
        assert_eq!(reference(&data(400, 4), chosen), Reference::Last);
    }
}
