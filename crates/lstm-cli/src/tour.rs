//! `lstm` without a command: a model that learns to write its own textbook.

use crate::args::{EngineName, LimitArgs};
use crate::args::{ModelArgs, RunArgs, Settings, TextArgs, TourArgs, TrainArgs, TrainingArgs};
use crate::error::{CliError, say};
use crate::text::tour_text;
use crate::train::{new_run, tour_dir};
use lstm_train::Outcome;

pub fn run(args: &TourArgs) -> Result<(), CliError> {
    say!("The tour: a small LSTM learns to write its own textbook, character by character.\n");
    let train = settings(args);
    let new = new_run(&tour_text(), &train)?;
    if new.train(tour_dir(&args.out)?)? == Outcome::Interrupted {
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

fn settings(args: &TourArgs) -> TrainArgs {
    TrainArgs {
        text: None,
        run: RunArgs {
            out: Some(args.out.clone()),
            engine: Some(EngineName::Fast),
            limit: LimitArgs {
                seconds: Some(args.seconds),
                ..LimitArgs::default()
            },
            ..RunArgs::default()
        },
        preset: None,
        settings: Settings {
            model: ModelArgs {
                hidden: Some(128),
                embed: Some(32),
                dropout: Some(0.2),
                ..ModelArgs::default()
            },
            training: TrainingArgs {
                batch: Some(32),
                lr: Some(4e-3),
                eval_every: Some(150),
                ..TrainingArgs::default()
            },
        },
        text_settings: TextArgs {
            head_dropout: Some(0.3),
            seq_len: Some(64),
            ..TextArgs::default()
        },
    }
}
