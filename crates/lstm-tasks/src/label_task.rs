//! Learning to label the words of sentences, once for each predicate.

use crate::batch::{Buckets, mean_loss};
use crate::data::Sentence;
use crate::labeler::Labeler;
use crate::role_labeler::{Example, LabelerDescription, batch_of};
use crate::role_source::{RoleData, RoleSource};
use lstm_model::{Engine, Loss, ModelError};
use lstm_train::{Application, BatchSize, Part, Task, TrainError, Workers};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::marker::PhantomData;

/// How a role labeller is trained on sentences.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelSettings {
    /// Where the sentences come from.
    pub source: RoleSource,
    /// Sentences in a batch, B.
    pub batch_size: usize,
    /// The seed of every random choice.
    pub seed: u64,
}

impl Application for LabelSettings {
    type Description = LabelerDescription;
    type Data = RoleData;
    type Task<R: Engine<Scalar = f32>> = LabelTask<R>;

    fn seed(&self) -> u64 {
        self.seed
    }

    fn steps_per_epoch(&self, data: &RoleData) -> Result<u64, TrainError> {
        let predicates: usize = data.train.iter().map(|s| s.frames.len()).sum();
        Ok(predicates.div_ceil(self.batch_size.max(1)) as u64)
    }

    fn task<R: Engine<Scalar = f32>>(
        &self,
        description: &LabelerDescription,
        data: &RoleData,
        _network: &Labeler<R>,
    ) -> Result<LabelTask<R>, TrainError> {
        Ok(LabelTask::new(self, description, data)?)
    }

    fn from_version_1(header: &Value) -> serde_json::Result<Self> {
        Ok(Self {
            source: RoleSource::deserialize(&header["origin"])?,
            batch_size: usize::deserialize(&header["batch_size"])?,
            seed: u64::deserialize(&header["seed"])?,
        })
    }
}

/// The task of labelling sentences.
pub struct LabelTask<R> {
    train: Vec<Example>,
    val: Vec<Example>,
    batch_size: usize,
    seed: u64,
    buckets: Buckets,
    engine: PhantomData<fn() -> R>,
}

impl<R> LabelTask<R> {
    fn new(
        settings: &LabelSettings,
        description: &LabelerDescription,
        data: &RoleData,
    ) -> Result<Self, ModelError> {
        let labels = description.label_set()?;
        let examples = |sentences: &[Sentence]| -> Vec<Example> {
            sentences
                .iter()
                .flat_map(|sentence| sentence.frames.iter().map(move |frame| (sentence, frame)))
                .map(|(sentence, frame)| description.example(&labels, sentence, frame))
                .collect()
        };
        let (train, mut val) = (examples(&data.train), examples(&data.val));
        for (setting, value) in [
            ("batch size", settings.batch_size),
            ("number of predicates", train.len()),
        ] {
            if value == 0 {
                return Err(ModelError::setting(setting, 0, "at least 1"));
            }
        }
        // Sentences of similar length share a batch, so that little of it is padding.
        val.sort_by_key(|example| example.words.len());
        let lengths = train.iter().map(|example| example.words.len()).collect();
        Ok(Self {
            buckets: Buckets::new(lengths, settings.batch_size, settings.seed),
            batch_size: settings.batch_size,
            seed: settings.seed,
            train,
            val,
            engine: PhantomData,
        })
    }

    /// The number of predicates for training and for validation.
    pub fn sizes(&self) -> (usize, usize) {
        (self.train.len(), self.val.len())
    }
}

impl<R: Engine<Scalar = f32>> Task for LabelTask<R> {
    type Network = Labeler<R>;
    /// The indices of its sentences.
    type Batch = Vec<usize>;
    type Carry = ();

    fn steps_per_epoch(&self) -> u64 {
        self.buckets.steps_per_epoch()
    }

    fn batch(&mut self, step: u64) -> Vec<usize> {
        self.buckets.batch(step).to_vec()
    }

    fn size(&self, batch: &Vec<usize>) -> BatchSize {
        BatchSize {
            sequences: batch.len(),
            tokens: batch.iter().map(|&n| self.train[n].words.len()).sum(),
        }
    }

    fn parts(&self, network: &Self::Network, sequences: usize, threads: usize) -> usize {
        R::parts(network.config().hidden_size / 2, sequences, threads)
    }

    fn gradient(
        &self,
        network: &Self::Network,
        batch: &Vec<usize>,
        part: &Part<'_>,
        grad: &mut Self::Network,
    ) -> (f64, ()) {
        let examples = batch[part.sequences.clone()].iter();
        let batch = batch_of(examples.map(|&n| &self.train[n]));
        let nats = network.loss_and_gradient(
            &batch,
            Some(part.dropout(self.seed)),
            part.scale,
            grad,
            part.team,
        );
        (nats.into(), ())
    }

    fn validate(&self, network: &Self::Network, workers: &Workers) -> Option<f64> {
        let batches = self.val.chunks(self.batch_size).collect();
        mean_loss(workers, batches, |examples: &[Example], team| {
            let batch = batch_of(examples);
            Loss {
                nats: network.loss(&batch, None, team).into(),
                tokens: batch.labels.tokens(),
            }
        })
    }
}
