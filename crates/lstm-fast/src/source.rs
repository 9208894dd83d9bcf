//! The input product W_x x_t.
//!
//! If the vocabulary has no more tokens than the batch, W_x is not multiplied by the embedding of every
//! token of the batch. Instead, the table W_x E is computed once, and a step initialises its accumulators
//! with rows of this table. For one-hot tokens, the table is W_x itself.

use crate::lanes::{LANES, Lanes, Row};
use crate::level::{Kernel, Level};
use crate::packed::Fast;
use crate::panels::{Panels, View};
use crate::product::multiply_add;
use crate::work::{Machine, share_multiply_add};
use lstm_model::{Input, look_up};
use nalgebra::DMatrix;
use std::borrow::Cow;
use std::ops::Range;

/// The source of the input product.
pub(crate) enum Source<'a> {
    /// x_t in columns, and in panels for the current step: one product for each step.
    Columns(Cow<'a, DMatrix<f32>>, Panels),
    /// The tokens, and W_x E: \[4H/16\]\[V\]\[16\].
    Table(&'a [u32], Cow<'a, Panels>),
}

impl<'a> Source<'a> {
    pub fn new(machine: Machine<'_>, layer: &'a Fast, input: Input<'a, f32>, rows: usize) -> Self {
        let columns = |x: Cow<'a, DMatrix<f32>>| {
            let panels = Panels::zeros(x.nrows(), rows);
            Self::Columns(x, panels)
        };
        match input {
            Input::Dense(x) => columns(Cow::Borrowed(x)),
            Input::OneHot(ids) => Self::Table(ids, Cow::Borrowed(&layer.w_x)),
            Input::Embedded { ids, table: e } if is_tabulated(ids, e) => {
                Self::Table(ids, Cow::Owned(input_table(machine, layer, e)))
            }
            Input::Embedded { ids, table: e } => columns(Cow::Owned(look_up(e, ids))),
        }
    }

    /// The source at one step.
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
    /// Sets some panels of the gates, \[panels\]\[rows\]\[16\], to W_x x_t + b (E1 without its recurrent
    /// term, which is added later).
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

/// W_x E, \[4H/16\]\[V\]\[16\].
pub(crate) fn input_table(machine: Machine<'_>, layer: &Fast, e: &DMatrix<f32>) -> Panels {
    let mut table = Panels::zeros(layer.b.len() * LANES, e.ncols());
    let e = Panels::of_columns(e);
    share_multiply_add(machine, 0, table.data_mut(), e.view(), layer.w_x.view());
    table
}

impl Fast {
    /// The number of rows of each of the three products of a training step with W_x (W_x x, dW_x, dx), for
    /// `tokens` embedded tokens: one for each token, or one for each token of the vocabulary if that is
    /// less.
    pub fn input_rows(vocab_size: usize, tokens: usize) -> usize {
        vocab_size.min(tokens)
    }
}

/// Whether the vocabulary has no more tokens than the batch.
pub(crate) fn is_tabulated(ids: &[u32], e: &DMatrix<f32>) -> bool {
    e.ncols() <= ids.len()
}
