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

    /// The characters, those given before the file's own, and how a text is brought into their form.
    pub fn parse(
        json: Option<&str>,
        given: Option<Vocabulary>,
    ) -> Result<(Option<Vocabulary>, Normalization), ExchangeError> {
        let own: Option<Self> =
            json.map(serde_json::from_str)
                .transpose()
                .map_err(|why| ExchangeError::Metadata {
                    key: ENTRY.into(),
                    why: why.to_string(),
                })?;
        let normalization = own.as_ref().map(|own| own.normalization);
        Ok((
            given.or(own.map(|own| own.vocabulary)),
            normalization.unwrap_or_default(),
        ))
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("characters are plain data")
    }
}
