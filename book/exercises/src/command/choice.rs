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
    let likeness = |chapter: &&str| strsim::jaro_winkler(&name.to_lowercase(), chapter);
    let nearest = all
        .iter()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let meant = nearest.filter(|chapter| likeness(chapter) >= ALIKE);
    let question = meant.map_or(String::new(), |meant| format!("did you mean `{meant}`? "));
    Err(format!("{question}the chapters are {}", all.join(", ")))
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
    fn a_name_that_is_like_none_gets_the_list() {
        let why = chapter("xyz").unwrap_err();
        assert!(
            why.starts_with("the chapters are gates, cell, bptt, truncation,"),
            "{why}"
        );
        assert_eq!(chapter("gates").as_deref(), Ok("gates"));
    }
}
