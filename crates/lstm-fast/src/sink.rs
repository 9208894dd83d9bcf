//! The gradient of the input product W_x x_t: the backward pass of `source`. If `source` has a table, da is
//! first summed for each token of the vocabulary.

use crate::lanes::{LANES, Lanes, Row};
use crate::level::Kernel;
use crate::memory::any_matrix;
use crate::packed::{Fast, transposed};
use crate::panels::{Panels, View};
use crate::source::is_tabulated;
use crate::work::{MOVED, Machine, panel_items, share_multiply_add, share_outer_add};
use lstm_model::{Input, Team, look_up, share, table_gradient};
use nalgebra::DMatrix;
use std::borrow::Cow;
use std::ops::Range;
use std::slice::ChunksExactMut;

/// The backward pass of [`Source`](crate::source::Source): dW_x, and dx or dE.
pub(crate) enum Sink<'a> {
    Columns {
        x: Cow<'a, DMatrix<f32>>,
        /// x_t of the steps whose da has not been accumulated yet: D in panels.
        xs: Panels,
        w_x_transposed: Panels,
        /// dx_t of one step: D in panels.
        dx_t: Panels,
        dx: DMatrix<f32>,
        /// The tokens and E, if the tokens are embedded.
        looked_up: Option<(&'a [u32], &'a DMatrix<f32>)>,
    },
    Table {
        tokens: Tokens<'a>,
        e: &'a DMatrix<f32>,
        /// Σ da for each token of the vocabulary: \[4H/16\]\[V\]\[16\].
        sums: Panels,
    },
    /// One-hot tokens: dW_x is the table of sums.
    OneHot(Tokens<'a>),
}

/// The tokens, and the tokens of the steps whose da has not been accumulated yet.
pub(crate) struct Tokens<'a> {
    ids: &'a [u32],
    pending: Vec<u32>,
}

impl<'a> Sink<'a> {
    /// A sink for steps of `rows` sequences that are accumulated after at most `pending` tokens.
    pub fn new(
        team: &dyn Team,
        layer: &Fast,
        input: Input<'a, f32>,
        rows: usize,
        pending: usize,
    ) -> Self {
        let columns = |x: Cow<'a, DMatrix<f32>>, looked_up| Self::Columns {
            xs: Panels::zeros(x.nrows(), pending),
            w_x_transposed: transposed(team, &layer.w_x),
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

    /// Processes a step: stores its tokens as the pending rows from `at` on, and computes dx_t (E15) if
    /// dx is needed. da is zero for sequences whose step is not `real`.
    pub fn step(
        &mut self,
        machine: Machine<'_>,
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
                // 0 · NaN is NaN, so a NaN in the padding would reach the gradient even if da is zero.
                let padded = (0..real.len()).filter(|&b| !real[b]);
                padded.for_each(|b| xs.clear_row(at + b));
                dx_t.set_zero();
                share_multiply_add(machine, 0, dx_t.data_mut(), da, w_x_transposed.view());
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

    /// Accumulates the da of the pending tokens in dW_x (E16) or in the table of sums.
    pub fn accumulate(&mut self, machine: Machine<'_>, das: View<'_>, grad: &mut Fast) {
        let rows = 0..das.rows();
        match self {
            Self::Columns { xs, .. } => {
                share_outer_add(machine, &mut grad.w_x, xs.view_rows(rows), das);
            }
            Self::Table { tokens, sums, .. } => scatter(machine, sums, das, &tokens.pending[rows]),
            Self::OneHot(tokens) => scatter(machine, &mut grad.w_x, das, &tokens.pending[rows]),
        }
    }

    /// dx of every token, or dE (E19).
    pub fn finish(
        self,
        machine: Machine<'_>,
        layer: &Fast,
        grad: &mut Fast,
    ) -> Option<DMatrix<f32>> {
        match self {
            Self::Columns { dx, looked_up, .. } => Some(match looked_up {
                Some((ids, e)) => table_gradient(e, ids, &dx),
                None => dx,
            }),
            Self::Table { e, sums, .. } => {
                let panels = Panels::of_columns(e);
                share_outer_add(machine, &mut grad.w_x, panels.view(), sums.view());
                let mut de = Panels::zeros(e.nrows(), e.ncols());
                let w = transposed(machine.team, &layer.w_x);
                share_multiply_add(machine, 0, de.data_mut(), sums.view(), w.view());
                let mut columns = DMatrix::zeros(e.nrows(), e.ncols());
                de.give_columns(&mut columns, 0);
                Some(columns)
            }
            Self::OneHot(_) => None,
        }
    }
}

/// sums\[:, s_r\] += da_r for every row r.
fn scatter(machine: Machine<'_>, sums: &mut Panels, da: View<'_>, ids: &[u32]) {
    let Machine { level, team } = machine;
    let (kinds, work) = (sums.rows(), MOVED * LANES * da.count() * da.rows());
    let items = panel_items(team, sums.data_mut(), kinds, work);
    share(team, items, |(sums, panels)| {
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
