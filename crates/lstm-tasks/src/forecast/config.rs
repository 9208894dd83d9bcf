//! The sizes of a forecasting network.

use lstm_model::{ModelError, layer_parameter_count};
use serde::{Deserialize, Serialize};

/// The sizes of a forecasting network and its dropout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForecasterConfig {
    /// D, the numbers of a row.
    pub input_size: usize,
    /// H of every layer.
    pub hidden_size: usize,
    /// The number of layers.
    pub layers: usize,
    /// The numbers of the head: horizon times columns times the numbers for each target.
    pub outputs: usize,
    /// The dropout rate on the output of every layer. E26 has none after the last; here the last is
    /// included, because most series are short, and a network of one layer would otherwise have none.
    pub dropout: f64,
}

impl ForecasterConfig {
    /// Checks that a network can be built with this configuration.
    ///
    /// # Errors
    /// [`ModelError::Setting`] naming the first setting that is out of range.
    pub fn check(&self) -> Result<(), ModelError> {
        ModelError::check_not_zero(&[
            ("input size", self.input_size),
            ("hidden size", self.hidden_size),
            ("number of layers", self.layers),
            ("number of outputs", self.outputs),
        ])?;
        let [d, h, l, o] = [self.input_size, self.hidden_size, self.layers, self.outputs];
        let [d, h, l, o] = [d, h, l, o].map(|n| n as f64);
        let weights = l * 4.0 * h * (d.max(h) + h) + o * h;
        if weights > 1e9 {
            let about = format!("about {weights:.0e}");
            let expected = "at most 1e9; choose smaller sizes or a shorter horizon";
            return Err(ModelError::setting("number of weights", about, expected));
        }
        ModelError::check_rate("dropout", self.dropout)
    }

    /// The number of weights of a network with these sizes, after [`check`](Self::check).
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        let h = self.hidden_size;
        let layer = |l| layer_parameter_count(self.input_size_of(l), h);
        (0..self.layers).map(layer).sum::<usize>() + self.outputs * (h + 1)
    }

    /// D of layer `l`.
    pub(super) fn input_size_of(&self, l: usize) -> usize {
        match l {
            0 => self.input_size,
            _ => self.hidden_size,
        }
    }
}
