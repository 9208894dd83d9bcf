//! A language model: building, training, generating, reading and writing.

use crate::{
    Corpus, EvaluationSettings, Generator, LanguageTask, TasksError, TextSettings, evaluate,
    evaluation_streams, prime_line,
};
use lstm_model::{Engine, Loss, ModelError, Network, NetworkConfig, Purpose, Sampler};
use lstm_text::{Normalization, Tokenizer, Vocabulary};
use lstm_train::{
    Application, Descent, Description, Observer, Outcome, Plan, StoredModel, TrainError, Trainer,
    Workers, write_model,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::Path;

/// The description of a language model: everything but its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LanguageDescription {
    /// The configuration of the network.
    pub network: NetworkConfig,
    /// The tokens in the order of their ids: characters or subwords.
    pub vocabulary: Tokenizer,
    /// How a text is normalised before it is encoded.
    pub normalization: Normalization,
    /// How a text is cut into streams to measure the loss on it.
    pub evaluation: EvaluationSettings,
    /// The file from which the weights were imported, if they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported_from: Option<String>,
}

impl LanguageDescription {
    /// The ids of a text after normalisation.
    ///
    /// # Errors
    /// If the vocabulary lacks a character of the text.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, TrainError> {
        let ids = self.vocabulary.encode(&self.normalization.apply(text));
        ids.map_err(TrainError::data)
    }
}

impl Description for LanguageDescription {
    const KIND: &'static str = "language-model";
    type Network<R: Engine<Scalar = f32>> = Network<R>;

    fn check(&self) -> Result<(), ModelError> {
        self.network.check()?;
        self.evaluation.check()?;
        let (size, tokens) = (self.network.vocab_size, self.vocabulary.len());
        if size != tokens {
            let expected = "the number of tokens in its vocabulary";
            return Err(ModelError::setting("vocabulary size", size, expected));
        }
        Ok(())
    }

    fn parameter_count(&self) -> usize {
        self.network.parameter_count()
    }

    fn zeros<R: Engine<Scalar = f32>>(&self) -> Result<Network<R>, ModelError> {
        self.check()?;
        Network::zeros(self.network.clone())
    }

    fn init<R: Engine<Scalar = f32>>(&self, seed: u64) -> Result<Network<R>, ModelError> {
        self.check()?;
        Network::init(self.network.clone(), seed)
    }

    fn from_version_1(header: &Value) -> serde_json::Result<Self> {
        let text = &header["text"];
        let is_imported = text["characters"] == 0;
        Ok(Self {
            network: NetworkConfig::deserialize(&header["network"])?,
            vocabulary: Tokenizer::deserialize(&header["vocabulary"])?,
            normalization: Normalization::deserialize(&header["normalization"])?,
            evaluation: EvaluationSettings {
                batch_size: usize::deserialize(&header["data"]["batch_size"])?,
                seq_len: usize::deserialize(&header["data"]["seq_len"])?,
            },
            imported_from: text["source"]
                .as_str()
                .filter(|_| is_imported)
                .map(Into::into),
        })
    }
}

impl Application for TextSettings {
    type Description = LanguageDescription;
    /// The ids of the text.
    type Data = Vec<u32>;
    type Task<R: Engine<Scalar = f32>> = LanguageTask<R>;

    fn check(&self) -> Result<(), ModelError> {
        TextSettings::check(self)
    }

    fn tape_numbers(&self, description: &LanguageDescription) -> usize {
        // i, f, g, o, c, tanh c and h of each unit; the logits and their gradient.
        let network = &description.network;
        let of_token = 7 * network.layers * network.hidden_size + 2 * network.vocab_size;
        (self.batch_size * self.seq_len).saturating_mul(of_token)
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn steps_per_epoch(&self, data: &Vec<u32>) -> Result<u64, TrainError> {
        Ok(Corpus::new(data, *self)?.steps_per_epoch())
    }

    fn task<R: Engine<Scalar = f32>>(
        &self,
        _description: &LanguageDescription,
        data: &Vec<u32>,
        network: &Network<R>,
    ) -> Result<LanguageTask<R>, TrainError> {
        Ok(LanguageTask::new(Corpus::new(data, *self)?, network))
    }

    fn from_version_1(header: &Value) -> serde_json::Result<Self> {
        Self::deserialize(&header["data"])
    }
}

/// A language model of characters or subwords.
#[derive(Clone, Debug)]
pub struct LanguageModel<R: Engine> {
    /// The description.
    pub description: LanguageDescription,
    /// The network.
    pub network: Network<R>,
}

impl<R: Engine<Scalar = f32>> LanguageModel<R> {
    /// An untrained model of the characters of a text; `config.vocab_size` is set to their number.
    ///
    /// # Errors
    /// If the text is empty or a size is out of range.
    pub fn new(text: &str, mut config: NetworkConfig, seed: u64) -> Result<Self, TrainError> {
        let vocabulary = Vocabulary::from_text(text).map_err(TrainError::data)?;
        config.vocab_size = vocabulary.len();
        let description = LanguageDescription {
            network: config,
            vocabulary: vocabulary.into(),
            normalization: Normalization::default(),
            evaluation: EvaluationSettings::default(),
            imported_from: None,
        };
        Ok(Self {
            network: description.init(seed)?,
            description,
        })
    }

    /// Trains the model on a text, with one thread for each processor.
    ///
    /// # Errors
    /// If the text is too short or has an unknown character, or as [`Trainer::run`].
    pub fn train(
        &mut self,
        text: &str,
        settings: &TextSettings,
        plan: &Plan,
        observer: &mut impl Observer<LanguageTask<R>>,
    ) -> Result<Outcome, TrainError> {
        plan.check()?;
        let ids = self.description.encode(text)?;
        let task = settings.task(&self.description, &ids, &self.network)?;
        let (network, workers) = (self.network.clone(), Workers::for_machine()?);
        let mut trainer = Trainer::new(task, network, Descent::default(), workers)?;
        let outcome = trainer.run(plan, observer);
        self.network = trainer.network;
        outcome
    }

    /// Generates `length` tokens after `prime`, the same for the same seed.
    ///
    /// # Errors
    /// If the vocabulary lacks a character of the prime, or if the model's outputs are not finite.
    pub fn generate(
        &self,
        prime: &str,
        length: usize,
        sampler: &Sampler,
        seed: u64,
    ) -> Result<String, TrainError> {
        let vocabulary = &self.description.vocabulary;
        let prime = self.description.normalization.apply(prime);
        let line = prime_line(vocabulary, &prime).map_err(TrainError::data)?;
        let mut rng = Purpose::Sampling.rng(seed, 0, 0);
        let mut generator = Generator::new(&self.network, &line.ids, 1);
        let mut decoder = vocabulary.decoder();
        for &id in &line.ids {
            decoder.push(id).map_err(TrainError::data)?;
        }
        let mut text = prime.into_owned();
        for _ in 0..length {
            if !generator.is_finite() {
                return Err(TrainError::data(TasksError::NotFinite));
            }
            let id = generator.next_token(sampler, &mut rng);
            text += &decoder.push(id).map_err(TrainError::data)?;
        }
        Ok(text + &decoder.finish())
    }

    /// The loss on a text (E21), with one thread for each processor; `None` if the text has no token to
    /// predict.
    ///
    /// # Errors
    /// If the vocabulary lacks a character of the text.
    pub fn evaluate(&self, text: &str) -> Result<Option<Loss>, TrainError> {
        let ids = self.description.encode(text)?;
        let streams = evaluation_streams(&ids, self.description.evaluation);
        let workers = Workers::for_machine()?;
        Ok(streams.map(|streams| evaluate(&self.network, &streams, &workers)))
    }

    /// Reads a model file, or the best model in a run's directory (the last one if nothing was held out).
    ///
    /// # Errors
    /// As [`StoredModel::read`] and [`StoredModel::network`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self, TrainError> {
        let (description, network) = StoredModel::read(path.as_ref())?.network()?;
        Ok(Self {
            description,
            network,
        })
    }

    /// Writes the model file `path`; an existing file is replaced atomically.
    ///
    /// # Errors
    /// [`TrainError::Io`]
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), TrainError> {
        write_model(path.as_ref(), &self.description, &self.network)
    }
}
