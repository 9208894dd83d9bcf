//! The sizes of a labeller.

use crate::features::FEATURES;
use crate::sizes;
use lstm_model::{ModelError, layer_parameter_count};
use serde::{Deserialize, Serialize};

/// The sizes of a labeller and its dropout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelerConfig {
    /// The vocabulary size of each feature.
    pub vocab_sizes: [usize; FEATURES],
    /// The size of each feature's embedding.
    pub embed_sizes: [usize; FEATURES],
    /// H of every layer; each direction has H/2 units.
    pub hidden_size: usize,
    /// The number of layers.
    pub layers: usize,
    /// K, the number of labels.
    pub labels: usize,
    /// The dropout rate on the embeddings and on the output of every layer.
    pub dropout: f64,
}

impl LabelerConfig {
    /// Checks that a network can be built with this configuration.
    ///
    /// # Errors
    /// [`ModelError::Setting`] naming the first setting that is out of range.
    pub fn check(&self) -> Result<(), ModelError> {
        let least = |sizes: &[usize]| sizes.iter().copied().min().unwrap_or(0);
        ModelError::check_not_zero(&[
            ("vocabulary size", least(&self.vocab_sizes)),
            ("embedding size", least(&self.embed_sizes)),
            ("hidden size", self.hidden_size),
            ("number of layers", self.layers),
            ("number of labels", self.labels),
        ])?;
        let h = self.hidden_size as f64;
        let d: f64 = self.embed_sizes.iter().map(|&d| d as f64).sum();
        let tables = self.vocab_sizes.iter().zip(&self.embed_sizes);
        let tables: f64 = tables.map(|(&v, &d)| v as f64 * d as f64).sum();
        let weights = tables + self.layers as f64 * 4.0 * h * (d.max(h) + h);
        sizes::check(self.hidden_size, weights, self.dropout)
    }

    /// The number of weights of a network with these sizes, after [`check`](Self::check).
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        let (h, k) = (self.hidden_size, self.labels);
        let input_size = |l| if l == 0 { self.input_size() } else { h };
        let layer = |l| 2 * layer_parameter_count(input_size(l), h / 2);
        let tables = self.vocab_sizes.iter().zip(&self.embed_sizes);
        let tables: usize = tables.map(|(v, d)| v * d).sum();
        let layers: usize = (0..self.layers).map(layer).sum();
        let crf = k * k + 2 * k;
        tables + layers + k * (h + 1) + crf
    }

    /// D, the size of all embeddings together.
    pub(super) fn input_size(&self) -> usize {
        self.embed_sizes.iter().sum()
    }
}
