//! The command: judges all exercises, or those of some chapters, and prints the verdicts.

mod choice;
mod table;
mod watch;

use crate::{Exercise, Status};
use clap::Parser;
use std::process::ExitCode;

/// Judges the exercises, and prints which are done
#[derive(Parser)]
pub struct Arguments {
    /// Judges only the exercises of these chapters
    #[arg(value_parser = choice::chapter)]
    chapters: Vec<String>,
    /// Judges again whenever a file of the exercises is saved, until Ctrl-C
    #[arg(long, conflicts_with = "unfilled")]
    watch: bool,
    /// Fails unless every exercise is an unfilled stub
    #[arg(long)]
    unfilled: bool,
}

impl Arguments {
    /// Runs the command.
    pub fn run(&self) -> ExitCode {
        if self.watch {
            return watch::watch(&self.chapters);
        }
        // A panic is a verdict here, and needs no message of its own.
        std::panic::set_hook(Box::new(|_| ()));
        let judged: Vec<(&Exercise, Status)> = choice::chosen(&self.chapters)
            .map(|exercise| (exercise, exercise.status()))
            .collect();
        print!("{}", table::table(&judged));
        if self.unfilled && judged.iter().any(|(_, status)| *status != Status::ToDo) {
            println!("An exercise is filled in.");
            return ExitCode::FAILURE;
        }
        ExitCode::SUCCESS
    }
}
