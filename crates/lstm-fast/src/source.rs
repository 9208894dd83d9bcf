//! Where W_x x_t comes from, and where its gradient goes.
//!
//! Tokens of which there are fewer kinds than places are not multiplied one by one: W_x E is made
//! once for every kind, and a step starts its accumulators from the rows of that table. One-hot
//! tokens have W_x itself for a table. On the way back, da is summed for each kind first.

use crate::lanes::{LANES, Lanes, Row};
use crate::level::{Kernel, Level};
use crate::packed::{Fast, transposed};
use crate::panels::Panels;
use crate::product::{multiply_add, outer_add};
use crate::spare::{Buffer, any_matrix};
use lstm_model::{Input, look_up, table_gradient};
use nalgebra::DMatrix;
use std::borrow::Cow;
use std::ops::Range;

/// The input's part of the pre-activations.
pub(crate) enum Source<'a> {
    /// x_t in columns, and in panels for the step at hand: one product a step.
    Columns(Cow<'a, DMatrix<f32>>, Panels),
    /// Tokens, and W_x E of every kind of token: \[4H/16\]\[V\]\[16\].
    Table(&'a [u32], Cow<'a, Panels>),
}

impl<'a> Source<'a> {
    pub fn new(level: Level, layer: &'a Fast, input: Input<'a, f32>, rows: usize) -> Self {
        let columns = |x: Cow<'a, DMatrix<f32>>| {
            let panels = Panels::zeros(x.nrows(), rows);
            Self::Columns(x, panels)
        };
        match input {
            Input::Dense(x) => columns(Cow::Borrowed(x)),
            Input::OneHot(ids) => Self::Table(ids, Cow::Borrowed(&layer.w_x)),
            Input::Embedded { ids, table: e } if is_tabulated(ids, e) => {
                Self::Table(ids, Cow::Owned(input_table(level, layer, e)))
            }
            Input::Embedded { ids, table: e } => columns(Cow::Owned(look_up(e, ids))),
        }
    }

    // ANCHOR: source_start
    /// a = W_x x_t + b (E1 without its recurrent term) of the tokens of one step, to which the
    /// recurrent term is added in place: \[4H/16\]\[rows\]\[16\].
    pub fn start(&mut self, level: Level, layer: &Fast, tokens: Range<usize>) -> Buffer {
        let mut a = Buffer::any(layer.b.len() * tokens.len());
        match self {
            Self::Columns(x, panels) => {
                for (a, &b) in a.chunks_exact_mut(tokens.len()).zip(&layer.b) {
                    a.fill(b);
                }
                panels.take_columns(x, tokens);
                multiply_add(level, &mut a, panels, &layer.w_x);
            }
            Self::Table(ids, table) => level.run(Gather {
                a: &mut a,
                table,
                b: &layer.b,
                ids: &ids[tokens],
            }),
        }
        a
    }
    // ANCHOR_END: source_start
}

/// a_r = table\[:, s_r\] + b for every row r.
struct Gather<'a> {
    a: &'a mut [Row],
    table: &'a Panels,
    b: &'a [Row],
    ids: &'a [u32],
}

// ANCHOR: gather
impl Kernel for Gather<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, l: L) {
        let panels = self.a.chunks_exact_mut(self.ids.len()).zip(self.b);
        for (panel, (a, b)) in panels.enumerate() {
            let (table, b) = (self.table.panel(panel), l.load(b));
            for (a, &id) in a.iter_mut().zip(self.ids) {
                l.store(l.add(l.load(&table[id as usize]), b), a);
            }
        }
    }
}
// ANCHOR_END: gather

/// The way back through [`Source`]: dW_x, and the gradient of what the input holds.
pub(crate) enum Sink<'a> {
    Columns {
        x: Cow<'a, DMatrix<f32>>,
        /// x_t of the steps whose da has not been accumulated yet: D in panels.
        xs: Vec<Panels>,
        w_x_transposed: Panels,
        /// dx_t of one step: D in panels.
        dx_t: Panels,
        dx: DMatrix<f32>,
        /// Of tokens that are looked up: the tokens, and E.
        looked_up: Option<(&'a [u32], &'a DMatrix<f32>)>,
    },
    Table {
        ids: &'a [u32],
        e: &'a DMatrix<f32>,
        /// Σ da over the places of each kind of token: \[4H/16\]\[V\]\[16\].
        sums: Panels,
    },
    /// dW_x is the table of sums.
    OneHot(&'a [u32]),
}

impl<'a> Sink<'a> {
    /// For steps of `rows` sequences each.
    pub fn new(layer: &Fast, input: Input<'a, f32>, rows: usize) -> Self {
        let columns = |x: Cow<'a, DMatrix<f32>>, looked_up| Self::Columns {
            xs: Vec::new(),
            w_x_transposed: transposed(&layer.w_x),
            dx_t: Panels::zeros(x.nrows(), rows),
            dx: any_matrix(x.nrows(), x.ncols()),
            x,
            looked_up,
        };
        match input {
            Input::Dense(x) => columns(Cow::Borrowed(x), None),
            Input::OneHot(ids) => Self::OneHot(ids),
            Input::Embedded { ids, table: e } if is_tabulated(ids, e) => Self::Table {
                ids,
                e,
                sums: Panels::zeros(layer.b.len() * LANES, e.ncols()),
            },
            Input::Embedded { ids, table: e } => {
                columns(Cow::Owned(look_up(e, ids)), Some((ids, e)))
            }
        }
    }

    /// Takes da of one step (E15), which is zero where the step is not `real`.
    pub fn step(
        &mut self,
        level: Level,
        da: &Panels,
        tokens: Range<usize>,
        real: &[bool],
        grad: &mut Fast,
    ) {
        match self {
            Self::Columns {
                x,
                xs,
                w_x_transposed,
                dx_t,
                dx,
                ..
            } => {
                let mut x_t = Panels::zeros(x.nrows(), da.rows());
                x_t.take_columns(x, tokens.clone());
                // Zero times whatever stands in the padding is not always zero.
                let padded = (0..real.len()).filter(|&b| !real[b]);
                padded.for_each(|b| x_t.clear_row(b));
                xs.push(x_t);
                dx_t.set_zero();
                multiply_add(level, dx_t.data_mut(), da, w_x_transposed);
                dx_t.give_columns(dx, tokens.start);
            }
            Self::Table { ids, sums, .. } => scatter(level, sums, da, &ids[tokens]),
            Self::OneHot(ids) => scatter(level, &mut grad.w_x, da, &ids[tokens]),
        }
    }

    /// dW_x of the pending steps, whose h_{t−1} and da these are (E16).
    pub fn accumulate(&mut self, level: Level, pending: &[(&Panels, &Panels)], grad: &mut Fast) {
        if let Self::Columns { xs, .. } = self {
            let das = pending.iter().map(|&(_, da)| da);
            let parts: Vec<_> = xs.iter().zip(das).collect();
            outer_add(level, &mut grad.w_x, &parts);
            xs.clear();
        }
    }

    /// dx of every token, or dE (E19).
    pub fn finish(self, level: Level, layer: &Fast, grad: &mut Fast) -> Option<DMatrix<f32>> {
        match self {
            Self::Columns { dx, looked_up, .. } => Some(match looked_up {
                Some((ids, e)) => table_gradient(e, ids, &dx),
                None => dx,
            }),
            Self::Table { e, sums, .. } => {
                let panels = Panels::of_columns(e);
                outer_add(level, &mut grad.w_x, &[(&panels, &sums)]);
                let mut de = Panels::zeros(e.nrows(), e.ncols());
                let w = transposed(&layer.w_x);
                multiply_add(level, de.data_mut(), &sums, &w);
                let mut columns = DMatrix::zeros(e.nrows(), e.ncols());
                de.give_columns(&mut columns, 0);
                Some(columns)
            }
            Self::OneHot(_) => None,
        }
    }
}

/// W_x E: W_x x of every kind of token, \[4H/16\]\[V\]\[16\].
pub(crate) fn input_table(level: Level, layer: &Fast, e: &DMatrix<f32>) -> Panels {
    let mut table = Panels::zeros(layer.b.len() * LANES, e.ncols());
    let e = Panels::of_columns(e);
    multiply_add(level, table.data_mut(), &e, &layer.w_x);
    table
}

impl Fast {
    /// The rows of each of the three products of a training step that W_x takes part in (W_x x, dW_x,
    /// dx), where `tokens` tokens of `vocab_size` kinds are embedded and read together: one for each
    /// token, or one for each kind if that is less.
    pub fn input_rows(vocab_size: usize, tokens: usize) -> usize {
        vocab_size.min(tokens)
    }
}

/// Whether there are no more kinds of token than places.
fn is_tabulated(ids: &[u32], e: &DMatrix<f32>) -> bool {
    e.ncols() <= ids.len()
}

/// sums\[:, s_r\] += da_r for every row r.
fn scatter(level: Level, sums: &mut Panels, da: &Panels, ids: &[u32]) {
    level.run(Scatter { sums, da, ids });
}

struct Scatter<'a> {
    sums: &'a mut Panels,
    da: &'a Panels,
    ids: &'a [u32],
}

impl Kernel for Scatter<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, l: L) {
        for panel in 0..self.sums.count() {
            let sums = self.sums.panel_mut(panel);
            for (da, &id) in self.da.panel(panel).iter().zip(self.ids) {
                let sum = &mut sums[id as usize];
                l.store(l.add(l.load(sum), l.load(da)), sum);
            }
        }
    }
}
