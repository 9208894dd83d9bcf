//! Scaled series, and the windows that are cut out of them for training.

use super::reference::Relative;
use super::{Cuts, ForecasterDescription, Scale, SeriesScale};
use crate::data::series::Series;
use lstm_model::{Direction, Span};
use nalgebra::{DMatrix, RealField};
use std::ops::Range;

/// A series as the network reads it and as the loss sees it.
#[derive(Clone, Debug)]
pub(super) struct ScaledSeries {
    /// D×n.
    pub x: DMatrix<f32>,
    columns: Vec<Column>,
    relative: Relative,
    /// The number of rows of which all that the network reads is there.
    pub complete: usize,
}

/// The values of a column, and how its targets are scaled.
#[derive(Clone, Debug)]
struct Column {
    values: Vec<Option<f64>>,
    /// The reference of a value before which there is none.
    mean: f64,
    target: Scale,
}

impl ScaledSeries {
    pub fn new(series: &Series, scale: &SeriesScale, description: &ForecasterDescription) -> Self {
        let (n, horizon, relative) = (series.len(), description.horizon, description.relative());
        let known: Vec<Vec<f64>> = (0..n)
            .map(|t| series.known.iter().map(|column| column[t]).collect())
            .collect();
        let mut x = DMatrix::zeros(description.network.input_size, n);
        for (t, mut x_t) in x.column_iter_mut().enumerate() {
            let values = series.values.iter();
            let differences = values.map(|column| relative.difference(&column[..t], column[t]));
            let next = known[(t + 1).min(n)..(t + 1 + horizon).min(n)].iter();
            let next = next.map(Vec::as_slice);
            for (to, from) in
                x_t.iter_mut()
                    .zip(ForecasterDescription::input(scale, differences, next))
            {
                *to = from;
            }
        }
        let columns = series
            .values
            .iter()
            .zip(scale.values.iter().zip(&scale.targets));
        let column = |(values, (scale, target)): (&Vec<Option<f64>>, (&Scale, &Scale))| Column {
            values: values.clone(),
            mean: scale.mean,
            target: *target,
        };
        Self {
            x,
            columns: columns.map(column).collect(),
            relative,
            complete: series.complete(horizon),
        }
    }

    /// R, the targets of a row.
    fn target_count(&self) -> usize {
        self.relative.horizon * self.columns.len()
    }

    /// The targets of row `t`: the values of the next H rows, of which only those in `allowed` are
    /// present, relative to their references and scaled.
    pub fn targets(&self, t: usize, allowed: &Range<usize>) -> impl Iterator<Item = (f32, bool)> {
        let mut targets = vec![(0.0, false); self.target_count()];
        for (c, column) in self.columns.iter().enumerate() {
            let (past, next) = column.values.split_at(t + 1);
            let references = self.relative.next(past, column.mean);
            let rows = (t + 1..).zip(next).zip(references).enumerate();
            for (k, ((row, value), reference)) in rows {
                if let Some(value) = value.filter(|_| allowed.contains(&row)) {
                    let scaled = column.target.apply(value - reference) as f32;
                    targets[k * self.columns.len() + c] = (scaled, true);
                }
            }
        }
        targets.into_iter()
    }
}

/// Some rows of a series, all in its training part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub series: usize,
    pub start: usize,
    pub len: usize,
    /// The targets that are present.
    pub tokens: usize,
}

/// Every window of `context` rows in the training parts that has a target; a shorter training part is
/// one window.
pub(super) fn windows(series: &[ScaledSeries], cuts: &[Cuts], context: usize) -> Vec<Window> {
    let mut windows = Vec::new();
    for (n, (one, cuts)) in series.iter().zip(cuts).enumerate() {
        // The last row of the training part has no target in it.
        let rows = cuts.train.saturating_sub(1).min(one.complete);
        let len = context.min(rows);
        let per_row: Vec<usize> = (0..rows)
            .map(|t| {
                one.targets(t, &(0..cuts.train))
                    .filter(|(_, present)| *present)
                    .count()
            })
            .collect();
        let mut tokens: usize = per_row[..len].iter().sum();
        for start in 0..=rows - len {
            if start > 0 {
                tokens = tokens + per_row[start + len - 1] - per_row[start - 1];
            }
            if tokens > 0 {
                windows.push(Window {
                    series: n,
                    start,
                    len,
                    tokens,
                });
            }
        }
    }
    windows
}

/// Windows of one batch: T rows of B windows, and the targets of every row.
#[derive(Clone, Debug)]
pub struct WindowBatch<T> {
    /// D×(T·B), row t of window b in column t·B + b.
    pub x: DMatrix<T>,
    /// R numbers for every column of x.
    pub targets: Vec<T>,
    /// Whether the targets are present; none is after the end of a window.
    pub present: Vec<bool>,
    /// The rows of each window.
    pub lengths: Vec<usize>,
}

impl<T: RealField + Copy> WindowBatch<T> {
    pub(super) fn span(&self) -> Span<'_> {
        Span {
            seq_len: self.x.ncols() / self.lengths.len(),
            batch_size: self.lengths.len(),
            lengths: Some(&self.lengths),
            direction: Direction::Forward,
        }
    }
}

impl WindowBatch<f32> {
    pub(super) fn new<'a>(
        series: &[ScaledSeries],
        cuts: &[Cuts],
        windows: impl Iterator<Item = &'a Window>,
    ) -> Self {
        let windows: Vec<&Window> = windows.collect();
        let lengths: Vec<usize> = windows.iter().map(|window| window.len).collect();
        let (seq_len, batch) = (lengths.iter().copied().max().unwrap_or(0), windows.len());
        let one = &series[0];
        let (d, r) = (one.x.nrows(), one.target_count());
        let mut x = DMatrix::zeros(d, seq_len * batch);
        let mut targets = vec![0.0; r * seq_len * batch];
        let mut present = vec![false; r * seq_len * batch];
        for (b, window) in windows.into_iter().enumerate() {
            let (from, allowed) = (&series[window.series], 0..cuts[window.series].train);
            for t in 0..window.len {
                let (row, column) = (window.start + t, t * batch + b);
                x.set_column(column, &from.x.column(row));
                let to = targets[column * r..]
                    .iter_mut()
                    .zip(&mut present[column * r..]);
                for ((target, is_present), from) in to.zip(from.targets(row, &allowed)) {
                    (*target, *is_present) = from;
                }
            }
        }
        Self {
            x,
            targets,
            present,
            lengths,
        }
    }
}
