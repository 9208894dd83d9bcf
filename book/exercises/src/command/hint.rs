//! The next hint for an exercise. A file beside the program notes how many have been given.

use super::choice;
use crate::{Exercise, GRADES, Language};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

/// The arguments of `hint`.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The exercise: gates::sigmoid, or sigmoid alone
    #[arg(value_parser = choice::exercise)]
    exercise: &'static Exercise,
    /// 1, what to think about; 2, the formula or the call; 3, nearly the code [default: the next one]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=GRADES as u64))]
    grade: Option<u64>,
    /// The language of the hint
    #[arg(long, default_value = "en")]
    language: Language,
}

impl Arguments {
    pub(super) fn run(&self) -> ExitCode {
        let name = format!("{}::{}", self.exercise.chapter, self.exercise.name);
        let grade = match self.grade {
            Some(grade) => Ok(grade as usize),
            None => note().and_then(|note| next(&note, &name)),
        };
        let grade = match grade {
            Ok(grade) => grade,
            Err(why) => {
                eprintln!(
                    "error: cannot note which hints have been given: {why}; ask with --grade"
                );
                return ExitCode::FAILURE;
            }
        };
        let hint = &self.exercise.hints(self.language)[grade - 1];
        println!("{name}, hint {grade} of {GRADES}\n\n{}", plain(hint));
        if grade == GRADES {
            println!("\nThis is the last one; the solution is in the book, under Programs.");
        }
        ExitCode::SUCCESS
    }
}

/// The file of the hints that have been given: it goes with `cargo clean`.
fn note() -> io::Result<PathBuf> {
    Ok(env::current_exe()?.with_file_name("exercises-hints.txt"))
}

/// The grade of the next hint, which is noted; after the last one the last again.
fn next(note: &Path, name: &str) -> io::Result<usize> {
    let text = match fs::read_to_string(note) {
        Err(why) if why.kind() == io::ErrorKind::NotFound => String::new(),
        text => text?,
    };
    let mut given: BTreeMap<&str, usize> = text
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(name, grade)| Some((name, grade.parse().ok()?)))
        .collect();
    let grade = given
        .get(name)
        .map_or(1, |given| given.saturating_add(1).min(GRADES));
    given.insert(name, grade);
    let lines: String = given
        .iter()
        .map(|(name, grade)| format!("{name} {grade}\n"))
        .collect();
    fs::write(note, lines)?;
    Ok(grade)
}

/// A hint without the marks of Markdown around a listing, whose lines are indented instead.
fn plain(hint: &str) -> String {
    let mut in_code = false;
    let mut lines = Vec::new();
    for line in hint.lines() {
        if line.starts_with("```") {
            in_code = !in_code;
        } else {
            lines.push(format!("{}{line}", if in_code { "    " } else { "" }));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_gives_the_next_hint_and_exercises_are_counted_apart() {
        let directory = tempfile::tempdir().unwrap();
        let note = directory.path().join("note");
        let grades =
            ["a::f", "a::f", "b::g", "a::f", "a::f"].map(|name| next(&note, name).unwrap());
        assert_eq!(grades, [1, 2, 1, 3, 3]);
        // A damaged note is no reason to give no hint.
        fs::write(&note, "a::f many\n\nnonsense").unwrap();
        assert_eq!(next(&note, "a::f").unwrap(), 1);
    }

    #[test]
    fn a_listing_is_indented_instead_of_fenced() {
        assert_eq!(
            plain("So:\n```rust\nx\n  y\n```\nOn."),
            "So:\n    x\n      y\nOn."
        );
    }
}
