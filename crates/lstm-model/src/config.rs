//! The sizes of a language model.

use crate::ModelError;
use lstm_gates::Init;
use serde::{Deserialize, Serialize};

/// The sizes of a language model, its dropout, and how its weights are drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkConfig {
    /// V
    pub vocab_size: usize,
    /// D; 0 means one-hot input, D = V.
    pub embed_size: usize,
    /// H of every layer.
    pub hidden_size: usize,
    /// The number of layers.
    pub layers: usize,
    /// Dropout between layers (E26).
    pub dropout: f64,
    /// Dropout between the last layer and the head; E26 has none.
    pub head_dropout: f64,
    /// How the layers' weights are drawn.
    #[serde(with = "init_name")]
    pub init: Init,
}

/// Two layers of 256 units on an embedding of 64, no dropout; the vocabulary size is 0 and must be
/// set.
impl Default for NetworkConfig {
    fn default() -> Self {
        Self {
            vocab_size: 0,
            embed_size: 64,
            hidden_size: 256,
            layers: 2,
            dropout: 0.0,
            head_dropout: 0.0,
            init: Init::default(),
        }
    }
}

impl NetworkConfig {
    /// Checks that a network can be built with this configuration.
    ///
    /// # Errors
    /// [`ModelError::Setting`] naming the first setting that is out of range.
    pub fn check(&self) -> Result<(), ModelError> {
        ModelError::check_not_zero(&[
            ("vocabulary size", self.vocab_size),
            ("hidden size", self.hidden_size),
            ("number of layers", self.layers),
        ])?;
        let (v, d, h) = (
            self.vocab_size as f64,
            self.embed_size as f64,
            self.hidden_size as f64,
        );
        let numbers = v * (d + h) + self.layers as f64 * 4.0 * h * (v.max(d).max(h) + h);
        if numbers > 1e10 {
            return Err(ModelError::setting(
                "number of weights",
                format!("about {numbers:.0e}"),
                "at most 1e10; choose smaller sizes",
            ));
        }
        ModelError::check_rate("dropout", self.dropout)?;
        ModelError::check_rate("head dropout", self.head_dropout)
    }

    /// The number of weights of a network of these sizes, which are [`check`](Self::check)ed.
    pub fn parameter_count(&self) -> usize {
        let (v, h) = (self.vocab_size, self.hidden_size);
        let layer = |l| layer_parameter_count(self.input_size(l), h);
        v * self.embed_size + (0..self.layers).map(layer).sum::<usize>() + v * h + v
    }

    /// The input size of layer `l`.
    pub fn input_size(&self, l: usize) -> usize {
        match (l, self.embed_size) {
            (0, 0) => self.vocab_size,
            (0, d) => d,
            _ => self.hidden_size,
        }
    }

    /// The dropout rate on the output of each layer.
    pub(crate) fn rates(&self) -> Vec<f64> {
        let mut rates = vec![self.dropout; self.layers];
        rates[self.layers - 1] = self.head_dropout;
        rates
    }
}

// ANCHOR: layer_parameter_count
/// The parameters of one layer, 4(HD + H² + H) (E25).
///
/// ```
/// // The article's model: a scalar input and 256 units, then 256 units on top.
/// assert_eq!(lstm_model::layer_parameter_count(1, 256), 264_192);
/// assert_eq!(lstm_model::layer_parameter_count(256, 256), 525_312);
/// ```
pub fn layer_parameter_count(input_size: usize, hidden_size: usize) -> usize {
    4 * (hidden_size * input_size + hidden_size * hidden_size + hidden_size)
}
// ANCHOR_END: layer_parameter_count

mod init_name {
    //! `Init` as the name that the command line gives it.
    use lstm_gates::Init;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(init: &Init, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(match init {
            Init::GlorotOrthogonal => "glorot",
            Init::PytorchUniform => "pytorch",
        })
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Init, D::Error> {
        match String::deserialize(d)?.as_str() {
            "glorot" => Ok(Init::GlorotOrthogonal),
            "pytorch" => Ok(Init::PytorchUniform),
            other => Err(D::Error::custom(format!("unknown init \"{other}\""))),
        }
    }
}
