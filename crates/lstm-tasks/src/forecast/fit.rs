//! The scales of a series, from its training part (E33).

use super::reference::Relative;
use super::{Reference, Scale, SeriesScale};
use crate::data::series::Series;

/// Whether a series has two values of every column in its first `train` rows, and so can be scaled.
pub(super) fn has_scale(series: &Series, train: usize) -> bool {
    let present = |column: &Vec<Option<f64>>| column[..train].iter().flatten().count();
    train >= 2 && series.values.iter().all(|column| present(column) >= 2)
}

/// The scales of a series, from its first `train` rows. `None` if a column has fewer than two values
/// there.
pub(super) fn fit_scale(series: &Series, train: usize, relative: Relative) -> Option<SeriesScale> {
    let values = series.values.iter();
    let values = values.map(|column| Scale::fit(column[..train].iter().copied()));
    let values: Vec<Scale> = values.collect::<Option<_>>()?;
    let known = series.known.iter();
    let known = known.map(|column| Scale::fit(column[..train].iter().copied().map(Some)));
    let columns = || {
        let columns = series.values.iter().map(|column| &column[..train]);
        columns.zip(values.iter().copied())
    };
    Some(SeriesScale {
        id: series.id.clone(),
        inputs: columns()
            .map(|(column, scale)| input_scale(column, scale, relative))
            .collect(),
        targets: columns()
            .map(|(column, scale)| target_scale(column, scale, relative))
            .collect(),
        known: known.collect::<Option<_>>()?,
        values,
    })
}

/// The scale of the differences of the values from the references that the rows before have for them.
fn input_scale(train: &[Option<f64>], values: Scale, relative: Relative) -> Scale {
    if relative.reference == Reference::Training {
        return values;
    }
    // The first value is its own reference, and its difference says nothing of the others.
    let first = train.iter().position(Option::is_some).unwrap_or(0) + 1;
    let rows = first..train.len();
    let differences = rows.map(|t| relative.difference(&train[..t], train[t]));
    Scale::fit_differences(values, differences)
}

/// The scale of the differences of the next H values after every row, or after some rows of a long series.
fn target_scale(train: &[Option<f64>], values: Scale, relative: Relative) -> Scale {
    const MOST: usize = 1_000_000;
    if relative.reference == Reference::Training {
        return values;
    }
    let every = train
        .len()
        .saturating_mul(relative.horizon)
        .div_ceil(MOST)
        .max(1);
    let first = train.iter().position(Option::is_some).unwrap_or(0) + 1;
    let differences = (first..train.len()).step_by(every).flat_map(|t| {
        let next = train[t..]
            .iter()
            .zip(relative.next(&train[..t], values.mean));
        next.map(|(value, reference)| Some((*value)? - reference))
    });
    Scale::fit_differences(values, differences)
}
