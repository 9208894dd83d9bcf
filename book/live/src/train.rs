//! Trains the writer.

use crate::script::{root, to_text, write};
use crate::writer::Writer;
use crate::{follows, prose, weights};
use lstm_fast::Fast;
use lstm_model::{Alone, Network, NetworkConfig, Purpose};
use lstm_tasks::{Corpus, Cut, EvaluationSettings, LanguageTask, TextSettings, evaluation_streams};
use lstm_text::Vocabulary;
use lstm_train::{
    Descent, Evaluation, Observer, Optimizer, Plan, Schedule, TrainError, Trainer, Workers,
};
use rand::seq::SliceRandom;
use serde_json::json;
use std::error::Error;
use std::fs;
use std::path::PathBuf;

const SEED: u64 = 1;
/// From these initial weights, training yields a cell that follows the position in the sentence.
const WEIGHTS_SEED: u64 = 2;
const STEPS: u64 = 6000;
/// The number of held-out sentences.
const HELD_OUT: usize = 60;
const DATA: TextSettings = TextSettings {
    cut: Cut::Streams,
    batch_size: 32,
    seq_len: 64,
    val_fraction: 0.0,
    restart: 0.0,
    seed: SEED,
};

/// The file of the held-out sentences, one on a line.
pub fn held_out() -> PathBuf {
    root().join("book/live/held-out.txt")
}

/// The mean loss of a writer over a text in nats per character, computed by the spec engine; `None` if
/// the writer does not know a character.
pub fn loss(writer: &Writer, text: &str) -> Option<f64> {
    let id = |c| writer.vocabulary().iter().position(|&known| known == c);
    let ids: Vec<u32> = text
        .chars()
        .map(|c| id(c).map(|id| id as u32))
        .collect::<Option<_>>()?;
    let settings = EvaluationSettings {
        batch_size: 1,
        seq_len: DATA.seq_len,
    };
    let streams = evaluation_streams(&ids, settings)?;
    writer.network().evaluate(streams.chunks(), &Alone).mean()
}

/// Trains, rounds the weights to eight bits, and writes the model and the held-out sentences.
///
/// # Errors
/// If a file cannot be read or written, or if the training fails.
pub fn train() -> Result<(), Box<dyn Error>> {
    let (text, unseen) = texts()?;
    let bytes = learn(&text)?;
    let mut writer = Writer::load(&bytes).ok_or("the bytes of a model are a model")?;
    let loss = loss(&writer, &unseen).ok_or("the writer knows all characters")?;
    println!("held out: {loss:.4} nats per character, weights of eight bits");
    let found = follows::find(&mut writer, &unseen).ok_or("the writer knows all characters")?;
    let cells = found.iter().map(|(what, follows)| {
        println!("{what}: unit {}, {:.2}", follows.unit, follows.correlation);
        json!({"follows": what, "unit": follows.unit, "correlation": follows.correlation})
    });
    let cells: Vec<_> = cells.collect();
    fs::write(held_out(), &unseen)?;
    let comment = "A character model of this book's own sentences, trained by `cargo run --release -p lstm-live -- train`.";
    let value = json!({
        "characters": text.len(),
        "steps": STEPS,
        "held_out_nats": loss,
        "cells": cells,
        "weights": to_text(&bytes),
    });
    write("model", comment, &value)
}

/// The text to learn, and held-out sentences that have no other characters.
fn texts() -> Result<(String, String), Box<dyn Error>> {
    let mut sentences = prose::sentences()?;
    sentences.shuffle(&mut Purpose::Shuffle.rng(SEED, 0, 0));
    let (unseen, seen) = sentences.split_at(HELD_OUT);
    let text = seen.join("\n") + "\n";
    let unseen: Vec<&str> = unseen
        .iter()
        .map(String::as_str)
        .filter(|line| line.chars().all(|c| text.contains(c)))
        .collect();
    let unseen = unseen.join("\n") + "\n";
    println!(
        "{} sentences, {} characters; {} characters held out",
        seen.len(),
        text.len(),
        unseen.len()
    );
    Ok((text, unseen))
}

/// Trains a model, and returns its bytes.
fn learn(text: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let vocabulary = Vocabulary::from_text(text)?;
    let network = Network::<Fast>::init(
        NetworkConfig {
            vocab_size: vocabulary.len(),
            embed_size: 16,
            hidden_size: 128,
            layers: 1,
            head_dropout: 0.25,
            ..NetworkConfig::default()
        },
        WEIGHTS_SEED,
    )?;
    let corpus = Corpus::new(&vocabulary.encode(text)?, DATA)?;
    let workers = Workers::new(2)?;
    let task = LanguageTask::new(corpus, &network);
    let descent = Descent {
        optimizer: Optimizer::ADAM,
        learning_rate: 4e-3,
        schedule: Schedule::Cosine { steps: STEPS },
        max_norm: Some(5.0),
    };
    let mut trainer = Trainer::new(task, network, descent, workers)?;
    let plan = Plan {
        eval_every: 250,
        ..Plan::steps(STEPS)
    };
    trainer.run(&plan, &mut Progress)?;

    let characters: Vec<char> = (0..vocabulary.len() as u32)
        .map(|id| vocabulary.char(id))
        .collect::<Option<_>>()
        .ok_or("an id below V is a character")?;
    let bytes = weights::encode(&trainer.network.to_engine(), &characters);
    Ok(bytes.ok_or("the network has one layer")?)
}

/// Prints the losses.
struct Progress;

impl Observer<LanguageTask<Fast>> for Progress {
    fn on_evaluation(
        &mut self,
        _: &Trainer<LanguageTask<Fast>>,
        evaluation: &Evaluation,
    ) -> Result<(), TrainError> {
        println!(
            "step {:5}  {:.4} nats per character",
            evaluation.step, evaluation.train_loss
        );
        Ok(())
    }
}
