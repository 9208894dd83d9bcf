//! Trains the translator.

use crate::script::{to_text, write};
use crate::translator::Translator;
use crate::translator::weights::{config, encode};
use crate::words::Words;
use lstm_fast::Fast;
use lstm_model::Alone;
use lstm_tasks::corpora::english_french;
use lstm_tasks::data::Pair;
use lstm_tasks::{Buckets, EncoderDecoder, EncoderDecoderConfig, PairBatch};
use lstm_train::{
    BatchSize, Descent, Evaluation, Observer, Optimizer, Part, Plan, Schedule, Task, TrainError,
    Trainer, Workers,
};
use serde_json::json;
use std::error::Error;

const SEED: u64 = 1;
const PAIRS: usize = 20_000;
const EPOCHS: u64 = 10;
const BATCH_SIZE: usize = 64;
const EMBED_SIZE: usize = 32;
const HIDDEN_SIZE: usize = 64;
const DROPOUT: f64 = 0.1;
/// The number of held-out pairs that are translated.
const HELD_OUT: usize = 300;

/// Token ids of a source and a target.
type Ids = (Vec<u32>, Vec<u32>);

/// The results on held-out sentences.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// The number of sentences.
    pub sentences: usize,
    /// The number of sentences whose translation is the reference, word for word.
    pub right: usize,
    /// The mean loss for each word and end, in nats.
    pub nats: f64,
}

/// Translates held-out sentences; `None` if the translator does not know a word.
pub fn score(translator: &Translator) -> Option<Score> {
    let held_out = english_french(SEED, PAIRS).held_out;
    let pairs = encoded(&translator.words, &held_out[..HELD_OUT])?;
    let batch = PairBatch::new(&pairs);
    let right = |(source, target): &&Ids| translator.translate(source).as_ref() == Some(target);
    Some(Score {
        sentences: pairs.len(),
        right: pairs.iter().filter(right).count(),
        nats: translator.network.loss(&batch, &Alone) / batch.targets.tokens() as f64,
    })
}

fn encoded(words: &[Words; 2], pairs: &[Pair]) -> Option<Vec<Ids>> {
    let ids = |pair: &Pair| {
        Some((
            words[0].encode(&pair.source)?,
            words[1].encode(&pair.target)?,
        ))
    };
    pairs.iter().map(ids).collect()
}

/// Trains, rounds the weights to eight bits, and writes the model.
///
/// # Errors
/// If the file cannot be written, or if the training fails.
pub fn train() -> Result<(), Box<dyn Error>> {
    let corpus = english_french(SEED, PAIRS);
    let sources = corpus.train.iter().map(|pair| pair.source.as_str());
    let targets = corpus.train.iter().map(|pair| pair.target.as_str());
    let words = [Words::of(sources), Words::of(targets)];
    let [Some(source), Some(target)] = words else {
        return Err("the sentences have words".into());
    };
    let words = [source, target];
    let network = learn(&words, &corpus.train)?;
    let bytes = encode(&network, &words).ok_or("the network has one layer")?;
    let translator = Translator::load(&bytes).ok_or("the bytes of a model are a model")?;
    let score = score(&translator).ok_or("the grammar has no other words")?;
    println!("{score:?}, weights of eight bits: {} bytes", bytes.len());
    let comment = "A translator of the generated sentences, trained by `cargo run --release -p lstm-live -- train-translator`.";
    let value = json!({
        "pairs": PAIRS,
        "epochs": EPOCHS,
        "sentences": score.sentences,
        "right": score.right,
        "held_out_nats": score.nats,
        "weights": to_text(&bytes),
    });
    write("translator", comment, &value)
}

fn learn(words: &[Words; 2], pairs: &[Pair]) -> Result<EncoderDecoder<Fast>, Box<dyn Error>> {
    let pairs = encoded(words, pairs).ok_or("the words are those of these pairs")?;
    let vocab = [&words[0], &words[1]].map(Words::vocab_size);
    let config = EncoderDecoderConfig {
        dropout: DROPOUT,
        ..config(vocab, EMBED_SIZE, HIDDEN_SIZE)
    };
    println!("{} weights", config.parameter_count());
    let network = EncoderDecoder::<Fast>::init(config, SEED)?;
    let lengths = pairs.iter().map(|(s, t)| s.len() + t.len()).collect();
    let buckets = Buckets::new(lengths, BATCH_SIZE, SEED);
    let task = Lessons { pairs, buckets };
    let steps = EPOCHS * task.steps_per_epoch();
    let descent = Descent {
        optimizer: Optimizer::ADAM,
        learning_rate: 4e-3,
        schedule: Schedule::Cosine { steps },
        max_norm: Some(1.0),
    };
    let mut trainer = Trainer::new(task, network, descent, Workers::new(1)?)?;
    let plan = Plan {
        eval_every: 250,
        ..Plan::steps(steps)
    };
    trainer.run(&plan, &mut Losses)?;
    Ok(trainer.network)
}

/// To translate each source word by word.
struct Lessons {
    pairs: Vec<Ids>,
    buckets: Buckets,
}

impl Task for Lessons {
    type Network = EncoderDecoder<Fast>;
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
            tokens: batch.iter().map(|&n| self.pairs[n].1.len() + 1).sum(),
        }
    }

    fn gradient(
        &self,
        network: &Self::Network,
        batch: &Vec<usize>,
        part: &Part<'_>,
        grad: &mut Self::Network,
    ) -> (f64, ()) {
        let of_part = batch[part.sequences.clone()].iter();
        let batch = PairBatch::new(of_part.map(|&n| &self.pairs[n]));
        let masks = Some(part.dropout(SEED));
        let nats = network.loss_and_gradient(&batch, masks, 0.0, part.scale, grad, part.team);
        (nats.into(), ())
    }

    fn validate(&self, _: &Self::Network, _: &Workers) -> Option<f64> {
        None
    }
}

/// Prints the losses.
struct Losses;

impl Observer<Lessons> for Losses {
    fn on_evaluation(
        &mut self,
        _: &Trainer<Lessons>,
        evaluation: &Evaluation,
    ) -> Result<(), TrainError> {
        let Evaluation {
            step,
            train_loss,
            seconds,
            ..
        } = evaluation;
        println!("step {step:5}  {train_loss:.4} nats per word  {seconds:.0} s");
        Ok(())
    }
}
