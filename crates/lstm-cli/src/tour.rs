//! `lstm`, alone: a model that learns to write its own textbook.

use crate::args::{EngineName, LimitArgs, Settings, TourArgs};
use crate::error::CliError;
use crate::interrupt;
use crate::run_dir::RunDir;
use crate::setup::{Setup, threads};
use crate::train::{NewRun, Sample, Session, Source};
use lstm_model::{LanguageModelHeader, store};
use lstm_text::Normalization;
use std::fs;
use std::path::Path;

/// The English chapters of this project's book.
const BOOK: &str = concat!(
    include_str!("../../../book/en/introduction.md"),
    include_str!("../../../book/en/gates.md"),
    include_str!("../../../book/en/cell.md"),
    include_str!("../../../book/en/bptt.md"),
    include_str!("../../../book/en/text.md"),
);

const SOURCE: &str = "the English chapters of this project's book";

pub fn run(args: &TourArgs) -> Result<(), CliError> {
    interrupt::listen();
    println!("The tour: a small LSTM learns to write its own textbook, character by character.\n");
    clear_last_tour(&args.out)?;
    let setup = Setup::new(&Settings {
        hidden: Some(128),
        embed: Some(32),
        dropout: Some(0.2),
        head_dropout: Some(0.3),
        batch: Some(32),
        seq_len: Some(64),
        lr: Some(4e-3),
        eval_every: Some(150),
        engine: Some(EngineName::Batched),
        ..Settings::default()
    });
    let source = Source::new(SOURCE, BOOK, Normalization { nfc: false });
    let limit = LimitArgs {
        epochs: None,
        steps: None,
        seconds: Some(args.seconds),
    };
    let new = NewRun {
        source: &source,
        setup: &setup,
        limit: &limit,
        threads: threads(None),
    };
    let prepared = new.prepare()?;
    let run = RunDir::create(&args.out)?;
    setup.engine.with(Session {
        run: &run,
        prepared,
        tensors: None,
        sample: Some(Sample {
            prime: "The ",
            length: 160,
        }),
    })?;
    let dir = args.out.display();
    println!(
        "
What to try next:
  open {dir}/loss.svg and {dir}/gates.svg in a browser
  lstm generate --model {dir} --prime \"The cell\" --length 400 --temperature 0.6
  lstm inspect --model {dir}
  lstm gradcheck
  lstm train --text YOUR.txt --out my-model
(`lstm` is target/release/lstm, or `cargo run --release --`)"
    );
    Ok(())
}

/// A tour may write over the last tour, and over nothing else.
fn clear_last_tour(dir: &Path) -> Result<(), CliError> {
    if let Ok((header, _)) = store::load::<LanguageModelHeader>(dir)
        && header.text.source == SOURCE
    {
        let path = dir.join(store::SIDECAR);
        fs::remove_file(&path).map_err(CliError::io("remove", &path))?;
    }
    Ok(())
}
