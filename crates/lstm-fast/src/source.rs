//! Where W_x x_t comes from.
//!
//! Tokens of which there are fewer kinds than places are not multiplied one by one: W_x E is made
//! once for every kind, and a step starts its accumulators from the rows of that table. One-hot
//! tokens have W_x itself for a table.

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

/// The input's part of the pre-activations.
pub(crate) enum Source<'a> {
    /// x_t in columns, and in panels for the current step: one product a step.
    Columns(Cow<'a, DMatrix<f32>>, Panels),
    /// Tokens, and W_x E of every kind of token: \[4H/16\]\[V\]\[16\].
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

/// W_x E: W_x x of every kind of token, \[4H/16\]\[V\]\[16\].
pub(crate) fn input_table(machine: Machine<'_>, layer: &Fast, e: &DMatrix<f32>) -> Panels {
    let mut table = Panels::zeros(layer.b.len() * LANES, e.ncols());
    let e = Panels::of_columns(e);
    share_multiply_add(machine, 0, table.data_mut(), e.view(), layer.w_x.view());
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
pub(crate) fn is_tabulated(ids: &[u32], e: &DMatrix<f32>) -> bool {
    e.ncols() <= ids.len()
}
