//! The weights of a network in the form for reading.

use super::Precision;
use crate::level::Level;
use crate::packed::Fast;
use crate::panels::Panels;
use crate::source::input_table;
use crate::stored::{AnyLayer, Stored, VectorLayer};
use crate::tile::{Tile, Tiles};
use lstm_model::{Alone, Embedding, Head, Stack};

/// The weights of a network, which do not change while it reads.
#[derive(Debug)]
pub(super) struct Weights {
    pub level: Level,
    /// The same instructions with the tile for the logits of one sequence.
    pub level_for_one: Level,
    pub layers: Vec<AnyLayer>,
    pub vocab_size: usize,
    /// W_y: V in panels, H rows.
    pub w: Panels,
    /// b_y: V in panels, one row.
    pub b: Panels,
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
