//! The verdicts as text, in colour where the terminal has it.

use crate::{Exercise, Status, waits_for};
use console::style;
use std::fmt::Write;

/// The text under an exercise begins at this column.
const INDENT: &str = "\n           ";

/// A line for each exercise, chapter by chapter, and what to do next.
pub(super) fn table(judged: &[(&Exercise, Status)]) -> String {
    let (mut text, mut chapter) = (String::new(), "");
    for (exercise, status) in judged {
        if exercise.chapter != chapter {
            chapter = exercise.chapter;
            text += &format!("\n{}\n", style(chapter).bold());
        }
        text += &line(exercise.name, status);
    }
    let done = judged.iter().filter(|(_, status)| *status == Status::Done);
    let _ = writeln!(text, "\n{} of {} done.", done.count(), judged.len());
    if let Some((chapter, name)) = next(judged) {
        let _ = writeln!(text, "Next: `{name}` in book/exercises/src/{chapter}.rs.");
        let _ = writeln!(
            text,
            "A hint: cargo run -p exercises -- hint {chapter}::{name}"
        );
    }
    text
}

fn line(name: &str, status: &Status) -> String {
    let (word, why) = match status {
        Status::Done => (style("done ").green(), String::new()),
        Status::ToDo => (style("to do").dim(), String::new()),
        Status::Waits(place) => (style("waits").yellow(), waits_for(place)),
        Status::Wrong(why) => (style("wrong").red(), why.clone()),
    };
    let why = why.lines().map(|line| format!("{INDENT}{line}"));
    format!("  {word}  {name}{}\n", why.collect::<String>())
}

/// The first exercise that can be worked on: one that waits is passed over for the one it waits for.
fn next<'a>(judged: &'a [(&Exercise, Status)]) -> Option<(&'a str, &'a str)> {
    let (exercise, status) = judged.iter().find(|(_, status)| *status != Status::Done)?;
    match status {
        Status::Waits(place) => Some((place.chapter, place.function)),
        _ => Some((exercise.chapter, exercise.name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EXERCISES, Place};

    #[test]
    fn each_state_has_its_word_and_the_next_is_the_one_that_others_wait_for() {
        let place = Place {
            chapter: "gates",
            line: 27,
            function: "preactivation",
        };
        let judged = [
            (&EXERCISES[0], Status::Done),
            (&EXERCISES[4], Status::Waits(place)),
            (&EXERCISES[7], Status::Wrong("c_t is off.\nBecause.".into())),
            (&EXERCISES[8], Status::ToDo),
        ];
        let text = console::strip_ansi_codes(&table(&judged)).into_owned();
        let expected = "
gates
  done   sigmoid
  waits  forget_gate
           It waits for `preactivation`, which is still empty (src/gates.rs:27).

cell
  wrong  cell_state
           c_t is off.
           Because.
  to do  hidden_state

1 of 4 done.
Next: `preactivation` in book/exercises/src/gates.rs.
A hint: cargo run -p exercises -- hint gates::preactivation
";
        assert_eq!(text, expected);
    }
}
