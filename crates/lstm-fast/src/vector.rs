//! One sequence, one step: products of matrices with a single vector.
//!
//! Nothing is used twice here, so a step takes as long as it takes to read the weights. They stand
//! in the order in which they are read, and every thread reads its own part.

use crate::activation::{sigmoid, tanh};
use crate::lanes::{HalfRow, Lanes, Row};
use crate::level::Kernel;
use crate::packed::{Fast, GATES};
use crate::panels::{Panels, panels_of};
use half::f16;
use lstm_model::Head;
use std::ops::Range;

/// How a weight is kept while tokens are read one at a time.
pub(crate) trait Kept: Copy + Send + Sync + 'static {
    fn keep(row: Row) -> Self;
    fn load<L: Lanes>(&self, l: L) -> L::V;
}

/// In single precision, as it was trained.
impl Kept for Row {
    fn keep(row: Row) -> Self {
        row
    }

    #[inline(always)]
    fn load<L: Lanes>(&self, l: L) -> L::V {
        l.load(self)
    }
}

/// In half precision, rounded to 11 bits and to at most 65,504: half as much to read.
impl Kept for HalfRow {
    fn keep(row: Row) -> Self {
        let limit = f16::MAX.to_f32();
        row.map(|w| f16::from_f32(w.clamp(-limit, limit)).to_bits())
    }

    #[inline(always)]
    fn load<L: Lanes>(&self, l: L) -> L::V {
        l.load_half(self)
    }
}

/// A layer's weights for reading one token at a time.
#[derive(Debug)]
pub(crate) struct VectorLayer<W> {
    /// Inputs that W multiplies, x_t and h_{t−1} one after the other, each padded to sixteens; no
    /// x_t where it is a token.
    pub inputs: usize,
    /// Sixteen units at a time: \[H/16\]\[inputs\]\[4\]\[16\].
    w: Vec<[W; GATES]>,
    /// Where the sums start: b, or W_x x + b of every kind of token. \[1 or V\]\[H/16\]\[4\]\[16\]
    starts: Vec<[Row; GATES]>,
}

/// A layer's weights in one precision or the other.
#[derive(Debug)]
pub(crate) enum AnyLayer {
    Single(VectorLayer<Row>),
    Half(VectorLayer<HalfRow>),
}

impl AnyLayer {
    pub fn inputs(&self) -> usize {
        match self {
            Self::Single(layer) => layer.inputs,
            Self::Half(layer) => layer.inputs,
        }
    }

    /// Groups of sixteen units.
    pub fn units(&self) -> usize {
        match self {
            Self::Single(layer) => layer.units(),
            Self::Half(layer) => layer.units(),
        }
    }
}

impl<W: Kept> VectorLayer<W> {
    /// A layer that reads the layer below.
    pub fn on_vectors(layer: &Fast) -> Self {
        let units = panels_of(layer.hidden_size);
        let w = (0..units).flat_map(|u| {
            let both = [&layer.w_x, &layer.w_h].into_iter();
            both.flat_map(move |w| (0..w.rows()).map(move |n| of_gates(w, u, n).map(W::keep)))
        });
        Self {
            inputs: layer.w_x.rows() + layer.w_h.rows(),
            w: w.collect(),
            starts: layer.b.as_chunks().0.to_vec(),
        }
    }

    /// A layer that reads tokens; `table` is W_x x of each, \[4H/16\]\[V\]\[16\].
    pub fn on_tokens(layer: &Fast, table: &Panels, vocab_size: usize) -> Self {
        let units = panels_of(layer.hidden_size);
        let b = layer.b.as_chunks::<GATES>().0;
        let plus_b = |row: [Row; GATES], u: usize| -> [Row; GATES] {
            std::array::from_fn(|k| std::array::from_fn(|lane| row[k][lane] + b[u][k][lane]))
        };
        let starts = (0..vocab_size)
            .flat_map(|id| (0..units).map(move |u| plus_b(of_gates(table, u, id), u)));
        let w = (0..units).flat_map(|u| {
            let w_h = &layer.w_h;
            (0..w_h.rows()).map(move |n| of_gates(w_h, u, n).map(W::keep))
        });
        Self {
            inputs: layer.w_h.rows(),
            w: w.collect(),
            starts: starts.collect(),
        }
    }

    /// Groups of sixteen units.
    pub fn units(&self) -> usize {
        self.w.len() / self.inputs
    }
}

/// Row n of the four gates' panels of unit group u.
fn of_gates(w: &Panels, u: usize, n: usize) -> [Row; GATES] {
    std::array::from_fn(|k| w.panel(GATES * u + k)[n])
}

/// E1–E7 of one sequence, for some of the units.
pub(crate) struct VectorStep<'a, W> {
    pub layer: &'a VectorLayer<W>,
    /// Groups of sixteen units.
    pub units: Range<usize>,
    /// The token, where the layer reads tokens; otherwise 0.
    pub start: usize,
    /// x_t and h_{t−1}.
    pub inputs: &'a [f32],
    /// In: c_{t−1} of these units. Out: c_t.
    pub c: &'a mut [Row],
    /// Out: h_t of these units.
    pub h: &'a mut [Row],
}

// ANCHOR: vector_step
impl<W: Kept> Kernel for VectorStep<'_, W> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, l: L) {
        let layer = self.layer;
        let starts = &layer.starts[self.start * layer.units()..][self.units.clone()];
        let w = layer.w.chunks_exact(layer.inputs).skip(self.units.start);
        let states = self.c.iter_mut().zip(self.h);
        for ((start, w), (c, h)) in starts.iter().zip(w).zip(states) {
            let mut a = std::array::from_fn::<_, GATES, _>(|k| l.load(&start[k]));
            for (w, &x) in w.iter().zip(self.inputs) {
                let x = l.splat(x);
                for k in 0..GATES {
                    a[k] = l.mul_add(w[k].load(l), x, a[k]); // E1
                }
            }
            let [i_t, f_t, g_t, o_t] = [
                sigmoid(l, a[0]),
                sigmoid(l, a[1]),
                tanh(l, a[2]),
                sigmoid(l, a[3]),
            ]; // E2–E5
            let c_t = l.mul_add(f_t, l.load(c), l.mul(i_t, g_t)); // E6
            l.store(c_t, c);
            l.store(l.mul(o_t, tanh(l, c_t)), h); // E7
        }
    }
}
// ANCHOR_END: vector_step

/// W_y and b_y for one vector.
#[derive(Debug)]
pub(crate) struct VectorHead {
    /// \[V/16\]\[H\]\[16\]
    w: Panels,
    /// \[V/16\]\[1\]\[16\]
    b: Panels,
}

impl VectorHead {
    pub fn new(head: &Head<f32>) -> Self {
        let mut b = Panels::zeros(head.vocab_size(), 1);
        b.take_row(0, head.b.as_slice());
        Self {
            w: Panels::of_weights(&head.w),
            b,
        }
    }

    /// Groups of sixteen tokens of the vocabulary.
    pub fn panels(&self) -> usize {
        self.b.count()
    }
}

/// E20 for some of the vocabulary.
pub(crate) struct VectorLogits<'a> {
    pub head: &'a VectorHead,
    /// Groups of sixteen tokens.
    pub panels: Range<usize>,
    pub h: &'a [f32],
    /// Out: their logits.
    pub z: &'a mut [Row],
}

impl Kernel for VectorLogits<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, l: L) {
        for (panel, z) in self.panels.zip(self.z) {
            // Four sums, or each addition would wait for the one before.
            let mut sums = [l.splat(0.0); 4];
            let (w, h) = (self.head.w.panel(panel).as_chunks::<4>().0, self.h);
            for (w, h) in w.iter().zip(h.as_chunks::<4>().0) {
                for n in 0..4 {
                    sums[n] = l.mul_add(l.load(&w[n]), l.splat(h[n]), sums[n]);
                }
            }
            let sum = l.add(l.add(sums[0], sums[1]), l.add(sums[2], sums[3]));
            l.store(l.add(sum, l.load(&self.head.b.panel(panel)[0])), z);
        }
    }
}
