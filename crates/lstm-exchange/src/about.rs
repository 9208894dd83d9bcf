//! What this project writes beside the weights, so that they come back as a model.

use crate::{CharModel, ExchangeError};
use lstm_text::{Normalization, Vocabulary};
use serde::{Deserialize, Serialize};

/// The entry of a file's metadata that holds it, as JSON.
pub(crate) const ENTRY: &str = "lstm";

/// What the ids stand for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct About {
    /// One string, its characters in the order of their ids.
    pub vocabulary: Vocabulary,
    pub normalization: Normalization,
}

impl About {
    pub fn of(model: &CharModel) -> Self {
        Self {
            vocabulary: model.vocabulary.clone(),
            normalization: model.normalization,
        }
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("characters are plain data")
    }

    pub fn parse(json: &str) -> Result<Self, ExchangeError> {
        serde_json::from_str(json).map_err(|why| ExchangeError::Metadata {
            key: ENTRY.into(),
            why: why.to_string(),
        })
    }
}
