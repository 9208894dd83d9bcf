//! `lstm` without a command: a model that learns to write its own textbook.

use crate::args::{TourArgs, TrainArgs};
use crate::error::{CliError, say};
use crate::session;
use crate::terminal::print_lines;
use crate::text::tour_text;
use crate::train::new_run;
use clap::Parser;
use lstm_train::{Outcome, Single};
use std::iter;
use std::path::PathBuf;

/// The tour is a run of `lstm train` with these options. Its text is part of the program, so --text is
/// not read; --out and --seconds are those of the tour.
const OPTIONS: &str = "lstm --text - --out lstm-out --engine fast --hidden 128 --embed 32 \
    --dropout 0.2 --head-dropout 0.3 --batch 32 --seq-len 64 --lr 4e-3";

pub fn run(args: &TourArgs) -> Result<(), CliError> {
    say!("The tour: a small LSTM learns to write its own textbook, character by character.\n");
    let mut train = TrainArgs::parse_from(OPTIONS.split_whitespace());
    train.run.out = Some(match &args.out {
        Some(out) => out.clone(),
        None => unused()?,
    });
    train.run.limit.seconds = Some(args.seconds);
    train.run.open = args.open;
    let new = new_run(tour_text(), &train)?;
    if session::begin(new, None, &train.run, Box::new(Single))? == Outcome::Interrupted {
        return Ok(());
    }
    print_lines(
        "  lstm gradcheck
  lstm train --text YOUR.txt --out my-model
(`lstm` is target/release/lstm, or `cargo run --release --`)",
    )?;
    Ok(())
}

/// The first of lstm-out, lstm-out-2, lstm-out-3, … that does not exist, so that no tour overwrites
/// another.
fn unused() -> Result<PathBuf, CliError> {
    let first = PathBuf::from("lstm-out");
    let others = (2..).map(|n| PathBuf::from(format!("lstm-out-{n}")));
    let mut all = iter::once(first.clone()).chain(others);
    let is_unused = |path: &PathBuf| path.symlink_metadata().is_err();
    let out = all
        .find(is_unused)
        .expect("there are more names than files");
    if out != first {
        say!(
            "lstm-out is there already, so this tour goes to {}.\n",
            out.display()
        );
    }
    Ok(out)
}
