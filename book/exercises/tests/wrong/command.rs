//! The command's arguments and colours; with the solutions, every exercise is done.

use std::process::{Command, Output};

fn exercises(arguments: &[&str], colour: bool) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_exercises"));
    command.args(arguments).env_remove("CLICOLOR_FORCE");
    if colour {
        command.env("CLICOLOR_FORCE", "1");
    }
    command.output().unwrap()
}

#[test]
fn a_mistyped_chapter_is_refused_with_the_one_that_is_meant() {
    let output = exercises(&["gatse"], false);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("did you mean `gates`?"), "{error}");
    assert!(output.stdout.is_empty());
}

#[test]
fn verdicts_are_coloured_on_a_terminal_and_plain_in_a_pipe() {
    let text = |colour| String::from_utf8(exercises(&["gates"], colour).stdout).unwrap();
    let (plain, coloured) = (text(false), text(true));
    assert!(plain.contains("  done   sigmoid\n"), "{plain}");
    assert!(!plain.contains('\u{1b}'), "{plain:?}");
    assert!(coloured.contains("\u{1b}[32mdone"), "{coloured:?}");
}

#[test]
fn only_the_exercises_of_the_named_chapters_are_judged() {
    let output = exercises(&["cell", "roles"], false);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.ends_with("\n6 of 6 done.\n"), "{text}");
    assert!(!text.contains("gates"), "{text}");
}

#[test]
fn a_hint_is_given_by_grade_in_both_languages() {
    let text = |arguments: &[&str]| String::from_utf8(exercises(arguments, false).stdout).unwrap();
    let first = text(&["hint", "gates::sigmoid", "--grade", "1"]);
    assert!(
        first.starts_with("gates::sigmoid, hint 1 of 3\n\nWhich of"),
        "{first}"
    );
    let last = text(&["hint", "sigmoid", "--grade", "3", "--language", "zh"]);
    assert!(
        last.contains("`1.0 / (1.0 + (-a).exp())`\n\nThis is the last one"),
        "{last}"
    );
    let output = exercises(&["hint", "sigmod"], false);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("did you mean `sigmoid`?"), "{error}");
    assert_eq!(
        exercises(&["hint", "sigmoid", "--grade", "4"], false)
            .status
            .code(),
        Some(2)
    );
}
