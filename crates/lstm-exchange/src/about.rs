//! What this project writes beside the weights, so that they come back as a model.

use crate::{CharModel, ExchangeError};
use lstm_model::NetworkConfig;
use lstm_text::{Normalization, Vocabulary};
use serde::{Deserialize, Serialize};

/// The entry of a file's metadata that holds it, as JSON.
pub(crate) const ENTRY: &str = "lstm";

/// Everything about a model but its weights.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct About {
    pub network: NetworkConfig,
    /// One string, its characters in the order of their ids.
    pub vocabulary: Vocabulary,
    pub normalization: Normalization,
}

impl About {
    pub fn of(model: &CharModel) -> Self {
        Self {
            network: model.network.config().clone(),
            vocabulary: model.vocabulary.clone(),
            normalization: model.normalization,
        }
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("sizes and characters are plain data")
    }

    pub fn parse(json: &str) -> Result<Self, ExchangeError> {
        serde_json::from_str(json).map_err(|why| metadata(why.to_string()))
    }

    /// Holds the sizes to those that the tensors have.
    pub fn expect_sizes(&self, found: &NetworkConfig) -> Result<(), ExchangeError> {
        let own = &self.network;
        let sizes = [
            ("vocab_size", own.vocab_size, found.vocab_size),
            ("embed_size", own.embed_size, found.embed_size),
            ("hidden_size", own.hidden_size, found.hidden_size),
            ("layers", own.layers, found.layers),
        ];
        match sizes.into_iter().find(|(_, own, found)| own != found) {
            None => Ok(()),
            Some((size, own, found)) => Err(metadata(format!(
                "{size} is {own}, the tensors say {found}"
            ))),
        }
    }
}

fn metadata(why: String) -> ExchangeError {
    ExchangeError::Metadata {
        key: ENTRY.into(),
        why,
    }
}
