//! The sizes of a classifier.

use super::Pooling;
use crate::sizes;
use lstm_model::{ModelError, layer_parameter_count};
use serde::{Deserialize, Serialize};

/// The sizes of a classifier, how it reads and pools, and its dropout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassifierConfig {
    /// V, the number of tokens; 0 if numbers are read.
    pub vocab_size: usize,
    /// D: the size of the embedding, or the numbers of a step.
    pub input_size: usize,
    /// H of every layer; in a bidirectional network each direction has H/2 units.
    pub hidden_size: usize,
    /// The number of layers.
    pub layers: usize,
    /// Whether the layers read in both directions (E27).
    pub bidirectional: bool,
    /// How the outputs of all steps become one vector.
    pub pooling: Pooling,
    /// K, the number of classes.
    pub classes: usize,
    /// The dropout rate on the output of every layer. E26 has none after the last; here the last is
    /// included, because a network of one layer would otherwise have none.
    pub dropout: f64,
}

impl ClassifierConfig {
    /// Checks that a network can be built with this configuration.
    ///
    /// # Errors
    /// [`ModelError::Setting`] naming the first setting that is out of range.
    pub fn check(&self) -> Result<(), ModelError> {
        ModelError::check_not_zero(&[
            ("input size", self.input_size),
            ("hidden size", self.hidden_size),
            ("number of layers", self.layers),
            ("number of classes", self.classes),
        ])?;
        let sizes = [
            self.vocab_size,
            self.input_size,
            self.hidden_size,
            self.layers,
            self.classes,
        ];
        let [v, d, h, l, k] = sizes.map(|n| n as f64);
        let weights = v * d + l * 4.0 * h * (d.max(h) + h) + k * h;
        sizes::check_weights(weights)?;
        if self.bidirectional {
            sizes::check_even(self.hidden_size)?;
        }
        ModelError::check_rate("dropout", self.dropout)
    }

    /// The number of weights of a network with these sizes, after [`check`](Self::check).
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        let h = self.hidden_size;
        let layer = |l| {
            let d = if l == 0 { self.input_size } else { h };
            if self.bidirectional {
                2 * layer_parameter_count(d, h / 2)
            } else {
                layer_parameter_count(d, h)
            }
        };
        let layers: usize = (0..self.layers).map(layer).sum();
        self.vocab_size * self.input_size + layers + self.classes * (h + 1)
    }

    /// The units that read forward.
    pub(super) fn forward_units(&self) -> usize {
        if self.bidirectional {
            self.hidden_size / 2
        } else {
            self.hidden_size
        }
    }
}
