//! Learning to predict the next token of a text, and what is stored of it.

use crate::head::scale_of;
use crate::loss::to_f64;
use crate::store::{self, Header};
use crate::{
    BatchState, Canonical, Corpus, Cut, DataConfig, Dropout, Loss, ModelError, Network,
    NetworkConfig, Parameters, Plan, Recurrent, RunHeader, Task, Tensors, Trainer, TrainerState,
    Workers,
};
use lstm_text::{Normalization, Streams, Tokenizer};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The task of predicting s_{t+1} from s_1 … s_t.
pub struct LanguageTask<R: Recurrent> {
    corpus: Corpus,
    workers: Workers,
    /// The states after the last batch, H×B for each layer.
    carried: Vec<BatchState<f32>>,
    /// One gradient for each thread but the first, which adds to the trainer's.
    grads: Vec<Network<R>>,
}

impl<R: Recurrent<Scalar = f32>> LanguageTask<R> {
    /// The task on a corpus.
    pub fn new(corpus: Corpus, network: &Network<R>, workers: Workers) -> Self {
        let config = corpus.config();
        let parts = network.parts(config.batch_size, workers.threads()).len();
        // Windows carry nothing; the first batch decides.
        let carried = match config.cut {
            Cut::Streams => config.batch_size,
            Cut::Windows => 0,
        };
        Self {
            carried: network.zero_states(carried),
            grads: vec![network.zeros_like(); parts - 1],
            corpus,
            workers,
        }
    }

    /// The text and how it is cut.
    pub fn corpus(&self) -> &Corpus {
        &self.corpus
    }
}

impl<R: Recurrent<Scalar = f32>> Task for LanguageTask<R> {
    type Params = Network<R>;

    fn gradient(&mut self, params: &Network<R>, step: u64, grad: &mut Network<R>) -> Loss {
        let (batch, fresh) = self.corpus.batch(step);
        if fresh {
            self.carried = params.zero_states(batch.batch_size);
        }
        let (carried, seed) = (&self.carried, self.corpus.config().seed);
        let tokens = batch.tokens();
        let others = self.grads.iter_mut().map(|grad| (grad, true));
        let grads = std::iter::once((&mut *grad, false)).chain(others);
        let parts = params.parts(batch.batch_size, self.workers.threads());
        let jobs = parts.into_iter().zip(grads);
        let results = self
            .workers
            .map(jobs.collect(), |(part, (grad, is_left_over))| {
                if is_left_over {
                    grad.set_zero();
                }
                let initial: Vec<_> = carried
                    .iter()
                    .map(|s| s.columns(part.start, part.end))
                    .collect();
                let dropout = Dropout {
                    seed,
                    step,
                    first_sequence: part.start,
                };
                let none = params.zero_states(part.len());
                let batch = batch.columns(part.clone());
                let (loss, _) = params.loss_and_gradient(
                    &batch,
                    &initial,
                    Some(dropout),
                    scale_of(tokens),
                    &none,
                    grad,
                );
                (part, loss)
            });
        let mut nats = 0.0;
        for (part, loss) in results {
            nats += to_f64(loss.nats);
            for (carried, last) in self.carried.iter_mut().zip(&loss.last) {
                carried.h.columns_range_mut(part.clone()).copy_from(&last.h);
                carried.c.columns_range_mut(part.clone()).copy_from(&last.c);
            }
        }
        for part in &self.grads {
            grad.add(part);
        }
        Loss { nats, tokens }
    }

    fn workers(&self) -> &Workers {
        &self.workers
    }

    fn validate(&self, params: &Network<R>) -> Option<f64> {
        let streams = self.corpus.validation()?;
        evaluate(params, &streams, &self.workers).mean()
    }

    fn steps_per_epoch(&self) -> u64 {
        self.corpus.steps_per_epoch()
    }

    fn export(&self, tensors: &mut Tensors) {
        for (l, state) in self.carried.iter().enumerate() {
            state.h.export(&format!("carried.{l}.h"), tensors);
            state.c.export(&format!("carried.{l}.c"), tensors);
        }
    }

    fn import(&mut self, tensors: &mut Tensors) -> Result<(), ModelError> {
        for (l, state) in self.carried.iter_mut().enumerate() {
            state.h.import(&format!("carried.{l}.h"), tensors)?;
            state.c.import(&format!("carried.{l}.c"), tensors)?;
        }
        Ok(())
    }
}

/// The loss over all streams, each from a zero state that is carried along it; the streams are shared
/// out among the workers.
pub fn evaluate<R: Recurrent>(
    network: &Network<R>,
    streams: &Streams<'_>,
    workers: &Workers,
) -> Loss {
    let parts = network.parts(streams.batch_size(), workers.threads());
    let losses = workers.map(parts, |part| {
        network.evaluate(streams.chunks().map(|chunk| chunk.columns(part.clone())))
    });
    let mut total = Loss::default();
    losses.into_iter().for_each(|loss| total.add(loss));
    total
}

/// By what a text can be known again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextRecord {
    /// Where it was read from.
    pub source: String,
    /// Its length in characters, after normalisation.
    pub characters: usize,
    /// The CRC-32 of its UTF-8 after normalisation.
    pub crc32: u32,
}

impl TextRecord {
    /// The record of a normalised text.
    pub fn new(source: &str, text: &str) -> Self {
        Self {
            source: source.to_owned(),
            characters: text.chars().count(),
            crc32: crc32fast::hash(text.as_bytes()),
        }
    }

    /// Whether a text is known: of a model from another framework only the file is, `source`.
    pub fn is_known(&self) -> bool {
        self.characters > 0
    }

    /// Whether `other` is the same text.
    ///
    /// # Errors
    /// [`ModelError::OtherText`] if it is not.
    pub fn expect_same(&self, other: &Self) -> Result<(), ModelError> {
        if (self.characters, self.crc32) == (other.characters, other.crc32) {
            return Ok(());
        }
        Err(ModelError::OtherText {
            found: other.characters,
            found_crc: other.crc32,
            expected: self.characters,
            expected_crc: self.crc32,
        })
    }
}

/// The sidecar of a language model's checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LanguageModelHeader {
    /// The engine that trained it; any engine can read it.
    pub engine: String,
    /// The threads it was trained with; with as many a resumed run is the same to the bit.
    pub threads: usize,
    /// The network's sizes.
    pub network: NetworkConfig,
    /// Its tokens: characters in the order of their ids, or parts of words.
    pub vocabulary: Tokenizer,
    /// How a text is brought into the form that it learned from.
    pub normalization: Normalization,
    /// The text it learned from.
    pub text: TextRecord,
    /// How its batches are made.
    pub data: DataConfig,
    /// When it stops and evaluates.
    pub plan: Plan,
    /// Where it stands.
    pub state: TrainerState,
}

impl Header for LanguageModelHeader {
    const KIND: &'static str = "language-model";
}

impl RunHeader for LanguageModelHeader {
    fn unit(&self) -> &'static str {
        self.vocabulary.unit()
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

/// A trained language model, to be used.
#[derive(Debug)]
pub struct LanguageModel<R: Recurrent> {
    /// Its weights.
    pub network: Network<R>,
    /// All that is known of it besides.
    pub header: LanguageModelHeader,
}

impl<R: Recurrent<Scalar = f32>> LanguageModel<R> {
    /// Reads a model from its checkpoint.
    ///
    /// # Errors
    /// As [`store::load`], or [`ModelError::Checkpoint`] if sizes and tensors do not agree.
    pub fn load(dir: &Path) -> Result<Self, ModelError> {
        let (header, mut tensors) = store::load::<LanguageModelHeader>(dir)?;
        let network = empty_network(dir, &header).and_then(|mut network: Network<R>| {
            network.import("weights", &mut tensors)?;
            Ok(network)
        });
        Ok(Self {
            network: network.map_err(|e| inconsistent(dir, &e))?,
            header,
        })
    }
}

/// Takes up a run where its checkpoint, read by [`store::load`] from `dir`, left it. `corpus` is made
/// of the run's own text ([`TextRecord::expect_same`]) with the run's own [`DataConfig`].
///
/// # Errors
/// [`ModelError::Checkpoint`] if sizes and tensors do not agree.
pub fn resume<R: Recurrent<Scalar = f32>>(
    dir: &Path,
    header: &LanguageModelHeader,
    tensors: Tensors,
    corpus: Corpus,
    workers: Workers,
) -> Result<Trainer<LanguageTask<R>>, ModelError> {
    let network = empty_network(dir, header)?;
    let mut task = LanguageTask::new(corpus, &network, workers);
    if let Some(carried) = tensors.get("carried.0.h") {
        // A batch of windows may be smaller than the others; one of streams is not.
        let (found, full) = (
            carried.shape.get(1).copied().unwrap_or(0),
            header.data.batch_size,
        );
        if found > full || (found < full && header.data.cut == Cut::Streams) {
            let why =
                format!("it carries the state of {found} sequences, its batch size is {full}");
            return Err(ModelError::checkpoint(&dir.join(store::SIDECAR), why));
        }
        task.carried = network.zero_states(found);
    }
    if header.plan.eval_every == 0 {
        let why = "its plan evaluates every 0 steps";
        return Err(ModelError::checkpoint(&dir.join(store::SIDECAR), why));
    }
    Trainer::import(task, network, &header.state, tensors).map_err(|e| inconsistent(dir, &e))
}

fn empty_network<R: Recurrent<Scalar = f32>>(
    dir: &Path,
    header: &LanguageModelHeader,
) -> Result<Network<R>, ModelError> {
    let (sizes, characters) = (header.network.vocab_size, header.vocabulary.len());
    if sizes != characters {
        let why = format!("its vocabulary has {characters} tokens, its network {sizes}");
        return Err(ModelError::checkpoint(&dir.join(store::SIDECAR), why));
    }
    Network::zeros(header.network.clone())
}

fn inconsistent(dir: &Path, error: &ModelError) -> ModelError {
    ModelError::checkpoint(&dir.join(store::SIDECAR), error)
}
