//! A model that generates one text from another: translation and summarisation.

use crate::TasksError;
use crate::beam::{Beam, Hypothesis};
use crate::encoder_decoder::{Decoding, EncoderDecoder, EncoderDecoderConfig};
use lstm_model::{Engine, ModelError};
use lstm_text::{BEGIN, BytePair, END};
use lstm_train::{Description, StoredModel, TrainError};
use nalgebra::{DMatrix, convert};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::Path;

/// The relation between the source and the generated text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transduction {
    /// The same content in another language.
    Translation,
    /// The same content in fewer words.
    Summarisation,
}

/// The description of a transducer: everything but its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransducerDescription {
    /// The application that it is trained for.
    pub transduction: Transduction,
    /// The sizes of the network.
    pub network: EncoderDecoderConfig,
    /// The subword tokens of the source.
    pub source: BytePair,
    /// The subword tokens of the target; `None` if they are those of the source.
    pub target: Option<BytePair>,
    /// The largest number of source tokens. A longer source is cut.
    pub max_source: usize,
}

impl TransducerDescription {
    /// The subword tokens of the target.
    pub fn target_subwords(&self) -> &BytePair {
        self.target.as_ref().unwrap_or(&self.source)
    }

    /// The ids of a source, at most `max_source` of them.
    pub fn encode(&self, source: &str) -> Vec<u32> {
        let mut ids = self.source.encode(source);
        ids.truncate(self.max_source);
        ids
    }
}

impl Description for TransducerDescription {
    const KIND: &'static str = "encoder-decoder";
    type Network<R: Engine<Scalar = f32>> = EncoderDecoder<R>;

    fn check(&self) -> Result<(), ModelError> {
        self.network.check()?;
        ModelError::check_not_zero(&[("longest source", self.max_source)])?;
        let (network, target) = (&self.network, self.target_subwords());
        let expected = "the number of tokens in its vocabulary";
        for (setting, size, tokens) in [
            ("source vocabulary", network.source_vocab, self.source.len()),
            ("target vocabulary", network.target_vocab, target.len()),
        ] {
            if size != tokens {
                return Err(ModelError::setting(setting, size, expected));
            }
        }
        Ok(())
    }

    fn parameter_count(&self) -> usize {
        self.network.parameter_count()
    }

    fn zeros<R: Engine<Scalar = f32>>(&self) -> Result<EncoderDecoder<R>, ModelError> {
        self.check()?;
        EncoderDecoder::zeros(self.network.clone())
    }

    fn init<R: Engine<Scalar = f32>>(&self, seed: u64) -> Result<EncoderDecoder<R>, ModelError> {
        self.check()?;
        EncoderDecoder::init(self.network.clone(), seed)
    }

    fn from_version_1(header: &Value) -> serde_json::Result<Self> {
        Ok(Self {
            transduction: Transduction::deserialize(&header["application"])?,
            network: EncoderDecoderConfig::deserialize(&header["network"])?,
            source: BytePair::deserialize(&header["source"])?,
            target: Option::deserialize(&header["target"])?,
            max_source: usize::deserialize(&header["pairs"]["max_source"])?,
        })
    }
}

/// A trained encoder–decoder.
pub struct Transducer<R: Engine> {
    /// The description.
    pub description: TransducerDescription,
    /// The network.
    pub network: EncoderDecoder<R>,
}

/// A generated text and its score.
#[derive(Clone, Debug, PartialEq)]
pub struct Generated {
    /// The text.
    pub text: String,
    /// The token ids.
    pub tokens: Vec<u32>,
    /// The beam score (E31).
    pub score: f64,
}

impl<R: Engine<Scalar = f32>> Transducer<R> {
    /// Reads a model file, or the best model in a run's directory (the last one if nothing was held out).
    ///
    /// # Errors
    /// As [`StoredModel::read`] and [`StoredModel::network`].
    pub fn load(path: &Path) -> Result<Self, TrainError> {
        let (description, network) = StoredModel::read(path)?.network()?;
        Ok(Self {
            description,
            network,
        })
    }

    /// The texts that a beam search finds for a source, best first, at most `width` of them. A text has
    /// at most 4 n + 20 tokens, where n is the number of source tokens.
    ///
    /// # Errors
    /// [`TasksError::NotFinite`]
    pub fn generate(
        &self,
        source: &str,
        width: usize,
        length_penalty: f64,
    ) -> Result<Vec<Generated>, TasksError> {
        let source = self.description.encode(source);
        let beam = Beam {
            width,
            length_penalty,
            max_len: 4 * source.len() + 20,
            begin: BEGIN,
            end: Some(END),
        };
        let found = beam.search(&mut Decoding::new(&self.network, &source))?;
        let generated = |Hypothesis { tokens, score, .. }: Hypothesis| Generated {
            text: self.text(&tokens),
            tokens,
            score,
        };
        Ok(found.into_iter().map(generated).collect())
    }

    fn text(&self, tokens: &[u32]) -> String {
        let text = self.description.target_subwords().decode(tokens);
        text.expect("the network's ids are in its vocabulary")
    }

    /// The attention over the source at each step of the target (E29): the source tokens, the target
    /// tokens and the end, and α, S×T.
    pub fn attention_map(
        &self,
        source: &str,
        target: &[u32],
    ) -> (Vec<String>, Vec<String>, DMatrix<f64>) {
        let ids = self.description.encode(source);
        let alpha = self.network.attention_map(&ids, target);
        let tokens = |subwords: &BytePair, ids: &[u32]| -> Vec<String> {
            let token = |&id: &u32| subwords.decode(&[id]).expect("ids of its own vocabulary");
            ids.iter().map(token).collect()
        };
        let mut generated = tokens(self.description.target_subwords(), target);
        generated.push("(end)".to_owned());
        let read = tokens(&self.description.source, &ids);
        (read, generated, alpha.map(convert))
    }
}
