//! Networks and batches by name.

use lstm_fast::Fast;
use lstm_model::{Engine, Init, ModelError, Network, NetworkConfig, even_parts};
use lstm_tasks::{Corpus, Cut, TextSettings};
use lstm_train::TrainError;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// The sizes of a network and its batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// The number of layers.
    pub layers: usize,
    /// H
    pub hidden_size: usize,
    /// V
    pub vocab_size: usize,
    /// The embedding size, which is D of the first layer.
    pub embed_size: usize,
    /// B
    pub batch_size: usize,
    /// T
    pub seq_len: usize,
}

/// The named shapes.
pub const SHAPES: [(&str, Shape); 3] = [
    ("toy", shape(1, 16, 8, 4, 16)),
    ("char", shape(1, 128, 64, 32, 64)),
    ("article", shape(2, 256, 64, 128, 100)),
];

/// The shape from which scaling benchmarks vary one size.
pub const MIDDLE: Shape = shape(1, 256, 64, 32, 100);

const fn shape(
    layers: usize,
    hidden_size: usize,
    embed_size: usize,
    batch_size: usize,
    seq_len: usize,
) -> Shape {
    Shape {
        layers,
        hidden_size,
        vocab_size: 64,
        embed_size,
        batch_size,
        seq_len,
    }
}

impl Shape {
    /// B·T, the number of tokens of a training step.
    pub fn tokens(&self) -> usize {
        self.batch_size * self.seq_len
    }

    /// The configuration of a network of this shape.
    pub fn config(&self) -> NetworkConfig {
        NetworkConfig {
            vocab_size: self.vocab_size,
            embed_size: self.embed_size,
            hidden_size: self.hidden_size,
            layers: self.layers,
            init: Init::PytorchUniform,
            ..NetworkConfig::default()
        }
    }

    /// The network of this shape, with the same weights at every call.
    ///
    /// # Errors
    /// As [`Network::init`].
    pub fn network<R: Engine<Scalar = f32>>(&self) -> Result<Network<R>, ModelError> {
        Network::init(self.config(), 1)
    }

    /// One batch of pseudo-random tokens, the same at every call.
    ///
    /// # Errors
    /// As [`Corpus::new`].
    pub fn corpus(&self) -> Result<Corpus, TrainError> {
        let tokens: Vec<u32> = (0..=self.tokens() as u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 16) % self.vocab_size as u32)
            .collect();
        let settings = TextSettings {
            cut: Cut::Streams,
            batch_size: self.batch_size,
            seq_len: self.seq_len,
            val_fraction: 0.0,
            restart: 0.0,
            seed: 1,
        };
        Corpus::new(&tokens, settings)
    }

    /// The floating-point operations of a training step, counted from the equations: two for each weight
    /// of a matrix and each token in the forward pass, and four in the backward pass.
    pub fn analytic_flops(&self) -> f64 {
        self.flops(self.tokens())
    }

    /// The floating-point operations that the fast engine executes if `threads` threads share the batch:
    /// its first layer multiplies W_x once for each token of the vocabulary, if a thread's sequences have
    /// more tokens ([`Fast::input_rows`]).
    pub fn fast_flops(&self, threads: usize) -> f64 {
        let parts = Fast::parts(self.hidden_size, self.batch_size, threads);
        let parts = even_parts(self.batch_size, parts).into_iter();
        let rows =
            |part: Range<usize>| Fast::input_rows(self.vocab_size, part.len() * self.seq_len);
        self.flops(parts.map(rows).sum())
    }

    /// `input_rows` is the number of rows of the first layer's input product.
    fn flops(&self, input_rows: usize) -> f64 {
        let (h, n) = (self.hidden_size as f64, self.tokens() as f64);
        let first = 4.0 * h * self.embed_size as f64 * input_rows as f64;
        let above = (self.layers - 1) as f64 * 4.0 * h * h * n;
        let recurrent = self.layers as f64 * 4.0 * h * h * n;
        let head = h * self.vocab_size as f64 * n;
        3.0 * 2.0 * (first + above + recurrent + head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_two_operations_for_each_weight_and_token_three_times() {
        let (_, article) = SHAPES[2];
        // 3 · 2 · 12,800 · (4·256·(64 + 256) + 4·256·(256 + 256) + 256·64)
        assert_eq!(article.analytic_flops(), 66_689_433_600.0);
        let saved = article.analytic_flops() - article.fast_flops(2);
        assert_eq!(saved, 6.0 * 1024.0 * 64.0 * (12_800.0 - 2.0 * 64.0));
    }
}
