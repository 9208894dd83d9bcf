//! Where W_x x_t comes from, and where its gradient goes.
//!
//! Tokens of which there are fewer kinds than places are not multiplied one by one: W_x E is made
//! once for every kind, and a step starts its accumulators from the rows of that table. One-hot
//! tokens have W_x itself for a table. On the way back, da is summed for each kind first.

use crate::lanes::{LANES, Lanes, Row};
use crate::level::{Kernel, Level};
use crate::packed::{Fast, transposed};
use crate::panels::{Panels, View};
use crate::product::multiply_add;
use crate::spare::any_matrix;
use crate::team::{MOVED, panels_in_pieces, share_multiply_add, share_outer_add};
use lstm_model::{Input, look_up, share, table_gradient};
use nalgebra::DMatrix;
use std::borrow::Cow;
use std::ops::Range;
use std::slice::ChunksExactMut;

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

    /// What it has for the tokens of one step.
    pub fn at(&mut self, tokens: Range<usize>) -> StepSource<'_> {
        match self {
            Self::Columns(x, panels) => {
                panels.take_columns(x, tokens, 0);
                StepSource::Columns(panels.view())
            }
            Self::Table(ids, table) => StepSource::Table(&ids[tokens], table.view()),
        }
    }
}

/// A [`Source`] at one step.
pub(crate) enum StepSource<'a> {
    Columns(View<'a>),
    Table(&'a [u32], View<'a>),
}

impl StepSource<'_> {
    // ANCHOR: source_start
    /// a = W_x x_t + b (E1 without its recurrent term) of some panels of the gates, to which the
    /// recurrent term is added in place: \[panels\]\[rows\]\[16\].
    pub fn start(&self, level: Level, layer: &Fast, panels: &Range<usize>, a: &mut [Row]) {
        let b = &layer.b[panels.clone()];
        match self {
            Self::Columns(x, ..) => {
                for (a, &b) in a.chunks_exact_mut(x.rows()).zip(b) {
                    a.fill(b);
                }
                multiply_add(level, a, *x, layer.w_x.view().panels(panels));
            }
            Self::Table(ids, table) => level.run(Gather {
                a,
                table: table.panels(panels),
                b,
                ids,
            }),
        }
    }
    // ANCHOR_END: source_start
}

/// a_r = table\[:, s_r\] + b for every row r.
struct Gather<'a> {
    a: &'a mut [Row],
    table: View<'a>,
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
        xs: Panels,
        w_x_transposed: Panels,
        /// dx_t of one step: D in panels.
        dx_t: Panels,
        dx: DMatrix<f32>,
        /// Of tokens that are looked up: the tokens, and E.
        looked_up: Option<(&'a [u32], &'a DMatrix<f32>)>,
    },
    Table {
        tokens: Tokens<'a>,
        e: &'a DMatrix<f32>,
        /// Σ da over the places of each kind of token: \[4H/16\]\[V\]\[16\].
        sums: Panels,
    },
    /// dW_x is the table of sums.
    OneHot(Tokens<'a>),
}

/// Tokens, and those of the steps whose da has not been accumulated yet.
pub(crate) struct Tokens<'a> {
    ids: &'a [u32],
    pending: Vec<u32>,
}

impl<'a> Sink<'a> {
    /// For steps of `rows` sequences each, accumulated after at most `pending` tokens.
    pub fn new(layer: &Fast, input: Input<'a, f32>, rows: usize, pending: usize) -> Self {
        let columns = |x: Cow<'a, DMatrix<f32>>, looked_up| Self::Columns {
            xs: Panels::zeros(x.nrows(), pending),
            w_x_transposed: transposed(&layer.w_x),
            dx_t: Panels::zeros(x.nrows(), rows),
            dx: any_matrix(x.nrows(), x.ncols()),
            x,
            looked_up,
        };
        let tokens = |ids| Tokens {
            ids,
            pending: vec![0; pending],
        };
        match input {
            Input::Dense(x) => columns(Cow::Borrowed(x), None),
            Input::OneHot(ids) => Self::OneHot(tokens(ids)),
            Input::Embedded { ids, table: e } if is_tabulated(ids, e) => Self::Table {
                tokens: tokens(ids),
                e,
                sums: Panels::zeros(layer.b.len() * LANES, e.ncols()),
            },
            Input::Embedded { ids, table: e } => {
                columns(Cow::Owned(look_up(e, ids)), Some((ids, e)))
            }
        }
    }

    /// Takes a step, whose tokens become the rows from `at` on among those to be accumulated, and
    /// gives dx_t of its da (E15) where tokens have one each. da is zero where the step is not `real`.
    pub fn step(
        &mut self,
        level: Level,
        da: View<'_>,
        tokens: Range<usize>,
        at: usize,
        real: &[bool],
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
                xs.take_columns(x, tokens.clone(), at);
                // Zero times whatever stands in the padding is not always zero.
                let padded = (0..real.len()).filter(|&b| !real[b]);
                padded.for_each(|b| xs.clear_row(at + b));
                dx_t.set_zero();
                share_multiply_add(level, 0, dx_t.data_mut(), da, w_x_transposed.view());
                dx_t.give_columns(dx, tokens.start);
            }
            Self::Table {
                tokens: Tokens { ids, pending },
                ..
            }
            | Self::OneHot(Tokens { ids, pending }) => {
                pending[at..at + tokens.len()].copy_from_slice(&ids[tokens]);
            }
        }
    }

    /// dW_x of the pending tokens, whose da these are (E16), or what they add to the table of sums.
    pub fn accumulate(&mut self, level: Level, das: View<'_>, grad: &mut Fast) {
        let rows = 0..das.rows();
        match self {
            Self::Columns { xs, .. } => {
                share_outer_add(level, &mut grad.w_x, xs.view_rows(rows), das);
            }
            Self::Table { tokens, sums, .. } => scatter(level, sums, das, &tokens.pending[rows]),
            Self::OneHot(tokens) => scatter(level, &mut grad.w_x, das, &tokens.pending[rows]),
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
                share_outer_add(level, &mut grad.w_x, panels.view(), sums.view());
                let mut de = Panels::zeros(e.nrows(), e.ncols());
                let w = transposed(&layer.w_x);
                share_multiply_add(level, 0, de.data_mut(), sums.view(), w.view());
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
    share_multiply_add(level, 0, table.data_mut(), e.view(), layer.w_x.view());
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
fn scatter(level: Level, sums: &mut Panels, da: View<'_>, ids: &[u32]) {
    let (kinds, work) = (sums.rows(), MOVED * LANES * da.count() * da.rows());
    let pieces = panels_in_pieces(sums.data_mut(), kinds, work);
    share(pieces, |(sums, panels)| {
        let (sums, da) = (sums.chunks_exact_mut(kinds), da.panels(&panels));
        level.run(Scatter { sums, da, ids });
    });
}

struct Scatter<'a> {
    sums: ChunksExactMut<'a, Row>,
    da: View<'a>,
    ids: &'a [u32],
}

impl Kernel for Scatter<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, l: L) {
        for (panel, sums) in self.sums.enumerate() {
            for (da, &id) in self.da.panel(panel).iter().zip(self.ids) {
                let sum = &mut sums[id as usize];
                l.store(l.add(l.load(sum), l.load(da)), sum);
            }
        }
    }
}
