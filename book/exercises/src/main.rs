//! Where the reader stands: every exercise with its verdict.

use exercises::{EXERCISES, Exercise, Status};
use std::panic::set_hook;
use std::process::ExitCode;

/// `cargo run -p exercises [chapter …]`; with `--unfilled` it fails unless every stub is one.
fn main() -> ExitCode {
    let (options, chapters): (Vec<_>, Vec<_>) = std::env::args()
        .skip(1)
        .partition(|word| word.starts_with("--"));
    set_hook(Box::new(|_| ()));
    let (mut done, mut all, mut unfilled, mut next) = (0, 0, true, None);
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
        unfilled &= status == Status::ToDo;
        if status != Status::Done {
            next.get_or_insert((of, name));
        }
    }
    println!("\n{done} of {all} done.");
    if let Some((chapter, name)) = next {
        println!("Next: `{name}` in book/exercises/src/{chapter}.rs.");
    }
    if options.iter().any(|option| option == "--unfilled") && !unfilled {
        println!("An exercise is not a stub.");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
