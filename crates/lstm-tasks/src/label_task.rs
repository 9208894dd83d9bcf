//! The training task of a role labeller: to label the words of a sentence, once for each predicate.

use crate::batch::Examples;
use crate::data::Sentence;
use crate::labeler::{Example, LabelBatch, Labeler};
use crate::role_labeler::LabelerDescription;
use crate::role_source::{RoleData, RoleSource};
use crate::text_settings::check_size;
use lstm_model::{Engine, Loss, ModelError};
use lstm_train::{Application, BatchSize, Part, Task, TrainError, Workers};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::marker::PhantomData;

/// How a role labeller is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelSettings {
    /// Where the sentences come from.
    pub source: RoleSource,
    /// The number of predicates in a batch, B.
    pub batch_size: usize,
    /// The seed of every random choice.
    pub seed: u64,
}

impl Application for LabelSettings {
    type Description = LabelerDescription;
    type Data = RoleData;
    type Task<R: Engine<Scalar = f32>> = LabelTask<R>;

    fn check(&self) -> Result<(), ModelError> {
        check_size("batch size", self.batch_size)
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn steps_per_epoch(&self, data: &RoleData) -> Result<u64, TrainError> {
        let predicates: usize = data.train.iter().map(|s| s.frames.len()).sum();
        Ok(predicates.div_ceil(self.batch_size) as u64)
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

/// The training task of a role labeller.
pub struct LabelTask<R> {
    examples: Examples<Example>,
    seed: u64,
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
        let LabelSettings {
            batch_size, seed, ..
        } = *settings;
        let parts = (examples(&data.train), examples(&data.val));
        Ok(Self {
            examples: Examples::new("number of predicates", parts, length, batch_size, seed)?,
            seed,
            engine: PhantomData,
        })
    }
}

fn length((words, _): &Example) -> usize {
    words.len()
}

impl<R: Engine<Scalar = f32>> Task for LabelTask<R> {
    type Network = Labeler<R>;
    /// The indices of the examples.
    type Batch = Vec<usize>;
    type Carry = ();

    fn steps_per_epoch(&self) -> u64 {
        self.examples.steps_per_epoch()
    }

    fn batch(&mut self, step: u64) -> Vec<usize> {
        self.examples.batch(step)
    }

    fn size(&self, batch: &Vec<usize>) -> BatchSize {
        self.examples.size(batch, length)
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
        let batch = LabelBatch::new(self.examples.part(batch, part));
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
        self.examples.val_loss(workers, |examples, team| {
            let batch = LabelBatch::new(examples);
            Loss {
                nats: network.loss(&batch, None, team).into(),
                tokens: batch.labels.tokens(),
            }
        })
    }
}
