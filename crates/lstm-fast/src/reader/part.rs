//! The shared data of a reader's threads, and the work of each thread.

use super::Precision;
use crate::barrier::Barrier;
use crate::lanes::{LANES, Row, ZERO};
use crate::level::Level;
use crate::orders::Orders;
use crate::packed::Fast;
use crate::source::input_table;
use crate::vector::{AnyLayer, Stored, VectorHead, VectorLayer, VectorLogits, VectorStep};
use lstm_model::{Alone, Embedding, Head, Stack};
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

/// The data that all threads share.
#[derive(Debug)]
pub(super) struct Shared {
    level: Level,
    layers: Vec<AnyLayer>,
    head: VectorHead,
    pub vocab_size: usize,
    /// h_t of each layer, padded.
    h: Vec<Vec<AtomicU32>>,
    /// The logits, padded.
    pub logits: Vec<AtomicU32>,
    pub barrier: Barrier,
    pub orders: Orders,
}

impl Shared {
    pub fn new(
        embedding: &Embedding<f32>,
        stack: &Stack<Fast>,
        head: &Head<f32>,
        threads: usize,
        precision: Precision,
    ) -> Self {
        let layers = match precision {
            Precision::Single => vector_layers(stack, embedding, AnyLayer::Single),
            Precision::Int16 => vector_layers(stack, embedding, AnyLayer::Int16),
        };
        let vocab_size = head.vocab_size();
        let head = VectorHead::new(head);
        let zeros = |len: usize| (0..len).map(|_| AtomicU32::new(0)).collect();
        // A thread without units would only slow down the others.
        let threads = threads.clamp(1, layers[0].units());
        Self {
            level: stack.top().level(),
            h: layers.iter().map(|l| zeros(l.units() * LANES)).collect(),
            logits: zeros(head.panels() * LANES),
            layers,
            head,
            vocab_size,
            barrier: Barrier::new(threads),
            orders: Orders::new(),
        }
    }
}

/// One thread's part of the work.
#[derive(Debug)]
pub(super) struct Part {
    pub layers: Vec<PartOfLayer>,
    /// The thread's part of the vocabulary, in groups of sixteen tokens.
    panels: Range<usize>,
    logits: Vec<Row>,
}

#[derive(Debug)]
pub(super) struct PartOfLayer {
    /// The thread's groups of sixteen units.
    units: Range<usize>,
    /// The whole x_t and h_{t−1}.
    pub inputs: Vec<f32>,
    /// c_t and h_t of the thread's units.
    c: Vec<Row>,
    h: Vec<Row>,
}

impl PartOfLayer {
    fn step<W: Stored>(&mut self, level: Level, layer: &VectorLayer<W>, start: usize) {
        level.run(VectorStep {
            layer,
            units: self.units.clone(),
            start,
            inputs: &self.inputs,
            c: &mut self.c,
            h: &mut self.h,
        });
    }
}

impl Part {
    /// Part `n` of `of`.
    pub fn new(shared: &Shared, n: usize, of: usize) -> Self {
        let share = |groups: usize| n * groups / of..(n + 1) * groups / of;
        let layer = |layer: &AnyLayer| {
            let units = share(layer.units());
            PartOfLayer {
                inputs: vec![0.0; layer.inputs()],
                c: vec![ZERO; units.len()],
                h: vec![ZERO; units.len()],
                units,
            }
        };
        let panels = share(shared.head.panels());
        Self {
            layers: shared.layers.iter().map(layer).collect(),
            logits: vec![ZERO; panels.len()],
            panels,
        }
    }

    /// Computes the thread's part of reading a token.
    ///
    /// # Panics
    /// If one of the threads has panicked.
    pub fn read(&mut self, shared: &Shared, token: u32, with_logits: bool) {
        let level = shared.level;
        for (l, (layer, part)) in shared.layers.iter().zip(&mut self.layers).enumerate() {
            if l > 0 {
                load(&shared.h[l - 1], &mut part.inputs);
            }
            let start = if l == 0 { token as usize } else { 0 };
            match layer {
                AnyLayer::Single(layer) => part.step(level, layer, start),
                AnyLayer::Int16(layer) => part.step(level, layer, start),
            }
            store(&part.h, &shared.h[l][part.units.start * LANES..]);
            shared.barrier.wait();
            let h_prev = layer.inputs() - shared.h[l].len();
            load(&shared.h[l], &mut part.inputs[h_prev..]);
        }
        if with_logits {
            let top = self.layers.last().expect("a network has a layer");
            let h = top.inputs.len() - shared.h.last().map_or(0, Vec::len);
            level.run(VectorLogits {
                head: &shared.head,
                panels: self.panels.clone(),
                h: &top.inputs[h..],
                z: &mut self.logits,
            });
            store(&self.logits, &shared.logits[self.panels.start * LANES..]);
        }
        shared.barrier.wait();
    }
}

pub(super) fn load(from: &[AtomicU32], to: &mut [f32]) {
    for (to, from) in to.iter_mut().zip(from) {
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
