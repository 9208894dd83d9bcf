//! Learning who does what to whom, and what is stored of it.

use crate::batch::Buckets;
use crate::data::{Argument, Frame, Sentence, arguments_of, labels_of};
use crate::features::{FEATURES, Features};
use crate::labeler::{LabelBatch, Labeler, LabelerConfig};
use crate::role_source::RoleSource;
use crate::sharing::Sharing;
use crate::{LabelSet, TasksError};
use lstm_model::store::{self, Header};
use lstm_model::{
    Canonical, Dropout, Loss, ModelError, Plan, Recurrent, RunHeader, Task, Tensors, TextRecord,
    Trainer, TrainerState, Workers,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// A sentence with one predicate as ids: the features of each word, and its label.
struct Example {
    words: Vec<[u32; FEATURES]>,
    labels: Vec<u32>,
}

/// The task of labelling the words of sentences, each as often as it has predicates.
pub struct LabelTask<R: Recurrent> {
    train: Vec<Example>,
    val: Vec<Example>,
    buckets: Buckets,
    batch_size: usize,
    seed: u64,
    sharing: Sharing<Labeler<R>>,
}

impl<R: Recurrent<Scalar = f32>> LabelTask<R> {
    /// The task of a run on its sentences; those of `val` are not learned from.
    ///
    /// # Errors
    /// [`ModelError::Setting`] if there is no predicate, or no batch.
    pub fn new(
        header: &LabelerHeader,
        train: &[Sentence],
        val: &[Sentence],
        network: &Labeler<R>,
        workers: Workers,
    ) -> Result<Self, ModelError> {
        let labels = header.label_set()?;
        let examples = |sentences: &[Sentence]| -> Vec<Example> {
            sentences
                .iter()
                .flat_map(|sentence| sentence.frames.iter().map(move |frame| (sentence, frame)))
                .map(|(sentence, frame)| header.example(&labels, sentence, frame))
                .collect()
        };
        let (train, mut val) = (examples(train), examples(val));
        for (setting, value) in [
            ("batch size", header.batch_size),
            ("number of predicates", train.len()),
        ] {
            if value == 0 {
                return Err(ModelError::setting(setting, 0, "at least 1"));
            }
        }
        // Sentences of like length stand together; the order means nothing else.
        val.sort_by_key(|example| example.words.len());
        let lengths = train.iter().map(|example| example.words.len()).collect();
        Ok(Self {
            buckets: Buckets::new(lengths, header.batch_size, header.seed),
            sharing: Sharing::new(workers, header.batch_size, network),
            batch_size: header.batch_size,
            seed: header.seed,
            train,
            val,
        })
    }

    /// Predicates that train and predicates that validate.
    pub fn sizes(&self) -> (usize, usize) {
        (self.train.len(), self.val.len())
    }
}

fn batch_of<'a>(examples: impl IntoIterator<Item = &'a Example>) -> LabelBatch {
    let slices: Vec<(&[[u32; FEATURES]], &[u32])> = examples
        .into_iter()
        .map(|example| (&example.words[..], &example.labels[..]))
        .collect();
    LabelBatch::new(&slices)
}

impl<R: Recurrent<Scalar = f32>> Task for LabelTask<R> {
    type Params = Labeler<R>;

    fn gradient(&mut self, params: &Self::Params, step: u64, grad: &mut Self::Params) -> Loss {
        let (batch, train, seed) = (self.buckets.batch(step), &self.train, self.seed);
        let tokens: usize = batch.iter().map(|&n| train[n].words.len()).sum();
        let scale = 1.0 / tokens as f32;
        let nats = self.sharing.gradient(batch.len(), grad, |part, grad| {
            let dropout = Dropout {
                seed,
                step,
                first_sequence: part.start,
            };
            let batch = batch_of(batch[part].iter().map(|&n| &train[n]));
            params.loss_and_gradient(&batch, Some(dropout), scale, grad)
        });
        Loss { nats, tokens }
    }

    fn workers(&self) -> &Workers {
        self.sharing.workers()
    }

    fn validate(&self, params: &Self::Params) -> Option<f64> {
        let batches = self.val.chunks(self.batch_size).collect();
        self.sharing.mean(batches, |examples: &[Example]| {
            let batch = batch_of(examples);
            Loss {
                nats: params.loss(&batch, None).into(),
                tokens: batch.labels.tokens(),
            }
        })
    }

    fn steps_per_epoch(&self) -> u64 {
        self.buckets.steps_per_epoch()
    }

    fn export(&self, _tensors: &mut Tensors) {}

    fn import(&mut self, _tensors: &mut Tensors) -> Result<(), ModelError> {
        Ok(())
    }
}

/// The sidecar of a labeller's checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelerHeader {
    /// The engine that trained it; any engine can read it.
    pub engine: String,
    /// The threads it was trained with; with as many a resumed run is the same to the bit.
    pub threads: usize,
    /// The network's sizes.
    pub network: LabelerConfig,
    /// What it sees of a word.
    pub features: Features,
    /// The names of its labels, in the order of their ids.
    pub labels: Vec<String>,
    /// Words, in lower case, that were predicates more often than not.
    pub predicates: Vec<String>,
    /// Where its sentences come from.
    pub origin: RoleSource,
    /// By what they are known again.
    pub text: TextRecord,
    /// Sentences side by side, B.
    pub batch_size: usize,
    /// Decides every random choice.
    pub seed: u64,
    /// When it stops and evaluates.
    pub plan: Plan,
    /// Where it stands.
    pub state: TrainerState,
}

impl Header for LabelerHeader {
    const KIND: &'static str = "labeler";
}

impl RunHeader for LabelerHeader {
    fn unit(&self) -> &'static str {
        "word"
    }

    fn plan(&self) -> &Plan {
        &self.plan
    }

    fn state(&self) -> &TrainerState {
        &self.state
    }

    fn state_mut(&mut self) -> &mut TrainerState {
        &mut self.state
    }
}

impl LabelerHeader {
    fn label_set(&self) -> Result<LabelSet, ModelError> {
        LabelSet::from_names(self.labels.clone())
            .map_err(|error| ModelError::tensor("labels", error))
    }

    fn words(&self, words: &[String], predicate: usize) -> Vec<[u32; FEATURES]> {
        let ids = |(t, word): (usize, &String)| self.features.ids(word, t == predicate);
        words.iter().enumerate().map(ids).collect()
    }

    /// A role that has no label, in a sentence not learned from, is O.
    fn example(&self, labels: &LabelSet, sentence: &Sentence, frame: &Frame) -> Example {
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

    fn empty_network<R: Recurrent>(&self, dir: &Path) -> Result<Labeler<R>, ModelError> {
        let (network, sidecar) = (&self.network, dir.join(store::SIDECAR));
        if network.labels != self.labels.len() || network.vocab_sizes != self.features.sizes() {
            let why = "its labels or features are not as many as its network's";
            return Err(ModelError::checkpoint(&sidecar, why));
        }
        Labeler::zeros(network.clone())
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

/// Words, in lower case, that are predicates more often than not, in alphabetical order.
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

/// Takes up a run where its checkpoint left it, on the sentences that it learns from.
///
/// # Errors
/// [`ModelError::Checkpoint`] if sizes and tensors do not agree.
pub fn resume_labeling<R: Recurrent<Scalar = f32>>(
    dir: &Path,
    header: &LabelerHeader,
    tensors: Tensors,
    train: &[Sentence],
    val: &[Sentence],
    workers: Workers,
) -> Result<Trainer<LabelTask<R>>, ModelError> {
    let network = header.empty_network(dir)?;
    let task = LabelTask::new(header, train, val, &network, workers)?;
    Trainer::import(task, network, &header.state, tensors)
        .map_err(|error| ModelError::checkpoint(&dir.join(store::SIDECAR), error))
}

/// A trained labeller, to be used.
pub struct RoleLabeler<R: Recurrent> {
    /// Its weights.
    pub network: Labeler<R>,
    /// All that is known of it besides.
    pub header: LabelerHeader,
    labels: LabelSet,
}

impl<R: Recurrent<Scalar = f32>> RoleLabeler<R> {
    /// Reads a model from its checkpoint.
    ///
    /// # Errors
    /// As [`store::load`], or [`ModelError::Checkpoint`] if sizes, labels and tensors do not agree.
    pub fn load(dir: &Path) -> Result<Self, ModelError> {
        let (header, mut tensors) = store::load::<LabelerHeader>(dir)?;
        let sidecar = dir.join(store::SIDECAR);
        let mut network = header.empty_network(dir)?;
        let inconsistent = |error: ModelError| ModelError::checkpoint(&sidecar, error);
        network
            .import("weights", &mut tensors)
            .map_err(inconsistent)?;
        let labels = header.label_set().map_err(inconsistent)?;
        Ok(Self {
            network,
            header,
            labels,
        })
    }

    /// The words that the model takes for predicates: those that usually were.
    pub fn usual_predicates(&self, words: &[String]) -> Vec<usize> {
        let is_usual = |word: &String| {
            self.header
                .predicates
                .binary_search(&word.to_lowercase())
                .is_ok()
        };
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
        let examples: Vec<Example> = predicates
            .iter()
            .map(|&predicate| Example {
                words: self.header.words(words, predicate),
                labels: vec![0; words.len()],
            })
            .collect();
        let paths = self
            .network
            .best_labels(&batch_of(&examples), &self.labels, predicates)?;
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
