//! What this crate writes into a file beside the weights: which characters the ids stand for.

use crate::{CharModel, ExchangeError};
use lstm_text::{Normalization, Vocabulary};
use serde::{Deserialize, Serialize};

/// The key of the metadata entry that holds an [`About`] as JSON.
pub(crate) const ENTRY: &str = "lstm";

/// What a model's ids stand for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct About {
    /// In JSON one string, its characters in the order of their ids.
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

    /// The vocabulary and normalization of a file. The caller's vocabulary takes precedence over the
    /// file's own.
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
        serde_json::to_string(self).expect("a vocabulary is plain data")
    }
}
