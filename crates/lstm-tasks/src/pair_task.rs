//! Learning to generate the target of each source.

use crate::batch::{Buckets, mean_loss};
use crate::data::Pair;
use crate::encoder_decoder::{EncoderDecoder, PairBatch};
use crate::pair_source::{PairData, PairSource};
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
    /// Whether batches can be made with these settings.
    ///
    /// # Errors
    /// [`ModelError::Setting`] naming the first setting that is out of range.
    pub fn check(&self) -> Result<(), ModelError> {
        if self.batch_size == 0 {
            return Err(ModelError::setting("batch size", 0, "at least 1"));
        }
        if !(0.0..1.0).contains(&self.smoothing) {
            let expected = "at least 0 and below 1";
            return Err(ModelError::setting(
                "label smoothing",
                self.smoothing,
                expected,
            ));
        }
        Ok(())
    }
}

impl Application for PairSettings {
    type Description = TransducerDescription;
    type Data = PairData;
    type Task<R: Engine<Scalar = f32>> = PairTask<R>;

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

/// The task of generating the target of each source.
pub struct PairTask<R> {
    train: Vec<Ids>,
    val: Vec<Ids>,
    settings: PairSettings,
    buckets: Buckets,
    engine: PhantomData<fn() -> R>,
}

impl<R> PairTask<R> {
    fn new(
        settings: &PairSettings,
        description: &TransducerDescription,
        data: &PairData,
    ) -> Result<Self, ModelError> {
        settings.check()?;
        if data.train.is_empty() {
            return Err(ModelError::setting("number of pairs", 0, "at least 1"));
        }
        let encoded = |pairs: &[Pair]| -> Vec<Ids> {
            let ids = |pair: &Pair| {
                let target = description.target_subwords().encode(&pair.target);
                (description.encode(&pair.source), target)
            };
            pairs.iter().map(ids).collect()
        };
        let (train, mut val) = (encoded(&data.train), encoded(&data.val));
        // Pairs of similar length share a batch, so that little of it is padding.
        val.sort_by_key(length);
        let lengths = train.iter().map(length).collect();
        Ok(Self {
            buckets: Buckets::new(lengths, settings.batch_size, settings.seed),
            train,
            val,
            settings: settings.clone(),
            engine: PhantomData,
        })
    }
}

/// The bucket key: the total length of a pair.
fn length((source, target): &Ids) -> usize {
    source.len() + target.len()
}

fn batch_of<'a>(pairs: impl IntoIterator<Item = &'a Ids>) -> PairBatch {
    let slices: Vec<(&[u32], &[u32])> = pairs.into_iter().map(|(s, t)| (&s[..], &t[..])).collect();
    PairBatch::new(&slices)
}

impl<R: Engine<Scalar = f32>> Task for PairTask<R> {
    type Network = EncoderDecoder<R>;
    /// The indices of its pairs.
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
            // END is a target too.
            tokens: batch.iter().map(|&n| self.train[n].1.len() + 1).sum(),
        }
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
        let pairs = batch[part.sequences.clone()].iter();
        let batch = batch_of(pairs.map(|&n| &self.train[n]));
        let smoothing = self.settings.smoothing as f32;
        let nats = network.loss_and_gradient(
            &batch,
            Some(part.dropout(self.settings.seed)),
            smoothing,
            part.scale,
            grad,
            part.team,
        );
        (nats.into(), ())
    }

    fn validate(&self, network: &Self::Network, workers: &Workers) -> Option<f64> {
        let batches = self.val.chunks(self.settings.batch_size).collect();
        mean_loss(workers, batches, |pairs: &[Ids], team| {
            let batch = batch_of(pairs);
            Loss {
                nats: network.loss(&batch, team).into(),
                tokens: batch.targets.tokens(),
            }
        })
    }
}
