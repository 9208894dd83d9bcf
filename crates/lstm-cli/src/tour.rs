//! `lstm`, alone: a model that learns to write its own textbook.

use crate::args::{EngineName, LimitArgs, Settings, TourArgs};
use crate::error::{CliError, say};
use crate::run_dir::RunDir;
use crate::setup::{Setup, threads};
use crate::train::{COMMAND, NewRun, Sample, Session, Source};
use lstm_model::LanguageModelHeader;
use lstm_text::Normalization;

/// The English chapters of this project's book.
const BOOK: &str = concat!(
    include_str!("../../../book/en/introduction.md"),
    include_str!("../../../book/en/gates.md"),
    include_str!("../../../book/en/cell.md"),
    include_str!("../../../book/en/bptt.md"),
    include_str!("../../../book/en/text.md"),
);

pub const SOURCE: &str = "the English chapters of this project's book";

pub fn run(args: &TourArgs) -> Result<(), CliError> {
    say!("The tour: a small LSTM learns to write its own textbook, character by character.\n");
    let setup = Setup::new(&Settings {
        hidden: Some(128),
        embed: Some(32),
        dropout: Some(0.2),
        head_dropout: Some(0.3),
        batch: Some(32),
        seq_len: Some(64),
        lr: Some(4e-3),
        eval_every: Some(150),
        engine: Some(EngineName::Fast),
        ..Settings::default()
    });
    let source = book();
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
    let run = RunDir::create(&args.out, COMMAND, |header: &LanguageModelHeader| {
        header.text.source == SOURCE
    })?;
    let completed = setup.engine.with(Session {
        run: &run,
        prepared,
        tensors: None,
        sample: Some(Sample {
            prime: "The ",
            length: 160,
        }),
    })?;
    if !completed {
        return Ok(());
    }
    let dir = args.out.display();
    say!(
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

/// The tour's own text, which no file holds.
pub fn book() -> Source {
    Source::new(SOURCE, BOOK, Normalization { nfc: false })
}
