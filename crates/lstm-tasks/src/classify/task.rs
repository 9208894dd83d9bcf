//! The training task of a classifier.

use super::{ClassBatch, ClassData, ClassSource, Classifier, ClassifierDescription, Example};
use crate::batch::Examples;
use crate::data::Labelled;
use crate::forecast::HeldOut;
use crate::text_settings::check_size;
use lstm_model::{Engine, Loss, ModelError};
use lstm_train::{Application, BatchSize, Part, Task, TrainError, Workers};
use serde::{Deserialize, Serialize};
use std::marker::PhantomData;

/// How a classifier is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassifySettings {
    /// Where the sequences come from.
    pub source: ClassSource,
    /// The fractions of every class that are held out.
    pub held_out: HeldOut,
    /// The number of sequences in a batch, B.
    pub batch_size: usize,
    /// The seed of every random choice.
    pub seed: u64,
}

impl Application for ClassifySettings {
    type Description = ClassifierDescription;
    type Data = ClassData;
    type Task<R: Engine<Scalar = f32>> = ClassifyTask<R>;

    fn check(&self) -> Result<(), ModelError> {
        self.held_out.check()?;
        check_size("batch size", self.batch_size)
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn steps_per_epoch(&self, data: &ClassData) -> Result<u64, TrainError> {
        Ok(data.train.len().div_ceil(self.batch_size) as u64)
    }

    fn task<R: Engine<Scalar = f32>>(
        &self,
        description: &ClassifierDescription,
        data: &ClassData,
        _network: &Classifier<R>,
    ) -> Result<ClassifyTask<R>, TrainError> {
        self.expect_columns_of(description)?;
        let name = self.source.to_string();
        let known = description.expect_classes(&name, data.all());
        known.map_err(TrainError::data)?;
        let examples =
            |part: &[Labelled]| part.iter().map(|one| description.example(one)).collect();
        let parts = (examples(&data.train), examples(&data.val));
        let (batch_size, seed) = (self.batch_size, self.seed);
        Ok(ClassifyTask {
            examples: Examples::new("number of examples", parts, length, batch_size, seed)?,
            seed,
            engine: PhantomData,
        })
    }
}

impl ClassifySettings {
    /// Checks that the model reads what the source has.
    ///
    /// # Errors
    /// [`ModelError::Setting`] if it does not.
    pub fn expect_columns_of(&self, description: &ClassifierDescription) -> Result<(), ModelError> {
        if self.source.columns() == description.columns {
            return Ok(());
        }
        let (found, expected) = (
            "others than the model's",
            "the columns that the model reads",
        );
        Err(ModelError::setting("columns of the data", found, expected))
    }
}

/// The training task of a classifier.
pub struct ClassifyTask<R> {
    examples: Examples<Example>,
    seed: u64,
    engine: PhantomData<fn() -> R>,
}

fn length(example: &Example) -> usize {
    example.steps.len()
}

impl<R: Engine<Scalar = f32>> Task for ClassifyTask<R> {
    type Network = Classifier<R>;
    /// The indices of the examples.
    type Batch = Vec<usize>;
    type Carry = ();

    fn steps_per_epoch(&self) -> u64 {
        self.examples.steps_per_epoch()
    }

    fn batch(&mut self, step: u64) -> Vec<usize> {
        self.examples.batch(step)
    }

    /// A sequence has one target.
    fn size(&self, batch: &Vec<usize>) -> BatchSize {
        self.examples.size(batch, |_| 1)
    }

    fn parts(&self, network: &Self::Network, sequences: usize, threads: usize) -> usize {
        R::parts(network.config().forward_units(), sequences, threads)
    }

    fn gradient(
        &self,
        network: &Self::Network,
        batch: &Vec<usize>,
        part: &Part<'_>,
        grad: &mut Self::Network,
    ) -> (f64, ()) {
        let batch = ClassBatch::new(self.examples.part(batch, part), |number| number);
        let masks = Some(part.dropout(self.seed));
        let nats = network.loss_and_gradient(&batch, masks, part.scale, grad, part.team);
        (nats.into(), ())
    }

    fn validate(&self, network: &Self::Network, workers: &Workers) -> Option<f64> {
        self.examples.val_loss(workers, |examples, team| {
            let batch = ClassBatch::new(examples, |number| number);
            Loss {
                nats: network.loss(&batch, None, team).into(),
                tokens: examples.len(),
            }
        })
    }
}
