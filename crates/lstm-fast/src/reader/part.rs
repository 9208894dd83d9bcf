//! The shared data of a reader's threads, and the work of each thread.

use super::weights::Weights;
use crate::barrier::Barrier;
use crate::lanes::{LANES, Row};
use crate::level::Level;
use crate::orders::Orders;
use crate::packed::GATES;
use crate::panels::Panels;
use crate::product::multiply_add;
use crate::stored::{AnyLayer, Stored, VectorLayer};
use crate::vector::VectorStep;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Two numbers, which are loaded and stored together.
type Pair = AtomicU64;

/// The pairs of a [`Row`].
const PAIRS: usize = LANES / 2;

/// The data that all threads share.
#[derive(Debug)]
pub(super) struct Shared {
    pub weights: Arc<Weights>,
    /// The number of sequences.
    pub sequences: usize,
    /// The tokens of the sequences after the first. The order to read holds that of the first.
    pub other_tokens: Vec<AtomicU32>,
    /// h_t of each layer, \[H/16\]\[sequences\]\[16\].
    h: Vec<Vec<Pair>>,
    /// The logits, \[V/16\]\[sequences\]\[16\].
    logits: Vec<Pair>,
    pub barrier: Barrier,
    pub orders: Orders,
}

impl Shared {
    pub fn new(weights: Arc<Weights>, sequences: usize, threads: usize) -> Self {
        let zeros = |rows: usize| (0..rows * PAIRS).map(|_| Pair::new(0)).collect();
        Self {
            sequences,
            other_tokens: (1..sequences).map(|_| AtomicU32::new(0)).collect(),
            h: weights
                .layers
                .iter()
                .map(|l| zeros(l.units() * sequences))
                .collect(),
            logits: zeros(weights.w.count() * sequences),
            barrier: Barrier::new(threads),
            orders: Orders::new(),
            weights,
        }
    }

    /// The logits of the first sequence, of the second, ….
    pub fn give_logits(&self, to: &mut Vec<f32>) {
        let vocab_size = self.weights.vocab_size;
        to.resize(self.sequences * vocab_size, 0.0);
        for (r, to) in to.chunks_exact_mut(vocab_size).enumerate() {
            for (panel, to) in to.chunks_mut(LANES).enumerate() {
                let from = &self.logits[(panel * self.sequences + r) * PAIRS..];
                for (to, from) in to.chunks_mut(2).zip(from) {
                    to.copy_from_slice(&numbers(from)[..to.len()]);
                }
            }
        }
    }
}

/// One thread's part of the work.
#[derive(Debug)]
pub(super) struct Part {
    pub layers: Vec<PartOfLayer>,
    /// The token of each sequence, and as many zeros.
    tokens: Vec<usize>,
    zeros: Vec<usize>,
    /// Space for the sums of sixteen units.
    sums: Panels,
    /// The thread's part of the vocabulary, in groups of sixteen tokens.
    panels: Range<usize>,
    logits: Panels,
}

#[derive(Debug)]
pub(super) struct PartOfLayer {
    /// The thread's groups of sixteen units.
    units: Range<usize>,
    /// The whole x_t and h_{t−1}.
    pub inputs: Panels,
    /// The panels of h_{t−1} in the inputs.
    h_prev: Range<usize>,
    /// c_t and h_t of the thread's units.
    c: Panels,
    h: Panels,
}

impl Part {
    /// Part `n` of `of` for one sequence, in the zero state.
    pub fn new(weights: &Weights, n: usize, of: usize) -> Self {
        let share = |groups: usize| n * groups / of..(n + 1) * groups / of;
        let zeros = |groups: usize| Panels::zeros(groups * LANES, 1);
        let layer = |layer: &AnyLayer| {
            let (units, inputs) = (share(layer.units()), layer.inputs() / LANES);
            PartOfLayer {
                inputs: zeros(inputs),
                h_prev: inputs - layer.units()..inputs,
                c: zeros(units.len()),
                h: zeros(units.len()),
                units,
            }
        };
        let panels = share(weights.w.count());
        Self {
            layers: weights.layers.iter().map(layer).collect(),
            tokens: vec![0],
            zeros: vec![0],
            sums: zeros(GATES),
            logits: zeros(panels.len()),
            panels,
        }
    }

    /// Replaces sequence k by the sequence that had the number `from[k]`.
    pub fn select(&mut self, from: &[usize]) {
        for layer in &mut self.layers {
            for state in [&mut layer.inputs, &mut layer.c, &mut layer.h] {
                *state = state.select_rows(from);
            }
        }
        for space in [&mut self.sums, &mut self.logits] {
            *space = space.select_rows(from);
        }
        self.tokens.resize(from.len(), 0);
        self.zeros.resize(from.len(), 0);
    }

    /// Computes the thread's part of reading a token of each sequence. `first` is that of the first one.
    ///
    /// # Panics
    /// If one of the threads has panicked.
    pub fn read(&mut self, shared: &Shared, first: u32, with_logits: bool) {
        let (weights, level) = (&*shared.weights, shared.weights.level);
        let (own, others) = self.tokens.split_at_mut(1);
        own[0] = first as usize;
        for (to, from) in others.iter_mut().zip(&shared.other_tokens) {
            *to = from.load(Ordering::Relaxed) as usize;
        }
        for (l, layer) in weights.layers.iter().enumerate() {
            let (below, part) = self.layers.split_at_mut(l);
            let part = &mut part[0];
            if let Some(below) = below.last() {
                part.take_input(below);
            }
            let tokens = if l == 0 { &self.tokens } else { &self.zeros };
            match layer {
                AnyLayer::Single(layer) => part.step(level, layer, tokens, &mut self.sums),
                AnyLayer::Int16(layer) => part.step(level, layer, tokens, &mut self.sums),
            }
            store(&part.h, &shared.h[l], part.units.start);
            shared.barrier.wait();
            let first = part.h_prev.start * shared.sequences;
            load(&shared.h[l], &mut part.inputs.data_mut()[first..]);
        }
        if with_logits {
            self.compute_logits(shared);
        }
        shared.barrier.wait();
    }

    /// E20 for the thread's part of the vocabulary.
    fn compute_logits(&mut self, shared: &Shared) {
        let weights = &*shared.weights;
        let top = self.layers.last().expect("a network has a layer");
        for (n, panel) in self.panels.clone().enumerate() {
            self.logits.panel_mut(n).fill(weights.b.panel(panel)[0]);
        }
        let level = match shared.sequences {
            1 => weights.level_for_one,
            _ => weights.level,
        };
        let (z, h) = (
            self.logits.data_mut(),
            top.inputs.view().panels(&top.h_prev),
        );
        multiply_add(level, z, h, weights.w.view().panels(&self.panels));
        store(&self.logits, &shared.logits, self.panels.start);
    }
}

impl PartOfLayer {
    /// Takes h_t of the layer below as x_t.
    fn take_input(&mut self, below: &Self) {
        let h = &below.inputs.data()[below.h_prev.start * below.inputs.rows()..];
        self.inputs.data_mut()[..h.len()].copy_from_slice(h);
    }

    fn step<W: Stored>(
        &mut self,
        level: Level,
        layer: &VectorLayer<W>,
        tokens: &[usize],
        sums: &mut Panels,
    ) {
        level.run(VectorStep {
            layer,
            units: self.units.clone(),
            tokens,
            inputs: &self.inputs,
            c: &mut self.c,
            h: &mut self.h,
            sums,
        });
    }
}

fn numbers(pair: &Pair) -> [f32; 2] {
    let bits = pair.load(Ordering::Relaxed);
    [bits as u32, (bits >> 32) as u32].map(f32::from_bits)
}

fn load(from: &[Pair], to: &mut [Row]) {
    let to = to.as_flattened_mut().as_chunks_mut::<2>().0;
    for (to, from) in to.iter_mut().zip(from) {
        *to = numbers(from);
    }
}

/// Stores a thread's panels, of which the first has the number `first`.
fn store(from: &Panels, to: &[Pair], first: usize) {
    let to = &to[first * from.rows() * PAIRS..];
    for (to, from) in to.iter().zip(from.data().as_flattened().as_chunks::<2>().0) {
        let [low, high] = from.map(f32::to_bits).map(u64::from);
        to.store(low | (high << 32), Ordering::Relaxed);
    }
}
