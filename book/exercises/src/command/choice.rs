//! Chapters by name.

use crate::{EXERCISES, Exercise};

/// Two names at least this alike are taken for one, mistyped.
const ALIKE: f64 = 0.7;

/// The exercises of some chapters; of all, if none is named.
pub(super) fn chosen(chapters: &[String]) -> impl Iterator<Item = &'static Exercise> {
    EXERCISES
        .iter()
        .filter(|exercise| chapters.is_empty() || chapters.iter().any(|of| of == exercise.chapter))
}

fn chapters() -> Vec<&'static str> {
    let mut chapters: Vec<_> = EXERCISES.iter().map(|exercise| exercise.chapter).collect();
    chapters.dedup();
    chapters
}

/// The chapter of that name, or a message that says which is meant.
pub(super) fn chapter(name: &str) -> Result<String, String> {
    let all = chapters();
    if all.contains(&name) {
        return Ok(name.to_owned());
    }
    if let Some(exercise) = EXERCISES.iter().find(|exercise| exercise.name == name) {
        return Err(format!(
            "`{name}` is an exercise of the chapter `{}`",
            exercise.chapter
        ));
    }
    Err(format!(
        "{}the chapters are {}",
        question(name, &all),
        all.join(", ")
    ))
}

/// The exercise of that name, with its chapter before it or without, or a message that says which is
/// meant.
pub(super) fn exercise(name: &str) -> Result<&'static Exercise, String> {
    let is_it = |exercise: &&Exercise| match name.split_once("::") {
        Some(both) => both == (exercise.chapter, exercise.name),
        None => name == exercise.name,
    };
    EXERCISES.iter().find(is_it).ok_or_else(|| {
        let names: Vec<_> = EXERCISES.iter().map(|exercise| exercise.name).collect();
        let last = name.rsplit(':').next().unwrap_or(name);
        format!(
            "{}`cargo run -p exercises` lists the exercises",
            question(last, &names)
        )
    })
}

/// Asks for the name that is most like the one that was typed, if any is.
fn question(typed: &str, names: &[&str]) -> String {
    let likeness = |name: &&str| strsim::jaro_winkler(&typed.to_lowercase(), name);
    let nearest = names
        .iter()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let meant = nearest.filter(|name| likeness(name) >= ALIKE);
    meant.map_or(String::new(), |meant| format!("did you mean `{meant}`? "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_chapter_is_recognised() {
        for (typed, meant) in [
            ("gate", "gates"),
            ("gatse", "gates"),
            ("Cell", "cell"),
            ("cells", "cell"),
            ("bptt-code", "bptt"),
            ("bppt", "bptt"),
            ("truncated", "truncation"),
            ("texts", "text"),
            ("models", "model"),
            ("sample", "sampling"),
            ("generate", "generation"),
            ("translate", "translation"),
            ("summarization", "summarisation"),
            ("role", "roles"),
        ] {
            let why = chapter(typed).unwrap_err();
            assert!(
                why.starts_with(&format!("did you mean `{meant}`?")),
                "{typed}: {why}"
            );
        }
    }

    #[test]
    fn an_exercise_in_place_of_a_chapter_is_recognised() {
        let why = chapter("softmax").unwrap_err();
        assert_eq!(why, "`softmax` is an exercise of the chapter `model`");
    }

    #[test]
    fn an_exercise_is_found_with_its_chapter_and_without() {
        for exercise_of in EXERCISES {
            let Exercise { chapter, name, .. } = exercise_of;
            for typed in [format!("{chapter}::{name}"), name.to_string()] {
                let found = exercise(&typed).unwrap();
                assert_eq!((found.chapter, found.name), (*chapter, *name), "{typed}");
            }
        }
        for (typed, meant) in [
            ("sigmod", "sigmoid"),
            ("gates::sigmoids", "sigmoid"),
            ("cell::sigmoid", "sigmoid"),
            ("viterbbi", "viterbi"),
        ] {
            let why = exercise(typed).unwrap_err();
            assert!(
                why.starts_with(&format!("did you mean `{meant}`?")),
                "{typed}: {why}"
            );
        }
        assert!(exercise("qqq").unwrap_err().starts_with("`cargo run"));
    }

    #[test]
    fn a_name_that_is_like_none_gets_the_list() {
        let why = chapter("xyz").unwrap_err();
        assert!(
            why.starts_with("the chapters are gates, cell, bptt, truncation,"),
            "{why}"
        );
        assert_eq!(chapter("gates").as_deref(), Ok("gates"));
    }
}
