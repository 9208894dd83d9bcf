//! The command: judges all exercises, or those of some chapters, and prints the verdicts.

mod choice;
mod hint;
mod table;
mod watch;

use crate::{Exercise, Status};
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Judges the exercises, and prints which are done
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    also: Option<Also>,
    /// Judges only the exercises of these chapters
    #[arg(value_parser = choice::chapter)]
    chapters: Vec<String>,
    /// Judges again whenever a file of the exercises is saved, until Ctrl-C
    #[arg(long, conflicts_with = "unfilled")]
    watch: bool,
    /// Fails if an exercise is implemented
    #[arg(long)]
    unfilled: bool,
}

#[derive(Subcommand)]
enum Also {
    /// Prints the next hint for an exercise
    Hint(hint::Arguments),
}

impl Arguments {
    /// Runs the command.
    pub fn run(&self) -> ExitCode {
        if let Some(Also::Hint(arguments)) = &self.also {
            return arguments.run();
        }
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
            println!("An exercise is implemented.");
            return ExitCode::FAILURE;
        }
        ExitCode::SUCCESS
    }
}
