//! The shared data of a reader's threads, and the work of each thread.

use super::Precision;
use crate::barrier::Barrier;
use crate::lanes::{LANES, Row};
use crate::level::Level;
use crate::orders::Orders;
use crate::packed::{Fast, GATES};
use crate::panels::Panels;
use crate::product::multiply_add;
use crate::source::input_table;
use crate::stored::{AnyLayer, Stored, VectorLayer};
use crate::tile::{Tile, Tiles};
use crate::vector::VectorStep;
use lstm_model::{Alone, Embedding, Head, Stack};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The weights of a network, which do not change while it reads.
#[derive(Debug)]
pub(super) struct Weights {
    level: Level,
    /// The same instructions with the tile for the logits of one sequence.
    level_for_one: Level,
    layers: Vec<AnyLayer>,
    pub vocab_size: usize,
    /// W_y: V in panels, H rows.
    w: Panels,
    /// b_y: V in panels, one row.
    b: Panels,
}

impl Weights {
    pub fn new(
        embedding: &Embedding<f32>,
        stack: &Stack<Fast>,
        head: &Head<f32>,
        precision: Precision,
    ) -> Self {
        let level = stack.top().level();
        let mut b = Panels::zeros(head.vocab_size(), 1);
        b.take_row(0, head.b.as_slice());
        Self {
            level,
            level_for_one: for_one_row(level),
            layers: match precision {
                Precision::Single => vector_layers(stack, embedding, AnyLayer::Single),
                Precision::Int16 => vector_layers(stack, embedding, AnyLayer::Int16),
            },
            vocab_size: head.vocab_size(),
            w: Panels::of_weights(&head.w),
            b,
        }
    }

    /// The number of threads that have units to compute.
    pub fn useful(&self, threads: usize) -> usize {
        threads.clamp(1, self.layers[0].units())
    }
}

/// The level with a tile of one row and as many panels as fit. With a single sum, each addition would wait
/// for the one before.
fn for_one_row(level: Level) -> Level {
    let of_one_row = level.tile_sizes().into_iter().filter(|size| size.0 == 1);
    let tiles = level.tiles();
    let product = Tile {
        rows: 1,
        panels: of_one_row.map(|size| size.1).max().unwrap_or(1),
        ..tiles.product
    };
    level.with_tiles(Tiles { product, ..tiles })
}

/// The data that all threads share.
#[derive(Debug)]
pub(super) struct Shared {
    pub weights: Arc<Weights>,
    /// The number of sequences.
    pub sequences: usize,
    /// The tokens of the sequences after the first. The order to read holds that of the first.
    pub other_tokens: Vec<AtomicU32>,
    /// h_t of each layer, \[H/16\]\[sequences\]\[16\].
    h: Vec<Vec<AtomicU32>>,
    /// The logits, \[V/16\]\[sequences\]\[16\].
    pub logits: Vec<AtomicU32>,
    pub barrier: Barrier,
    pub orders: Orders,
}

impl Shared {
    pub fn new(weights: Arc<Weights>, sequences: usize, threads: usize) -> Self {
        let zeros = |len: usize| (0..len).map(|_| AtomicU32::new(0)).collect();
        let row = sequences * LANES;
        Self {
            sequences,
            other_tokens: zeros(sequences - 1),
            h: weights
                .layers
                .iter()
                .map(|l| zeros(l.units() * row))
                .collect(),
            logits: zeros(weights.w.count() * row),
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
                let from = &self.logits[(panel * self.sequences + r) * LANES..];
                for (to, from) in to.iter_mut().zip(from) {
                    *to = f32::from_bits(from.load(Ordering::Relaxed));
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
    /// The top layer's h_t.
    output: Panels,
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
            let units = share(layer.units());
            PartOfLayer {
                inputs: zeros(layer.inputs() / LANES),
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
            output: zeros(weights.layers.last().map_or(0, AnyLayer::units)),
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
        for space in [&mut self.sums, &mut self.output, &mut self.logits] {
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
        for (l, (layer, part)) in weights.layers.iter().zip(&mut self.layers).enumerate() {
            if l > 0 {
                load(&shared.h[l - 1], part.inputs.data_mut());
            }
            let tokens = if l == 0 { &self.tokens } else { &self.zeros };
            match layer {
                AnyLayer::Single(layer) => part.step(level, layer, tokens, &mut self.sums),
                AnyLayer::Int16(layer) => part.step(level, layer, tokens, &mut self.sums),
            }
            let row = shared.sequences * LANES;
            store(part.h.data(), &shared.h[l][part.units.start * row..]);
            shared.barrier.wait();
            let h_prev = part.inputs.data().len() - shared.h[l].len() / LANES;
            load(&shared.h[l], &mut part.inputs.data_mut()[h_prev..]);
        }
        if with_logits {
            self.compute_logits(shared);
        }
        shared.barrier.wait();
    }

    /// E20 for the thread's part of the vocabulary.
    fn compute_logits(&mut self, shared: &Shared) {
        let weights = &*shared.weights;
        let h = shared.h.last().expect("a network has a layer");
        load(h, self.output.data_mut());
        for (n, panel) in self.panels.clone().enumerate() {
            self.logits.panel_mut(n).fill(weights.b.panel(panel)[0]);
        }
        let level = match shared.sequences {
            1 => weights.level_for_one,
            _ => weights.level,
        };
        let (z, h) = (self.logits.data_mut(), self.output.view());
        multiply_add(level, z, h, weights.w.view().panels(&self.panels));
        let row = shared.sequences * LANES;
        store(z, &shared.logits[self.panels.start * row..]);
    }
}

impl PartOfLayer {
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

fn load(from: &[AtomicU32], to: &mut [Row]) {
    for (to, from) in to.as_flattened_mut().iter_mut().zip(from) {
        *to = f32::from_bits(from.load(Ordering::Relaxed));
    }
}

fn store(from: &[Row], to: &[AtomicU32]) {
    for (to, from) in to.iter().zip(from.as_flattened()) {
        to.store(from.to_bits(), Ordering::Relaxed);
    }
}

/// The bottom layer in the form for reading.
fn bottom_layer<W: Stored>(layer: &Fast, embedding: &Embedding<f32>) -> VectorLayer<W> {
    match embedding {
        Embedding::Table(e) => {
            let table = input_table(layer.machine(&Alone), layer, e);
            VectorLayer::on_tokens(layer, &table, e.ncols())
        }
        Embedding::OneHot { vocab_size } => VectorLayer::on_tokens(layer, &layer.w_x, *vocab_size),
    }
}

/// All layers in the form for reading.
fn vector_layers<W: Stored>(
    stack: &Stack<Fast>,
    embedding: &Embedding<f32>,
    any: fn(VectorLayer<W>) -> AnyLayer,
) -> Vec<AnyLayer> {
    let (bottom, above) = stack.layers.split_first().expect("a stack has a layer");
    let above = above.iter().map(VectorLayer::on_vectors);
    std::iter::once(bottom_layer(bottom, embedding))
        .chain(above)
        .map(any)
        .collect()
}
