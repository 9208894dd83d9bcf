//! The sizes of an encoder and its decoder.

use lstm_model::ModelError;
use serde::{Deserialize, Serialize};

/// The sizes of an encoder and its decoder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncoderDecoderConfig {
    /// V of what is read.
    pub source_vocab: usize,
    /// V of what is written. The same as `source_vocab` if `copies`.
    pub target_vocab: usize,
    /// D of both embeddings.
    pub embed_size: usize,
    /// H of every layer of the decoder; each direction of the encoder has H/2.
    pub hidden_size: usize,
    /// Layers of the encoder, and of the decoder.
    pub layers: usize,
    /// Dropout on the embeddings, behind every layer, and on h̃.
    pub dropout: f64,
    /// Whether words can be taken from the source (E30). Then there is one embedding for both sides.
    pub copies: bool,
}

impl EncoderDecoderConfig {
    /// Whether a network can be built from this.
    ///
    /// # Errors
    /// [`ModelError::Setting`] naming the first setting that is out of range.
    pub fn check(&self) -> Result<(), ModelError> {
        for (setting, value) in [
            ("vocabulary size", self.source_vocab.min(self.target_vocab)),
            ("embedding size", self.embed_size),
            ("hidden size", self.hidden_size),
            ("number of layers", self.layers),
        ] {
            if value == 0 {
                return Err(ModelError::setting(setting, value, "at least 1"));
            }
        }
        if !self.hidden_size.is_multiple_of(2) {
            return Err(ModelError::setting(
                "hidden size",
                self.hidden_size,
                "an even number: half of it reads forward, half backward",
            ));
        }
        if self.copies && self.source_vocab != self.target_vocab {
            return Err(ModelError::setting(
                "target vocabulary size",
                self.target_vocab,
                "that of the source, from which words are copied",
            ));
        }
        let (d, h) = (self.embed_size as f64, self.hidden_size as f64);
        let numbers = (self.source_vocab + self.target_vocab) as f64 * (d + h)
            + self.layers as f64 * 8.0 * h * (d.max(h) + h);
        if numbers > 1e9 {
            return Err(ModelError::setting(
                "number of weights",
                format!("about {numbers:.0e}"),
                "at most 1e9; choose smaller sizes",
            ));
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return Err(ModelError::setting(
                "dropout",
                self.dropout,
                "at least 0 and below 1",
            ));
        }
        Ok(())
    }

    /// Where the masks of each part begin: the decoder's layers come first.
    pub(super) fn masks_of(&self, part: Part) -> usize {
        match part {
            Part::Target => self.layers,
            Part::Source => self.layers + 1,
            Part::Encoder => self.layers + 2,
            Part::Attended => 2 * self.layers + 2,
        }
    }
}

/// What dropout falls on, besides the decoder's layers.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Source,
    Target,
    Encoder,
    Attended,
}
