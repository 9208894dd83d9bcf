//! The training task of a transducer: to generate the target of each source.

use crate::batch::Examples;
use crate::data::Pair;
use crate::encoder_decoder::{EncoderDecoder, PairBatch};
use crate::pair_source::{PairData, PairSource};
use crate::text_settings::check_size;
use crate::transducer::TransducerDescription;
use lstm_model::{Engine, Loss, ModelError};
use lstm_train::{Application, BatchSize, Part, Task, TrainError, Workers};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::marker::PhantomData;

/// How a transducer is trained on pairs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairSettings {
    /// Where the pairs come from.
    pub source: PairSource,
    /// Pairs in a batch, B.
    pub batch_size: usize,
    /// Label smoothing: the fraction ε of each target's probability that is spread over the
    /// vocabulary. Szegedy et al. (2016), arXiv 1512.00567.
    pub smoothing: f64,
    /// The seed of every random choice.
    pub seed: u64,
}

impl PairSettings {
    /// Checks the settings.
    ///
    /// # Errors
    /// [`ModelError::Setting`] naming the first setting that is out of range.
    pub fn check(&self) -> Result<(), ModelError> {
        check_size("batch size", self.batch_size)?;
        ModelError::check_rate("label smoothing", self.smoothing)
    }
}

impl Application for PairSettings {
    type Description = TransducerDescription;
    type Data = PairData;
    type Task<R: Engine<Scalar = f32>> = PairTask<R>;

    fn check(&self) -> Result<(), ModelError> {
        PairSettings::check(self)
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn steps_per_epoch(&self, data: &PairData) -> Result<u64, TrainError> {
        self.check()?;
        Ok(data.train.len().div_ceil(self.batch_size) as u64)
    }

    fn task<R: Engine<Scalar = f32>>(
        &self,
        description: &TransducerDescription,
        data: &PairData,
        _network: &EncoderDecoder<R>,
    ) -> Result<PairTask<R>, TrainError> {
        Ok(PairTask::new(self, description, data)?)
    }

    fn from_version_1(header: &Value) -> serde_json::Result<Self> {
        let pairs = &header["pairs"];
        Ok(Self {
            source: PairSource::deserialize(&header["origin"])?,
            batch_size: usize::deserialize(&pairs["batch_size"])?,
            smoothing: f64::deserialize(&pairs["smoothing"])?,
            seed: u64::deserialize(&pairs["seed"])?,
        })
    }
}

/// Token ids of a source and a target.
type Ids = (Vec<u32>, Vec<u32>);

/// The training task of a transducer.
pub struct PairTask<R> {
    examples: Examples<Ids>,
    smoothing: f32,
    seed: u64,
    engine: PhantomData<fn() -> R>,
}

impl<R> PairTask<R> {
    fn new(
        settings: &PairSettings,
        description: &TransducerDescription,
        data: &PairData,
    ) -> Result<Self, ModelError> {
        settings.check()?;
        let encoded = |pairs: &[Pair]| -> Vec<Ids> {
            let ids = |pair: &Pair| {
                let target = description.target_subwords().encode(&pair.target);
                (description.encode(&pair.source), target)
            };
            pairs.iter().map(ids).collect()
        };
        let PairSettings {
            batch_size, seed, ..
        } = *settings;
        let parts = (encoded(&data.train), encoded(&data.val));
        let length = |(source, target): &Ids| source.len() + target.len();
        Ok(Self {
            examples: Examples::new("number of pairs", parts, length, batch_size, seed)?,
            smoothing: settings.smoothing as f32,
            seed,
            engine: PhantomData,
        })
    }
}

impl<R: Engine<Scalar = f32>> Task for PairTask<R> {
    type Network = EncoderDecoder<R>;
    /// The indices of the pairs.
    type Batch = Vec<usize>;
    type Carry = ();

    fn steps_per_epoch(&self) -> u64 {
        self.examples.steps_per_epoch()
    }

    fn batch(&mut self, step: u64) -> Vec<usize> {
        self.examples.batch(step)
    }

    fn size(&self, batch: &Vec<usize>) -> BatchSize {
        // END is also a target.
        let tokens = |(_, target): &Ids| target.len() + 1;
        self.examples.size(batch, tokens)
    }

    fn parts(&self, network: &Self::Network, sequences: usize, threads: usize) -> usize {
        R::parts(network.config().hidden_size, sequences, threads)
    }

    fn gradient(
        &self,
        network: &Self::Network,
        batch: &Vec<usize>,
        part: &Part<'_>,
        grad: &mut Self::Network,
    ) -> (f64, ()) {
        let batch = PairBatch::new(self.examples.part(batch, part));
        let nats = network.loss_and_gradient(
            &batch,
            Some(part.dropout(self.seed)),
            self.smoothing,
            part.scale,
            grad,
            part.team,
        );
        (nats.into(), ())
    }

    fn validate(&self, network: &Self::Network, workers: &Workers) -> Option<f64> {
        self.examples.val_loss(workers, |pairs, team| {
            let batch = PairBatch::new(pairs);
            Loss {
                nats: network.loss(&batch, team).into(),
                tokens: batch.targets.tokens(),
            }
        })
    }
}
