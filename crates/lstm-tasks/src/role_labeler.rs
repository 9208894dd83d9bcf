//! A model that labels who does what to whom.

use crate::data::{Argument, Frame, Sentence, arguments_of, labels_of};
use crate::features::{FEATURES, Features};
use crate::labeler::{LabelBatch, Labeler, LabelerConfig};
use crate::{LabelSet, TasksError};
use lstm_model::{Engine, ModelError};
use lstm_train::{Description, StoredModel, TrainError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// What a role labeller is besides its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelerDescription {
    /// The network's sizes.
    pub network: LabelerConfig,
    /// The features of a word.
    pub features: Features,
    /// The names of its labels, in the order of their ids.
    pub labels: Vec<String>,
    /// Lower-case words that were predicates more often than not.
    pub predicates: Vec<String>,
}

/// A sentence with one predicate as ids: the features of each word, and its label.
pub(crate) struct Example {
    pub words: Vec<[u32; FEATURES]>,
    pub labels: Vec<u32>,
}

impl LabelerDescription {
    /// The set of its labels.
    ///
    /// # Errors
    /// [`ModelError::Tensor`] if the names are no BIO scheme.
    pub(crate) fn label_set(&self) -> Result<LabelSet, ModelError> {
        LabelSet::from_names(self.labels.clone())
            .map_err(|error| ModelError::tensor("labels", error))
    }

    fn words(&self, words: &[String], predicate: usize) -> Vec<[u32; FEATURES]> {
        let ids = |(t, word): (usize, &String)| self.features.ids(word, t == predicate);
        words.iter().enumerate().map(ids).collect()
    }

    /// A role without a label, as validation data may have it, becomes O.
    pub(crate) fn example(&self, labels: &LabelSet, sentence: &Sentence, frame: &Frame) -> Example {
        let outside = labels.id("O").expect("a set of labels has O");
        let names = labels_of(&frame.arguments, sentence.words.len());
        Example {
            words: self.words(&sentence.words, frame.predicate),
            labels: names
                .iter()
                .map(|name| labels.id(name).unwrap_or(outside))
                .collect(),
        }
    }

    fn check(&self) -> Result<(), ModelError> {
        let network = &self.network;
        if network.labels != self.labels.len() {
            let expected = "as many as there are names of labels";
            return Err(ModelError::setting(
                "number of labels",
                network.labels,
                expected,
            ));
        }
        if network.vocab_sizes != self.features.sizes() {
            let sizes = format!("{:?}", network.vocab_sizes);
            let expected = "the sizes of its features";
            return Err(ModelError::setting("vocabulary sizes", sizes, expected));
        }
        self.label_set().map(drop)
    }
}

impl Description for LabelerDescription {
    const KIND: &'static str = "labeler";
    type Network<R: Engine<Scalar = f32>> = Labeler<R>;

    fn zeros<R: Engine<Scalar = f32>>(&self) -> Result<Labeler<R>, ModelError> {
        self.check()?;
        Labeler::zeros(self.network.clone())
    }

    fn init<R: Engine<Scalar = f32>>(&self, seed: u64) -> Result<Labeler<R>, ModelError> {
        self.check()?;
        Labeler::init(self.network.clone(), seed)
    }

    fn from_version_1(header: &Value) -> serde_json::Result<Self> {
        Ok(Self {
            network: LabelerConfig::deserialize(&header["network"])?,
            features: Features::deserialize(&header["features"])?,
            labels: Vec::deserialize(&header["labels"])?,
            predicates: Vec::deserialize(&header["predicates"])?,
        })
    }
}

/// The names of all labels that sentences need, and V.
pub fn label_names(sentences: &[Sentence]) -> Vec<String> {
    let arguments = sentences
        .iter()
        .flat_map(|sentence| &sentence.frames)
        .flat_map(|frame| &frame.arguments);
    let roles = arguments.map(|argument| argument.label.as_str());
    LabelSet::from_roles(roles.chain(["V"])).names().to_vec()
}

/// Lower-case words that are predicates more often than not, in alphabetical order.
pub fn usual_predicates(sentences: &[Sentence]) -> Vec<String> {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for sentence in sentences {
        for (t, word) in sentence.words.iter().enumerate() {
            let (all, predicates) = counts.entry(word.to_lowercase()).or_default();
            *all += 1;
            *predicates += usize::from(sentence.frames.iter().any(|frame| frame.predicate == t));
        }
    }
    let usual = |&(_, (all, predicates)): &(String, (usize, usize))| 2 * predicates > all;
    counts
        .into_iter()
        .filter(usual)
        .map(|(word, _)| word)
        .collect()
}

pub(crate) fn batch_of<'a>(examples: impl IntoIterator<Item = &'a Example>) -> LabelBatch {
    let slices: Vec<(&[[u32; FEATURES]], &[u32])> = examples
        .into_iter()
        .map(|example| (&example.words[..], &example.labels[..]))
        .collect();
    LabelBatch::new(&slices)
}

/// A trained role labeller.
pub struct RoleLabeler<R: Engine> {
    /// What it is.
    pub description: LabelerDescription,
    /// Its weights.
    pub network: Labeler<R>,
    labels: LabelSet,
}

impl<R: Engine<Scalar = f32>> RoleLabeler<R> {
    /// Reads a model: a model file, or the last model in a run's directory.
    ///
    /// # Errors
    /// As [`StoredModel::read`] and [`StoredModel::network`].
    pub fn load(path: &Path) -> Result<Self, TrainError> {
        let (description, network) = StoredModel::<LabelerDescription>::read(path)?.network()?;
        Ok(Self {
            labels: description.label_set()?,
            description,
            network,
        })
    }

    /// The positions of the words that are usually predicates.
    pub fn usual_predicates(&self, words: &[String]) -> Vec<usize> {
        let usual = &self.description.predicates;
        let is_usual = |word: &String| usual.binary_search(&word.to_lowercase()).is_ok();
        (0..words.len()).filter(|&t| is_usual(&words[t])).collect()
    }

    /// The arguments of each predicate, V among them.
    ///
    /// # Errors
    /// [`TasksError::Predicate`] if one is no word of the sentence.
    pub fn label(
        &self,
        words: &[String],
        predicates: &[usize],
    ) -> Result<Vec<Vec<Argument>>, TasksError> {
        if predicates.is_empty() || words.is_empty() {
            return Ok(Vec::new());
        }
        let example = |&predicate: &usize| Example {
            words: self.description.words(words, predicate),
            labels: vec![0; words.len()],
        };
        let examples: Vec<Example> = predicates.iter().map(example).collect();
        let batch = batch_of(&examples);
        let paths = self.network.best_labels(&batch, &self.labels, predicates)?;
        let names = |path: &Vec<u32>| -> Vec<&str> {
            let name = |&id: &u32| self.labels.names()[id as usize].as_str();
            path.iter().map(name).collect()
        };
        Ok(paths
            .iter()
            .map(|path| arguments_of(&names(path)))
            .collect())
    }
}
