//! The sizes of an encoder and its decoder.

use crate::sizes;
use lstm_model::{ModelError, layer_parameter_count};
use serde::{Deserialize, Serialize};

/// The sizes of an encoder and its decoder, and the dropout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncoderDecoderConfig {
    /// V of the source.
    pub source_vocab: usize,
    /// V of the target; the same as `source_vocab` if `copies` is set.
    pub target_vocab: usize,
    /// D of both embeddings.
    pub embed_size: usize,
    /// H of every layer of the decoder; each direction of the encoder has H/2.
    pub hidden_size: usize,
    /// The number of layers of the encoder, and of the decoder.
    pub layers: usize,
    /// The dropout rate on the embeddings, on the output of every layer, and on h̃.
    pub dropout: f64,
    /// Whether words can be copied from the source (E30). Then source and target share one embedding.
    pub copies: bool,
}

impl EncoderDecoderConfig {
    /// Checks that a network can be built with this configuration.
    ///
    /// # Errors
    /// [`ModelError::Setting`] naming the first setting that is out of range.
    pub fn check(&self) -> Result<(), ModelError> {
        ModelError::check_not_zero(&[
            ("vocabulary size", self.source_vocab.min(self.target_vocab)),
            ("embedding size", self.embed_size),
            ("hidden size", self.hidden_size),
            ("number of layers", self.layers),
        ])?;
        if self.copies && self.source_vocab != self.target_vocab {
            return Err(ModelError::setting(
                "target vocabulary size",
                self.target_vocab,
                "the source vocabulary size, because words are copied",
            ));
        }
        let (d, h) = (self.embed_size as f64, self.hidden_size as f64);
        let words = self.source_vocab as f64 + self.target_vocab as f64;
        let weights = words * (d + h) + self.layers as f64 * 8.0 * h * (d.max(h) + h);
        sizes::check(self.hidden_size, weights, self.dropout)
    }

    /// The number of weights of a network with these sizes, after [`check`](Self::check).
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        let (d, h) = (self.embed_size, self.hidden_size);
        let layers = |size: usize, directions: usize| -> usize {
            let input_size = |l| if l == 0 { d } else { h };
            let layer = |l| directions * layer_parameter_count(input_size(l), size);
            (0..self.layers).map(layer).sum()
        };
        let (target, copying) = if self.copies {
            (0, h + 1)
        } else {
            (self.target_vocab, 0)
        };
        let tables = d * (self.source_vocab + target);
        let attention = 3 * h * h;
        let head = self.target_vocab * (h + 1);
        tables + layers(h / 2, 2) + layers(h, 1) + attention + head + copying
    }

    /// The number of the first mask of each part. The masks of the decoder's layers come first.
    pub(super) fn masks_of(&self, part: Part) -> usize {
        match part {
            Part::Target => self.layers,
            Part::Source => self.layers + 1,
            Part::Encoder => self.layers + 2,
            Part::Attended => 2 * self.layers + 2,
        }
    }
}

/// The parts of the network with dropout, without the decoder's layers.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Source,
    Target,
    Encoder,
    Attended,
}
