//! The layout of all matrices of this crate: \[features/16\]\[rows\]\[16\].

use crate::lanes::{LANES, Row, ZERO};
use crate::memory::Buffer;
use nalgebra::DMatrix;
use std::ops::Range;

// ANCHOR: panels
/// A matrix of `rows` rows (sequences, tokens, inputs of a weight matrix) in panels of sixteen
/// features each.
///
/// A row of a panel is sixteen contiguous numbers, and the rows of a panel are contiguous. So the same
/// buffer can be the broadcast operand of a product, the accumulator of a product, and the vector
/// operand of the product for the weights' gradient, without packing or transposing in between. The
/// padding of the features is always zero.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Panels {
    rows: usize,
    data: Buffer,
}
// ANCHOR_END: panels

/// The number of panels for `features` features.
pub(crate) fn panels_of(features: usize) -> usize {
    features.div_ceil(LANES)
}

impl Panels {
    pub fn zeros(features: usize, rows: usize) -> Self {
        Self {
            rows,
            data: Buffer::zeros(panels_of(features) * rows),
        }
    }

    /// Panels with arbitrary numbers. The caller must write every number before it reads it.
    pub fn any(features: usize, rows: usize) -> Self {
        Self {
            rows,
            data: Buffer::any(panels_of(features) * rows),
        }
    }

    /// A matrix (features × rows) in panels.
    pub fn of_columns(m: &DMatrix<f32>) -> Self {
        let mut panels = Self::zeros(m.nrows(), m.ncols());
        panels.take_columns(m, 0..m.ncols(), 0);
        panels
    }

    /// Weights (outputs × inputs) as \[outputs/16\]\[inputs\]\[16\], with the inputs padded to a multiple
    /// of sixteen.
    pub fn of_weights(w: &DMatrix<f32>) -> Self {
        let mut panels = Self::zeros(w.nrows(), w.ncols().next_multiple_of(LANES));
        panels.take_columns(w, 0..w.ncols(), 0);
        panels
    }

    pub fn set_zero(&mut self) {
        self.data.fill(ZERO);
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of panels.
    pub fn count(&self) -> usize {
        self.data.len().checked_div(self.rows).unwrap_or(0)
    }

    #[inline(always)]
    pub fn panel(&self, n: usize) -> &[Row] {
        &self.data[n * self.rows..][..self.rows]
    }

    pub fn panel_mut(&mut self, n: usize) -> &mut [Row] {
        &mut self.data[n * self.rows..][..self.rows]
    }

    pub fn data(&self) -> &[Row] {
        &self.data
    }

    pub fn view(&self) -> View<'_> {
        self.view_rows(0..self.rows)
    }

    /// All panels of some rows.
    pub fn view_rows(&self, rows: Range<usize>) -> View<'_> {
        View {
            data: &self.data,
            stride: self.rows,
            first: rows.start,
            rows: rows.len(),
        }
    }

    /// All panels of some rows, mutable.
    pub fn view_rows_mut(&mut self, rows: Range<usize>) -> ViewMut<'_> {
        ViewMut {
            data: &mut self.data,
            stride: self.rows,
            first: rows.start,
            rows: rows.len(),
        }
    }

    pub fn data_mut(&mut self) -> &mut [Row] {
        &mut self.data
    }

    /// Copies columns of a matrix (features × tokens) to the rows from row `at` on.
    pub fn take_columns(&mut self, m: &DMatrix<f32>, columns: Range<usize>, at: usize) {
        let features = m.nrows();
        let columns = &m.as_slice()[columns.start * features..columns.end * features];
        if features > 0 {
            for (r, column) in columns.chunks_exact(features).enumerate() {
                self.take_row(at + r, column);
            }
        }
    }

    /// Sets the features of one row.
    pub fn take_row(&mut self, r: usize, features: &[f32]) {
        let rows = self.rows;
        let (whole, rest) = features.as_chunks::<LANES>();
        for (p, row) in whole.iter().enumerate() {
            self.data[p * rows + r] = *row;
        }
        if !rest.is_empty() {
            self.data[whole.len() * rows + r][..rest.len()].copy_from_slice(rest);
        }
    }

    /// The matrix whose row k is row `from[k]` of this one.
    pub fn select_rows(&self, from: &[usize]) -> Self {
        let mut selected = Self::any(self.count() * LANES, from.len());
        for p in 0..self.count() {
            let panel = self.panel(p);
            for (to, &r) in selected.panel_mut(p).iter_mut().zip(from) {
                *to = panel[r];
            }
        }
        selected
    }

    /// Sets the features of one row to zero.
    pub fn clear_row(&mut self, r: usize) {
        for p in 0..self.count() {
            self.panel_mut(p)[r] = ZERO;
        }
    }

    /// Copies the rows to the columns of a matrix (features × tokens) from column `at` on.
    pub fn give_columns(&self, m: &mut DMatrix<f32>, at: usize) {
        let (rows, features) = (self.rows, m.nrows());
        for (r, column) in columns_mut(m, at).take(rows).enumerate() {
            let (whole, rest) = column.as_chunks_mut::<LANES>();
            for (p, part) in whole.iter_mut().enumerate() {
                *part = self.data[p * rows + r];
            }
            if !rest.is_empty() {
                rest.copy_from_slice(&self.data[features / LANES * rows + r][..rest.len()]);
            }
        }
    }

    /// Adds the first rows to the columns of a matrix (features × at most that many columns).
    pub fn add_to_columns(&self, m: &mut DMatrix<f32>) {
        for (r, column) in columns_mut(m, 0).enumerate() {
            for (p, part) in column.chunks_mut(LANES).enumerate() {
                let row = &self.data[p * self.rows + r];
                part.iter_mut().zip(row).for_each(|(to, from)| *to += from);
            }
        }
    }
}

// ANCHOR: views
/// Some neighbouring rows of some neighbouring panels.
#[derive(Clone, Copy, Default)]
pub(crate) struct View<'a> {
    data: &'a [Row],
    /// The distance from a panel to the next.
    stride: usize,
    first: usize,
    rows: usize,
}

/// Some neighbouring rows of some neighbouring panels, mutable.
pub(crate) struct ViewMut<'a> {
    data: &'a mut [Row],
    stride: usize,
    first: usize,
    rows: usize,
}
// ANCHOR_END: views

impl<'a> View<'a> {
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of panels.
    pub fn count(&self) -> usize {
        self.data.len().checked_div(self.stride).unwrap_or(0)
    }

    #[inline(always)]
    pub fn panel(&self, n: usize) -> &'a [Row] {
        &self.data[n * self.stride + self.first..][..self.rows]
    }

    /// The view of some of the panels.
    pub fn panels(self, range: &Range<usize>) -> Self {
        Self {
            data: &self.data[range.start * self.stride..range.end * self.stride],
            ..self
        }
    }

    /// The view of some of the rows.
    pub fn part(self, rows: &Range<usize>) -> Self {
        Self {
            first: self.first + rows.start,
            rows: rows.len(),
            ..self
        }
    }
}

impl<'a> ViewMut<'a> {
    /// Some rows of all panels, which have `stride` rows each.
    #[inline(always)]
    pub fn new(data: &'a mut [Row], stride: usize, rows: &Range<usize>) -> Self {
        Self {
            data,
            stride,
            first: rows.start,
            rows: rows.len(),
        }
    }

    #[inline(always)]
    pub fn panel_mut(&mut self, n: usize) -> &mut [Row] {
        &mut self.data[n * self.stride + self.first..][..self.rows]
    }

    /// Iterates over the panels.
    #[inline(always)]
    pub fn panels_mut(&mut self) -> impl Iterator<Item = &mut [Row]> {
        let rows = self.first..self.first + self.rows;
        let panels = self.data.chunks_exact_mut(self.stride);
        panels.map(move |panel| &mut panel[rows.clone()])
    }

    /// Cuts the panels into work items, which are ranges of groups of `each` panels.
    pub fn split(self, items: &[Range<usize>], each: usize) -> Vec<Self> {
        let parts = split(self.data, items, each * self.stride).into_iter();
        parts.map(|data| Self { data, ..self }).collect()
    }
}

/// Cuts rows into work items, which are ranges of groups of `each` rows.
pub(crate) fn split<'a>(
    mut rows: &'a mut [Row],
    items: &[Range<usize>],
    each: usize,
) -> Vec<&'a mut [Row]> {
    let cut = |groups: &Range<usize>| rows.split_off_mut(..groups.len() * each);
    let parts = items.iter().map(cut);
    parts
        .map(|part| part.expect("no more than there are"))
        .collect()
}

/// The columns of a matrix from column `at` on.
fn columns_mut(m: &mut DMatrix<f32>, at: usize) -> impl Iterator<Item = &mut [f32]> {
    let features = m.nrows();
    m.as_mut_slice()[at * features..].chunks_exact_mut(features.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_come_back_and_the_rest_is_zero() {
        let m = DMatrix::from_fn(35, 4, |f, n| (100 * n + f + 1) as f32);
        let mut panels = Panels::zeros(35, 5);
        panels.take_columns(&m, 1..4, 0);
        assert_eq!((panels.count(), panels.rows()), (3, 5));
        assert_eq!(panels.panel(1)[0][3], 120.0);
        assert_eq!(panels.panel(2)[2][..4], [333.0, 334.0, 335.0, 0.0]);
        assert_eq!(panels.panel(0)[3], ZERO);
        let mut back = DMatrix::zeros(35, 5);
        panels.give_columns(&mut back, 0);
        assert_eq!(back.columns(0, 3), m.columns(1, 3));
    }
}
