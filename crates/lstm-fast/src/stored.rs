//! The weights of a layer in the order in which a step of a few sequences reads them.

use crate::lanes::{Int16Row, LANES, Lanes, Row};
use crate::packed::{Fast, GATES};
use crate::panels::Panels;

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

/// A row for each gate. It begins at a cache line, because a row that does not would be loaded as two lines.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct OfGates<W>(pub [W; GATES]);

impl<W: Stored> OfGates<W> {
    #[inline(always)]
    pub fn prefetch<L: Lanes>(&self, l: L) {
        for row in &self.0 {
            l.prefetch(row);
        }
    }
}

/// The weights of a layer for reading one token at a time.
#[derive(Debug)]
pub(crate) struct VectorLayer<W> {
    /// The number of inputs of W: x_t and h_{t−1} concatenated, each padded to a multiple of sixteen. If
    /// the layer reads tokens, x_t is not an input.
    pub inputs: usize,
    /// Sixteen units at a time: \[H/16\]\[inputs\]\[4\]\[16\].
    w: Vec<OfGates<W>>,
    /// The step of the weights of each gate of each unit: \[H/16\]\[4\]\[16\].
    steps: Vec<OfGates<Row>>,
    /// The initial values of the sums, in steps: b, or W_x x + b of every token of the vocabulary.
    /// \[1 or V\]\[H/16\]\[4\]\[16\]
    starts: Vec<OfGates<Row>>,
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
            stored.extend(of_unit(u).map(store).map(OfGates));
            steps.push(step);
        }
        for (n, start) in starts.iter_mut().enumerate() {
            *start = zip(*start, steps[n % units], |start, step| start / step);
        }
        Self {
            inputs,
            w: stored,
            steps: steps.into_iter().map(OfGates).collect(),
            starts: starts.into_iter().map(OfGates).collect(),
        }
    }

    /// The weights of a group of sixteen units, one item for each input, and those of the groups after it.
    #[inline(always)]
    pub fn of_units_from(&self, u: usize) -> &[OfGates<W>] {
        &self.w[u * self.inputs..]
    }

    /// The steps of the weights of a group of sixteen units.
    #[inline(always)]
    pub fn steps(&self, u: usize) -> &OfGates<Row> {
        &self.steps[u]
    }

    /// The initial values of the sums of a group of sixteen units. A layer on vectors has only token 0.
    #[inline(always)]
    pub fn start(&self, token: usize, u: usize) -> &OfGates<Row> {
        &self.starts[token * self.steps.len() + u]
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
