//! `lstm` without a command: a model that learns to write its own textbook.

use crate::args::{TourArgs, TrainArgs};
use crate::error::{CliError, say};
use crate::session;
use crate::terminal::print_lines;
use crate::text::{TOUR_SOURCE, tour_text};
use crate::train::new_run;
use clap::Parser;
use lstm_tasks::TextSettings;
use lstm_train::{Outcome, StoredRun};

/// The tour is a run of `lstm train` with these options. Its text is part of the program, so --text is
/// not read; --out and --seconds are those of the tour.
const OPTIONS: &str = "lstm --text - --out lstm-out --engine fast --hidden 128 --embed 32 \
    --dropout 0.2 --head-dropout 0.3 --batch 32 --seq-len 64 --lr 4e-3 --eval-every 150";

pub fn run(args: &TourArgs) -> Result<(), CliError> {
    say!("The tour: a small LSTM learns to write its own textbook, character by character.\n");
    let mut train = TrainArgs::parse_from(OPTIONS.split_whitespace());
    train.run.out = Some(args.out.clone());
    train.run.limit.seconds = Some(args.seconds);
    let new = new_run(tour_text(), &train)?;
    let is_tour = |run: &StoredRun<TextSettings>| run.header.data.source == TOUR_SOURCE;
    if session::begin(new, None, &train.run, is_tour)? == Outcome::Interrupted {
        return Ok(());
    }
    let dir = args.out.display();
    print_lines(&format!(
        "
What to try next:
  open {dir}/loss.svg and {dir}/gates.svg in a browser
  lstm generate --model {dir} --prime \"The cell\" --length 400 --temperature 0.6
  lstm inspect --model {dir}
  lstm gradcheck
  lstm train --text YOUR.txt --out my-model
(`lstm` is target/release/lstm, or `cargo run --release --`)"
    ))?;
    Ok(())
}
