//! `lstm`: train, generate, evaluate, inspect, check and time the LSTM of this workspace.

mod args;
mod count;
mod engine;
mod error;
mod interrupt;
mod terminal;
mod wrap;
mod shell;
mod open;
mod sample;
mod scores;
mod explosion;
mod gauge;
mod settings;
mod progress;
mod report;
mod ranks;
mod session;
mod text;
mod pictures;
mod train;
mod tour;
mod generate;
mod transduce;
mod translate;
mod summarize;
mod label;
mod forecast;
mod classify;
mod eval;
mod compare;
mod states;
mod inspect;
mod gradcheck;
mod check;
mod export;
mod import;
mod vectors;
mod bench;

use args::{Cli, Command};
use clap::Parser;
use error::note;
use std::process::ExitCode;

fn main() -> ExitCode {
    // If this fails, the limit on a file's size ends the process, as it does by default.
    let _ = interrupt::report_large_files();
    let result = match Cli::parse().command {
        None => tour::run(&args::TourArgs::parse_from(["lstm tour"])),
        Some(Command::Tour(args)) => tour::run(&args),
        Some(Command::Train(args)) => train::run(&args),
        Some(Command::Generate(args)) => generate::run(&args),
        Some(Command::Translate(command)) => translate::run(&command),
        Some(Command::Summarize(command)) => summarize::run(&command),
        Some(Command::Label(command)) => label::run(&command),
        Some(Command::Forecast(command)) => forecast::run(&command),
        Some(Command::Classify(command)) => classify::run(&command),
        Some(Command::Eval(args)) => eval::run(&args),
        Some(Command::Compare(args)) => compare::run(&args),
        Some(Command::States(args)) => states::run(&args),
        Some(Command::Inspect(args)) => inspect::run(&args),
        Some(Command::Gradcheck(args)) => gradcheck::run(&args),
        Some(Command::Check(args)) => check::run(&args),
        Some(Command::Export(args)) => export::run(&args),
        Some(Command::Import(args)) => import::run(&args),
        Some(Command::Vectors(args)) => vectors::run(&args),
        Some(Command::Bench(args)) => bench::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // A closed pipe (`lstm … | head`) is not an error.
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            note!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
