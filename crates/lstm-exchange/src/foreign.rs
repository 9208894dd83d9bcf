//! A character model on its way between frameworks.

use crate::ExchangeError;
use lstm_model::{
    Batched, Canonical, Cut, DataConfig, Descent, LanguageModel, LanguageModelHeader, Network,
    Optimizer, Plan, Schedule, TextRecord, TrainerState, store,
};
use lstm_text::{Normalization, Tokenizer, Vocabulary};
use std::path::Path;

/// All that another framework can be told of a language model, or can tell: its weights, and what its
/// ids stand for.
#[derive(Clone, Debug)]
pub struct CharModel {
    /// Embedding, layers, head.
    pub network: Network<Batched<f32>>,
    /// The characters, in the order of their ids.
    pub vocabulary: Vocabulary,
    /// How a text is brought into the form that it learned from.
    pub normalization: Normalization,
}

impl CharModel {
    /// Of the checkpoint in `dir`.
    ///
    /// # Errors
    /// As [`LanguageModel::load`].
    pub fn load(dir: &Path) -> Result<Self, ExchangeError> {
        let LanguageModel { network, header } = LanguageModel::load(dir)?;
        Ok(Self {
            network,
            vocabulary: match header.vocabulary {
                Tokenizer::Characters(vocabulary) => vocabulary,
                Tokenizer::Pieces(_) => return Err(ExchangeError::Pieces),
            },
            normalization: header.normalization,
        })
    }

    /// Puts a checkpoint into `dir` that can be used, but not trained on: nothing is known of the text
    /// that it learned from, nor of the optimiser. `source` says where the weights come from.
    ///
    /// # Errors
    /// If there is not one character for each of the network's ids, or as [`store::save`].
    pub fn save(&self, dir: &Path, source: &str) -> Result<(), ExchangeError> {
        let config = self.network.config();
        expect_characters(&self.vocabulary, config.vocab_size)?;
        let header = LanguageModelHeader {
            engine: "none".into(),
            threads: 1,
            network: config.clone(),
            vocabulary: self.vocabulary.clone().into(),
            normalization: self.normalization,
            text: TextRecord {
                source: source.to_owned(),
                characters: 0,
                crc32: 0,
            },
            data: DataConfig {
                cut: Cut::Streams,
                batch_size: 32,
                seq_len: 128,
                val_fraction: 0.1,
                seed: 0,
            },
            plan: Plan {
                steps: Some(0),
                seconds: None,
                eval_every: 100,
            },
            state: TrainerState::new(Descent {
                optimizer: Optimizer::Sgd,
                learning_rate: 1e-3,
                schedule: Schedule::Constant,
                max_norm: None,
            })?,
        };
        let mut tensors = lstm_model::Tensors::new();
        self.network.export("weights", &mut tensors);
        Ok(store::save(dir, "weights-imported", &header, &tensors)?)
    }
}

/// One character for each id.
pub(crate) fn expect_characters(vocabulary: &Vocabulary, ids: usize) -> Result<(), ExchangeError> {
    match vocabulary.len() == ids {
        true => Ok(()),
        false => Err(ExchangeError::Vocabulary {
            characters: vocabulary.len(),
            ids,
        }),
    }
}
