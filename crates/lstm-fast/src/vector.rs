//! One step of one sequence: products of matrices and a single vector.
//!
//! Every weight is used once, so a step takes as long as reading the weights. They are stored in the
//! order in which they are read, and every thread reads its own part of them.

use crate::activation::{sigmoid, tanh};
use crate::lanes::{Int16Row, LANES, Lanes, Row};
use crate::level::Kernel;
use crate::packed::{Fast, GATES};
use crate::panels::Panels;
use lstm_model::Head;
use std::ops::Range;

// ANCHOR: stored
/// How a reader stores sixteen weights: as multiples of a step. The step is a power of two, so counting
/// in steps changes no rounding of a sum.
pub(crate) trait Stored: Copy + Send + Sync + 'static {
    /// The step for weights of which none is larger than `max`.
    fn step(max: f32) -> f32;
    /// Weights, and the steps of their units.
    fn store(weights: Row, steps: &Row) -> Self;
    fn load<L: Lanes>(&self, l: L) -> L::V;
}

/// Weights in single precision, unchanged.
impl Stored for Row {
    fn step(_max: f32) -> f32 {
        1.0
    }

    fn store(weights: Row, _steps: &Row) -> Self {
        weights
    }

    #[inline(always)]
    fn load<L: Lanes>(&self, l: L) -> L::V {
        l.load(self)
    }
}

/// Weights as 16-bit integers, which halves the bytes to read.
impl Stored for Int16Row {
    fn step(max: f32) -> f32 {
        let exponent = (max / f32::from(i16::MAX)).log2().ceil();
        exponent.clamp(-100.0, f32::INFINITY).exp2()
    }

    fn store(weights: Row, steps: &Row) -> Self {
        std::array::from_fn(|lane| (weights[lane] / steps[lane]).round_ties_even() as i16)
    }

    #[inline(always)]
    fn load<L: Lanes>(&self, l: L) -> L::V {
        l.load_int16(self)
    }
}
// ANCHOR_END: stored

/// The weights of a layer for reading one token at a time.
#[derive(Debug)]
pub(crate) struct VectorLayer<W> {
    /// The number of inputs of W: x_t and h_{t−1} concatenated, each padded to a multiple of sixteen. If
    /// the layer reads tokens, x_t is not an input.
    pub inputs: usize,
    /// Sixteen units at a time: \[H/16\]\[inputs\]\[4\]\[16\].
    w: Vec<[W; GATES]>,
    /// The step of the weights of each gate of each unit: \[H/16\]\[4\]\[16\].
    steps: Vec<[Row; GATES]>,
    /// The initial values of the sums, in steps: b, or W_x x + b of every token of the vocabulary.
    /// \[1 or V\]\[H/16\]\[4\]\[16\]
    starts: Vec<[Row; GATES]>,
}

/// The weights of a layer in either precision.
#[derive(Debug)]
pub(crate) enum AnyLayer {
    Single(VectorLayer<Row>),
    Int16(VectorLayer<Int16Row>),
}

impl AnyLayer {
    pub fn inputs(&self) -> usize {
        match self {
            Self::Single(layer) => layer.inputs,
            Self::Int16(layer) => layer.inputs,
        }
    }

    /// Groups of sixteen units.
    pub fn units(&self) -> usize {
        match self {
            Self::Single(layer) => layer.units(),
            Self::Int16(layer) => layer.units(),
        }
    }
}

impl<W: Stored> VectorLayer<W> {
    /// A layer whose input is the layer below.
    pub fn on_vectors(layer: &Fast) -> Self {
        Self::new(&[&layer.w_x, &layer.w_h], layer.b.as_chunks().0.to_vec())
    }

    /// A layer whose input is tokens; `table` is W_x x of each token, \[4H/16\]\[V\]\[16\].
    pub fn on_tokens(layer: &Fast, table: &Panels, vocab_size: usize) -> Self {
        let b = layer.b.as_chunks::<GATES>().0;
        let starts = (0..vocab_size).flat_map(|id| {
            (0..b.len()).map(move |u| zip(of_gates(table, u, id), b[u], |x, b| x + b))
        });
        Self::new(&[&layer.w_h], starts.collect())
    }

    /// The layer with these weights, side by side, and these initial values of the sums.
    fn new(w: &[&Panels], mut starts: Vec<[Row; GATES]>) -> Self {
        let inputs = w.iter().map(|w| w.rows()).sum();
        let units = w[0].count() / GATES;
        let of_unit = |u| {
            w.iter()
                .flat_map(move |w| (0..w.rows()).map(move |n| of_gates(w, u, n)))
        };
        let (mut stored, mut steps) = (Vec::with_capacity(units * inputs), Vec::new());
        for u in 0..units {
            let none = [[0.0; LANES]; GATES];
            let max = of_unit(u).fold(none, |max, row| zip(max, row, larger));
            let step = max.map(|max| max.map(W::step));
            let store = |row: [Row; GATES]| std::array::from_fn(|k| W::store(row[k], &step[k]));
            stored.extend(of_unit(u).map(store));
            steps.push(step);
        }
        for (n, start) in starts.iter_mut().enumerate() {
            *start = zip(*start, steps[n % units], |start, step| start / step);
        }
        Self {
            inputs,
            w: stored,
            steps,
            starts,
        }
    }

    /// Groups of sixteen units.
    pub fn units(&self) -> usize {
        self.w.len() / self.inputs
    }
}

fn zip(a: [Row; GATES], b: [Row; GATES], op: impl Fn(f32, f32) -> f32) -> [Row; GATES] {
    std::array::from_fn(|k| std::array::from_fn(|lane| op(a[k][lane], b[k][lane])))
}

/// The larger magnitude. NaN counts as the largest, so that NaN weights give NaN results.
fn larger(max: f32, w: f32) -> f32 {
    if w.abs() > max || w.is_nan() {
        w.abs()
    } else {
        max
    }
}

/// Row n of the panels of the four gates of unit group u.
fn of_gates(w: &Panels, u: usize, n: usize) -> [Row; GATES] {
    std::array::from_fn(|k| w.panel(GATES * u + k)[n])
}

/// E1–E7 of one sequence, for some of the units.
pub(crate) struct VectorStep<'a, W> {
    pub layer: &'a VectorLayer<W>,
    /// Groups of sixteen units.
    pub units: Range<usize>,
    /// The token if the layer reads tokens; otherwise 0.
    pub start: usize,
    /// x_t and h_{t−1}.
    pub inputs: &'a [f32],
    /// In: c_{t−1} of these units. Out: c_t.
    pub c: &'a mut [Row],
    /// Out: h_t of these units.
    pub h: &'a mut [Row],
}

// ANCHOR: vector_step
impl<W: Stored> Kernel for VectorStep<'_, W> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, l: L) {
        let layer = self.layer;
        let starts = &layer.starts[self.start * layer.units()..][self.units.clone()];
        let steps = &layer.steps[self.units.clone()];
        let w = layer.w.chunks_exact(layer.inputs).skip(self.units.start);
        let states = self.c.iter_mut().zip(self.h);
        for (((start, step), w), (c, h)) in starts.iter().zip(steps).zip(w).zip(states) {
            let mut a = std::array::from_fn::<_, GATES, _>(|k| l.load(&start[k]));
            for (w, &x) in w.iter().zip(self.inputs) {
                let x = l.splat(x);
                for k in 0..GATES {
                    a[k] = l.mul_add(w[k].load(l), x, a[k]); // E1
                }
            }
            for k in 0..GATES {
                a[k] = l.mul(a[k], l.load(&step[k]));
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
            // With one sum instead of four, each addition would wait for the one before.
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
