//! Judges all exercises, or those of some chapters, and prints the verdicts.

use clap::Parser;
use clap::builder::PossibleValuesParser;
use exercises::{EXERCISES, Exercise, Status};
use std::panic::set_hook;
use std::process::ExitCode;

/// Judges the exercises, and prints which are done
#[derive(Parser)]
struct Arguments {
    /// Judges only the exercises of these chapters
    #[arg(value_parser = PossibleValuesParser::new(chapters()))]
    chapters: Vec<String>,
    /// Fails unless every exercise is an unfilled stub
    #[arg(long)]
    unfilled: bool,
}

fn chapters() -> Vec<&'static str> {
    let mut chapters: Vec<_> = EXERCISES.iter().map(|exercise| exercise.chapter).collect();
    chapters.dedup();
    chapters
}

fn main() -> ExitCode {
    let Arguments { chapters, unfilled } = Arguments::parse();
    // A panic is a verdict here, and needs no message of its own.
    set_hook(Box::new(|_| ()));
    let (mut done, mut all, mut is_unfilled, mut next) = (0, 0, true, None);
    let mut chapter = "";
    for exercise in EXERCISES {
        let Exercise {
            chapter: of, name, ..
        } = exercise;
        if !chapters.is_empty() && !chapters.iter().any(|chapter| chapter == of) {
            continue;
        }
        if *of != chapter {
            println!("\n{of}");
            chapter = of;
        }
        let status = exercise.status();
        match &status {
            Status::Done => println!("  done   {name}"),
            Status::ToDo => println!("  to do  {name}"),
            Status::Wrong(why) => {
                println!(
                    "  wrong  {name}\n           {}",
                    why.replace('\n', "\n           ")
                );
            }
        }
        all += 1;
        done += usize::from(status == Status::Done);
        is_unfilled &= status == Status::ToDo;
        if status != Status::Done {
            next.get_or_insert((of, name));
        }
    }
    println!("\n{done} of {all} done.");
    if let Some((chapter, name)) = next {
        println!("Next: `{name}` in book/exercises/src/{chapter}.rs.");
    }
    if unfilled && !is_unfilled {
        println!("An exercise is filled in.");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
