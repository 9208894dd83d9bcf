//! Reading one token at a time, the units of every layer shared out among threads.

use crate::barrier::{Barrier, spin_until};
use crate::lanes::{LANES, Row, ZERO};
use crate::level::Level;
use crate::packed::Fast;
use crate::source::input_table;
use crate::vector::{AnyLayer, Kept, VectorHead, VectorLayer, VectorLogits, VectorStep};
use lstm_model::{Embedding, Network, Reader};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::thread::{JoinHandle, park, spawn};

/// The fast engine's [`Reader`].
///
/// Each thread keeps the weights of its own units in its own cache. The threads meet after every
/// layer, to see each other's part of h. Every number is computed by one thread in one order, so
/// the result does not depend on how many there are.
#[derive(Debug)]
pub struct FastReader {
    shared: Arc<Shared>,
    own: Part,
    others: Vec<JoinHandle<()>>,
    logits: Vec<f32>,
}

/// How the weights of the layers are kept while a reader reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// As they are, in 32 bits.
    Single,
    /// In 16 bits, as whole multiples of a power of two: for each gate of each unit the smallest of
    /// which 32,767 reach its largest weight. Every sum is still in 32 bits. Reading takes as long as
    /// it takes to fetch the weights, and these are half as much.
    Half,
}

/// What all threads see.
#[derive(Debug)]
struct Shared {
    level: Level,
    layers: Vec<AnyLayer>,
    head: VectorHead,
    vocab_size: usize,
    /// h_t of each layer, padded.
    h: Vec<Vec<AtomicU32>>,
    /// The logits, padded.
    logits: Vec<AtomicU32>,
    barrier: Barrier,
    /// What there is to do: goes up with every order.
    order: AtomicUsize,
    /// The order: a token, or [`STOP`].
    token: AtomicU32,
    /// Whether its logits are wanted.
    with_logits: AtomicBool,
}

/// No more tokens; ids are below it, as they are below V.
const STOP: u32 = u32::MAX;

/// How long a thread without an order looks out for one before it sleeps, in thousands of looks:
/// about as long as it takes to draw a token from the logits.
const PATIENCE: usize = 8;

/// One thread's part of the work.
#[derive(Debug)]
struct Part {
    layers: Vec<PartOfLayer>,
    /// Its part of the vocabulary, in groups of sixteen.
    panels: Range<usize>,
    logits: Vec<Row>,
}

#[derive(Debug)]
struct PartOfLayer {
    /// Its groups of sixteen units.
    units: Range<usize>,
    /// x_t and h_{t−1}, whole.
    inputs: Vec<f32>,
    /// c_t and h_t of its units.
    c: Vec<Row>,
    h: Vec<Row>,
}

impl PartOfLayer {
    fn step<W: Kept>(&mut self, level: Level, layer: &VectorLayer<W>, start: usize) {
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
    fn new(shared: &Shared, n: usize, of: usize) -> Self {
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

    /// Does its part of reading a token.
    fn read(&mut self, shared: &Shared, token: u32, with_logits: bool) {
        let level = shared.level;
        for (l, (layer, part)) in shared.layers.iter().zip(&mut self.layers).enumerate() {
            if l > 0 {
                load(&shared.h[l - 1], &mut part.inputs);
            }
            let start = if l == 0 { token as usize } else { 0 };
            match layer {
                AnyLayer::Single(layer) => part.step(level, layer, start),
                AnyLayer::Short(layer) => part.step(level, layer, start),
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

fn load(from: &[AtomicU32], to: &mut [f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = f32::from_bits(from.load(Ordering::Relaxed));
    }
}

fn store(from: &[Row], to: &[AtomicU32]) {
    for (to, from) in to.iter().zip(from.as_flattened()) {
        to.store(from.to_bits(), Ordering::Relaxed);
    }
}

/// Layer `l` of a network, to be read with.
fn vector_layer<W: Kept>(level: Level, network: &Network<Fast>, l: usize) -> VectorLayer<W> {
    let (layer, vocab_size) = (&network.stack.layers[l], network.config().vocab_size);
    match &network.embedding {
        _ if l > 0 => VectorLayer::on_vectors(layer),
        Embedding::Table(e) => {
            VectorLayer::on_tokens(layer, &input_table(level, layer, e), vocab_size)
        }
        Embedding::OneHot { .. } => VectorLayer::on_tokens(layer, &layer.w_x, vocab_size),
    }
}

/// Follows orders until there are no more.
fn follow(shared: &Shared, mut part: Part) {
    for done in 0.. {
        while !spin_until(|| shared.order.load(Ordering::Acquire) > done, PATIENCE) {
            park();
        }
        match shared.token.load(Ordering::Relaxed) {
            STOP => return,
            token => part.read(shared, token, shared.with_logits.load(Ordering::Relaxed)),
        }
    }
}

impl FastReader {
    /// A reader in the zero state (E8), with at most `threads` threads.
    pub fn new(network: &Network<Fast>, threads: usize, precision: Precision) -> Self {
        let level = Level::current();
        let layers = (0..network.stack.layers.len()).map(|l| match precision {
            Precision::Single => AnyLayer::Single(vector_layer(level, network, l)),
            Precision::Half => AnyLayer::Short(vector_layer(level, network, l)),
        });
        let layers: Vec<_> = layers.collect();
        let head = VectorHead::new(&network.head);
        let zeros = |len: usize| (0..len).map(|_| AtomicU32::new(0)).collect();
        // A thread without a unit would only be in the way.
        let threads = threads.clamp(1, layers[0].units());
        let shared = Arc::new(Shared {
            level,
            h: layers.iter().map(|l| zeros(l.units() * LANES)).collect(),
            logits: zeros(head.panels() * LANES),
            layers,
            head,
            vocab_size: network.config().vocab_size,
            barrier: Barrier::new(threads),
            order: AtomicUsize::new(0),
            token: AtomicU32::new(0),
            with_logits: AtomicBool::new(false),
        });
        let others = (1..threads).map(|n| {
            let shared = Arc::clone(&shared);
            spawn(move || follow(&shared, Part::new(&shared, n, threads)))
        });
        Self {
            others: others.collect(),
            own: Part::new(&shared, 0, threads),
            logits: Vec::new(),
            shared,
        }
    }

    fn give_order(&self, token: u32, with_logits: bool) {
        self.shared.token.store(token, Ordering::Relaxed);
        self.shared
            .with_logits
            .store(with_logits, Ordering::Relaxed);
        self.shared.order.fetch_add(1, Ordering::Release);
        self.others.iter().for_each(|other| other.thread().unpark());
    }
}

impl Reader<f32> for FastReader {
    fn read(&mut self, ids: &[u32]) {
        assert!(!ids.is_empty(), "there is something to read");
        let vocab_size = self.shared.vocab_size;
        assert!(
            ids.iter().all(|&id| (id as usize) < vocab_size),
            "ids are below V"
        );
        for (n, &id) in ids.iter().enumerate() {
            let with_logits = n + 1 == ids.len();
            self.give_order(id, with_logits);
            self.own.read(&self.shared, id, with_logits);
        }
        self.logits.resize(vocab_size, 0.0);
        load(&self.shared.logits, &mut self.logits);
    }

    fn logits(&self) -> &[f32] {
        &self.logits
    }
}

impl Drop for FastReader {
    fn drop(&mut self) {
        self.give_order(STOP, false);
        for other in self.others.drain(..) {
            // A panic of its own has been reported by the thread.
            let _ = other.join();
        }
    }
}
