//! A semantic role labeller.

use crate::data::{Argument, Frame, Sentence, arguments_of, labels_of};
use crate::features::{FEATURES, Features};
use crate::labeler::{Example, LabelBatch, Labeler, LabelerConfig};
use crate::{LabelSet, TasksError};
use lstm_model::{Engine, ModelError};
use lstm_train::{Description, StoredModel, TrainError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// The description of a role labeller: everything but its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelerDescription {
    /// The sizes of the network.
    pub network: LabelerConfig,
    /// The features of a word.
    pub features: Features,
    /// The names of the labels in the order of their ids.
    pub labels: Vec<String>,
    /// The lower-case words of which more than half of the occurrences in the training data are
    /// predicates.
    pub predicates: Vec<String>,
}

impl LabelerDescription {
    /// The set of labels.
    ///
    /// # Errors
    /// [`ModelError::Tensor`] if the names are not a BIO scheme.
    pub(crate) fn label_set(&self) -> Result<LabelSet, ModelError> {
        LabelSet::from_names(self.labels.clone())
            .map_err(|error| ModelError::tensor("labels", error))
    }

    fn words(&self, words: &[String], predicate: usize) -> Vec<[u32; FEATURES]> {
        let ids = |(t, word): (usize, &String)| self.features.ids(word, t == predicate);
        words.iter().enumerate().map(ids).collect()
    }

    /// A sentence with one of its predicates as ids. Words whose role has no label, which can occur in
    /// validation data, get the label O.
    pub(crate) fn example(&self, labels: &LabelSet, sentence: &Sentence, frame: &Frame) -> Example {
        let outside = labels.id("O").expect("a set of labels has O");
        let names = labels_of(&frame.arguments, sentence.words.len());
        let ids = names.iter().map(|name| labels.id(name).unwrap_or(outside));
        let words = self.words(&sentence.words, frame.predicate);
        (words, ids.collect())
    }
}

impl Description for LabelerDescription {
    const KIND: &'static str = "labeler";
    type Network<R: Engine<Scalar = f32>> = Labeler<R>;

    fn check(&self) -> Result<(), ModelError> {
        self.network.check()?;
        let network = &self.network;
        if network.labels != self.labels.len() {
            let expected = "the number of label names";
            return Err(ModelError::setting(
                "number of labels",
                network.labels,
                expected,
            ));
        }
        if network.vocab_sizes != self.features.sizes() {
            let sizes = format!("{:?}", network.vocab_sizes);
            let expected = "the vocabulary sizes of its features";
            return Err(ModelError::setting("vocabulary sizes", sizes, expected));
        }
        self.label_set().map(drop)
    }

    fn parameter_count(&self) -> usize {
        self.network.parameter_count()
    }

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

/// The names of the labels of all roles in these sentences, V included.
pub fn label_names(sentences: &[Sentence]) -> Vec<String> {
    let arguments = sentences
        .iter()
        .flat_map(|sentence| &sentence.frames)
        .flat_map(|frame| &frame.arguments);
    let roles = arguments.map(|argument| argument.label.as_str());
    LabelSet::from_roles(roles.chain(["V"])).names().to_vec()
}

/// The lower-case words of which more than half of the occurrences are predicates, in alphabetical
/// order.
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

/// The words in a batch of one sentence, once for each predicate, unless the sentence itself is longer.
const MOST_WORDS: usize = 1 << 16;

/// A trained role labeller.
pub struct RoleLabeler<R: Engine> {
    /// The description.
    pub description: LabelerDescription,
    /// The network.
    pub network: Labeler<R>,
    labels: LabelSet,
}

impl<R: Engine<Scalar = f32>> RoleLabeler<R> {
    /// Reads a model file, or the best model in a run's directory (the last one if nothing was held out).
    ///
    /// # Errors
    /// As [`StoredModel::read`] and [`StoredModel::network`].
    pub fn load(path: &Path) -> Result<Self, TrainError> {
        let (description, network) = StoredModel::<LabelerDescription>::read(path)?.network()?;
        Ok(Self::new(description, network)?)
    }

    /// A labeller with this network.
    ///
    /// # Errors
    /// [`ModelError::Tensor`] if the names of the labels are not a BIO scheme.
    pub fn new(description: LabelerDescription, network: Labeler<R>) -> Result<Self, ModelError> {
        Ok(Self {
            labels: description.label_set()?,
            description,
            network,
        })
    }

    /// The positions of the words that are usually predicates.
    #[must_use]
    pub fn usual_predicates(&self, words: &[String]) -> Vec<usize> {
        let usual = &self.description.predicates;
        let is_usual = |word: &String| usual.binary_search(&word.to_lowercase()).is_ok();
        (0..words.len()).filter(|&t| is_usual(&words[t])).collect()
    }

    /// The arguments of each predicate, V included.
    ///
    /// # Errors
    /// [`TasksError::Predicate`] if a predicate is not the index of a word.
    pub fn label(
        &self,
        words: &[String],
        predicates: &[usize],
    ) -> Result<Vec<Vec<Argument>>, TasksError> {
        if predicates.is_empty() || words.is_empty() {
            return Ok(Vec::new());
        }
        let unlabelled = |&predicate: &usize| -> Example {
            let words = self.description.words(words, predicate);
            let labels = vec![0; words.len()];
            (words, labels)
        };
        let mut paths = Vec::new();
        // Every predicate reads the whole sentence. A long one is read for a few of them at a time.
        for predicates in predicates.chunks((MOST_WORDS / words.len()).max(1)) {
            let examples: Vec<Example> = predicates.iter().map(unlabelled).collect();
            let batch = LabelBatch::new(&examples);
            paths.extend(self.network.best_labels(&batch, &self.labels, predicates)?);
        }
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
