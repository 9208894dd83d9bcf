//! Learning to write one text for another: translation and summarisation.

use crate::batch::Buckets;
use crate::beam::{Beam, Hypothesis};
use crate::data::Pair;
use crate::encoder_decoder::{Decoding, EncoderDecoder, EncoderDecoderConfig, PairBatch};
use crate::pair_source::PairSource;
use crate::sharing::Sharing;
use lstm_model::store::{self, Header};
use lstm_model::{
    Canonical, Dropout, Loss, ModelError, Plan, Recurrent, RunHeader, Task, Tensors, TextRecord,
    Trainer, TrainerState, Workers,
};
use lstm_text::{BEGIN, BytePair, END};
use nalgebra::{DMatrix, convert};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What the text that is written is to the text that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Application {
    /// The same in another language.
    Translation,
    /// The same in few words.
    Summarisation,
}

/// How batches are made of pairs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairConfig {
    /// Pairs side by side, B.
    pub batch_size: usize,
    /// Tokens of a source that are read; the rest of a longer one is not.
    pub max_source: usize,
    /// The part ε of each target's probability that is spread over the vocabulary.
    pub smoothing: f64,
    /// Decides every random choice.
    pub seed: u64,
}

impl PairConfig {
    /// Whether batches can be made so.
    ///
    /// # Errors
    /// [`ModelError::Setting`] naming the first setting that is out of range.
    pub fn check(&self) -> Result<(), ModelError> {
        for (setting, value) in [
            ("batch size", self.batch_size),
            ("longest source", self.max_source),
        ] {
            if value == 0 {
                return Err(ModelError::setting(setting, 0, "at least 1"));
            }
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

/// Token ids of a source and a target.
type Ids = (Vec<u32>, Vec<u32>);

/// The task of writing the target of each source.
pub struct PairTask<R: Recurrent> {
    train: Vec<Ids>,
    val: Vec<Ids>,
    config: PairConfig,
    buckets: Buckets,
    sharing: Sharing<EncoderDecoder<R>>,
}

impl<R: Recurrent<Scalar = f32>> PairTask<R> {
    /// The task of a run on its pairs; those of `val` are not learned from.
    ///
    /// # Errors
    /// [`ModelError::Setting`] if there is no pair, or as [`PairConfig::check`].
    pub fn new(
        header: &TransducerHeader,
        train: &[Pair],
        val: &[Pair],
        network: &EncoderDecoder<R>,
        workers: Workers,
    ) -> Result<Self, ModelError> {
        let config = header.pairs;
        config.check()?;
        if train.is_empty() {
            return Err(ModelError::setting("number of pairs", 0, "at least 1"));
        }
        let encoded = |pairs: &[Pair]| -> Vec<Ids> {
            let ids = |pair: &Pair| {
                let target = header.target_pieces().encode(&pair.target);
                (header.encode(&pair.source), target)
            };
            pairs.iter().map(ids).collect()
        };
        let (train, mut val) = (encoded(train), encoded(val));
        // Pairs of like length stand together; the order means nothing else.
        val.sort_by_key(lengths);
        Ok(Self {
            buckets: Buckets::new(
                train.iter().map(lengths).collect(),
                config.batch_size,
                config.seed,
            ),
            sharing: Sharing::new(workers, config.batch_size, network),
            train,
            val,
            config,
        })
    }
}

/// By what pairs are put together.
fn lengths((source, target): &Ids) -> usize {
    source.len() + target.len()
}

fn batch_of<'a>(pairs: impl IntoIterator<Item = &'a Ids>) -> PairBatch {
    let slices: Vec<(&[u32], &[u32])> = pairs.into_iter().map(|(s, t)| (&s[..], &t[..])).collect();
    PairBatch::new(&slices)
}

impl<R: Recurrent<Scalar = f32>> Task for PairTask<R> {
    type Params = EncoderDecoder<R>;

    fn gradient(&mut self, params: &Self::Params, step: u64, grad: &mut Self::Params) -> Loss {
        let batch = self.buckets.batch(step);
        // END is a target too.
        let tokens: usize = batch.iter().map(|&n| self.train[n].1.len() + 1).sum();
        let (scale, smoothing) = (1.0 / tokens as f32, self.config.smoothing as f32);
        let nats = self.sharing.gradient(batch.len(), grad, |part, grad| {
            let dropout = Dropout {
                seed: self.config.seed,
                step,
                first_sequence: part.start,
            };
            let batch = batch_of(batch[part].iter().map(|&n| &self.train[n]));
            params.loss_and_gradient(&batch, Some(dropout), smoothing, scale, grad)
        });
        Loss { nats, tokens }
    }

    fn workers(&self) -> &Workers {
        self.sharing.workers()
    }

    fn validate(&self, params: &Self::Params) -> Option<f64> {
        let batches = self.val.chunks(self.config.batch_size).collect();
        self.sharing.mean(batches, |pairs: &[Ids]| {
            let batch = batch_of(pairs);
            Loss {
                nats: params.loss(&batch).into(),
                tokens: batch.targets.tokens(),
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

/// The sidecar of a transducer's checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransducerHeader {
    /// What it was trained for.
    pub application: Application,
    /// The engine that trained it; any engine can read it.
    pub engine: String,
    /// The threads it was trained with; with as many a resumed run is the same to the bit.
    pub threads: usize,
    /// The network's sizes.
    pub network: EncoderDecoderConfig,
    /// The parts that a source is written in.
    pub source: BytePair,
    /// The parts that a target is written in; none if they are the source's.
    pub target: Option<BytePair>,
    /// Where its pairs come from.
    pub origin: PairSource,
    /// By what they are known again.
    pub text: TextRecord,
    /// How batches are made of them.
    pub pairs: PairConfig,
    /// When it stops and evaluates.
    pub plan: Plan,
    /// Where it stands.
    pub state: TrainerState,
}

impl Header for TransducerHeader {
    const KIND: &'static str = "encoder-decoder";
}

impl RunHeader for TransducerHeader {
    fn unit(&self) -> &'static str {
        "token"
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

impl TransducerHeader {
    /// The parts that a target is written in.
    pub fn target_pieces(&self) -> &BytePair {
        self.target.as_ref().unwrap_or(&self.source)
    }

    /// The ids of a source, as much of it as is read.
    pub fn encode(&self, source: &str) -> Vec<u32> {
        let mut ids = self.source.encode(source);
        ids.truncate(self.pairs.max_source);
        ids
    }

    fn empty_network<R: Recurrent>(&self, dir: &Path) -> Result<EncoderDecoder<R>, ModelError> {
        let network = &self.network;
        for (side, expected, found) in [
            ("source", network.source_vocab, self.source.len()),
            ("target", network.target_vocab, self.target_pieces().len()),
        ] {
            if expected != found {
                let why =
                    format!("its {side} vocabulary has {found} tokens, its network {expected}");
                return Err(ModelError::checkpoint(&dir.join(store::SIDECAR), why));
            }
        }
        EncoderDecoder::zeros(network.clone())
    }
}

/// Takes up a run where its checkpoint left it, on the pairs that it learns from.
///
/// # Errors
/// [`ModelError::Checkpoint`] if sizes and tensors do not agree.
pub fn resume<R: Recurrent<Scalar = f32>>(
    dir: &Path,
    header: &TransducerHeader,
    tensors: Tensors,
    train: &[Pair],
    val: &[Pair],
    workers: Workers,
) -> Result<Trainer<PairTask<R>>, ModelError> {
    let network = header.empty_network(dir)?;
    let task = PairTask::new(header, train, val, &network, workers)?;
    Trainer::import(task, network, &header.state, tensors)
        .map_err(|error| ModelError::checkpoint(&dir.join(store::SIDECAR), error))
}

/// A trained encoder–decoder, to be used.
pub struct Transducer<R: Recurrent> {
    /// Its weights.
    pub network: EncoderDecoder<R>,
    /// All that is known of it besides.
    pub header: TransducerHeader,
}

/// A text that was written, and what it is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The text.
    pub text: String,
    /// Its tokens.
    pub tokens: Vec<u32>,
    /// E31's.
    pub score: f64,
}

impl<R: Recurrent<Scalar = f32>> Transducer<R> {
    /// Reads a model from its checkpoint.
    ///
    /// # Errors
    /// As [`store::load`], or [`ModelError::Checkpoint`] if sizes and tensors do not agree.
    pub fn load(dir: &Path) -> Result<Self, ModelError> {
        let (header, mut tensors) = store::load::<TransducerHeader>(dir)?;
        let sidecar = dir.join(store::SIDECAR);
        let mut network = header.empty_network(dir)?;
        network
            .import("weights", &mut tensors)
            .map_err(|error| ModelError::checkpoint(&sidecar, error))?;
        Ok(Self { network, header })
    }

    /// What the model writes for a source, best first: at most `width` texts. If none comes to an end
    /// in four times the source's length and 20 tokens, there is none.
    pub fn write(&self, source: &str, width: usize, length_penalty: f64) -> Vec<Written> {
        let source = self.header.encode(source);
        let beam = Beam {
            width,
            length_penalty,
            max_len: 4 * source.len() + 20,
            begin: BEGIN,
            end: Some(END),
        };
        let found = beam.search(&mut Decoding::new(&self.network, &source));
        let written = |Hypothesis { tokens, score, .. }: Hypothesis| Written {
            text: self.text(&tokens),
            tokens,
            score,
        };
        found.into_iter().map(written).collect()
    }

    fn text(&self, tokens: &[u32]) -> String {
        let pieces = self.header.target_pieces();
        let text = pieces.decode(tokens);
        text.expect("the network writes its own vocabulary")
    }

    /// Where the decoder looked while it wrote (E29): the parts of the source, the parts of the target
    /// and its end, and α, S×T.
    pub fn attention_map(
        &self,
        source: &str,
        target: &[u32],
    ) -> (Vec<String>, Vec<String>, DMatrix<f64>) {
        let ids = self.header.encode(source);
        let alpha = self.network.attention_map(&ids, target);
        let parts = |pieces: &BytePair, ids: &[u32]| -> Vec<String> {
            let part = |&id: &u32| pieces.decode(&[id]).expect("its own vocabulary");
            ids.iter().map(part).collect()
        };
        let mut written = parts(self.header.target_pieces(), target);
        written.push("(end)".to_owned());
        (
            parts(&self.header.source, &ids),
            written,
            alpha.map(convert),
        )
    }
}
