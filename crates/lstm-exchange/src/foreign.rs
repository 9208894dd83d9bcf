//! A character model on its way between frameworks.

use crate::ExchangeError;
use lstm_model::{Batched, Network};
use lstm_tasks::{EvaluationSettings, LanguageDescription, LanguageModel};
use lstm_text::{Normalization, Tokenizer, Vocabulary};
use std::path::Path;

/// What another framework's file can hold of a language model: its weights, and the characters of its
/// ids.
#[derive(Clone, Debug)]
pub struct CharModel {
    /// Embedding, layers, head.
    pub network: Network<Batched<f32>>,
    /// The characters, in the order of their ids.
    pub vocabulary: Vocabulary,
    /// How a text is normalised before it is encoded.
    pub normalization: Normalization,
}

impl CharModel {
    /// The model in a model file, or the last one in the directory of a run.
    ///
    /// # Errors
    /// As [`LanguageModel::load`], and if the model reads subword tokens.
    pub fn load(path: &Path) -> Result<Self, ExchangeError> {
        let LanguageModel {
            network,
            description,
        } = LanguageModel::load(path)?;
        Ok(Self {
            network,
            vocabulary: match description.vocabulary {
                Tokenizer::Characters(vocabulary) => vocabulary,
                Tokenizer::Subwords(_) | Tokenizer::Words(_) => {
                    return Err(ExchangeError::Subwords);
                }
            },
            normalization: description.normalization,
        })
    }

    /// Writes the model file `path`. `source` is the file that the weights come from.
    ///
    /// # Errors
    /// If there is not one character for each of the network's ids, or as [`LanguageModel::save`].
    pub fn save(&self, path: &Path, source: &str) -> Result<(), ExchangeError> {
        let config = self.network.config();
        expect_characters(&self.vocabulary, config.vocab_size)?;
        let model = LanguageModel {
            description: LanguageDescription {
                network: config.clone(),
                vocabulary: self.vocabulary.clone().into(),
                normalization: self.normalization,
                evaluation: EvaluationSettings::default(),
                imported_from: Some(source.to_owned()),
            },
            network: self.network.clone(),
        };
        Ok(model.save(path)?)
    }
}

/// One character for each id.
pub(crate) fn expect_characters(vocabulary: &Vocabulary, ids: usize) -> Result<(), ExchangeError> {
    if vocabulary.len() == ids {
        return Ok(());
    }
    Err(ExchangeError::Vocabulary {
        characters: vocabulary.len(),
        ids,
    })
}
