//! Common mistakes in place of the answers: the judges reject each, and name it. What the command says
//! of a stub that waits for another, and of wrong arguments.

mod gates;
mod cell;
mod bptt;
mod truncation;
mod text;
mod model;
mod sampling;
mod generation;
mod translation;
mod summarisation;
mod roles;
mod forecasting;
mod beyond;
mod waiting;
mod command;

use exercises::EXERCISES;
use exercises::judge::Verdict;

fn rejects(verdict: Verdict, because: &str) {
    let why = verdict.expect_err(because);
    assert!(why.contains(because), "{why}\ndoes not say: {because}");
}

#[test]
fn every_exercise_has_its_mistakes() {
    let sources = [
        ("gates", include_str!("gates.rs")),
        ("cell", include_str!("cell.rs")),
        ("bptt", include_str!("bptt.rs")),
        ("bptt", include_str!("bptt/sequence.rs")),
        ("truncation", include_str!("truncation.rs")),
        ("text", include_str!("text.rs")),
        ("model", include_str!("model.rs")),
        ("sampling", include_str!("sampling.rs")),
        ("generation", include_str!("generation.rs")),
        ("translation", include_str!("translation.rs")),
        ("summarisation", include_str!("summarisation.rs")),
        ("roles", include_str!("roles.rs")),
        ("forecasting", include_str!("forecasting.rs")),
        ("beyond", include_str!("beyond.rs")),
    ];
    for exercise in EXERCISES {
        let test = format!("#[test]\nfn {}() {{", exercise.name);
        let in_its_chapter = |(chapter, source): &(&str, &str)| {
            *chapter == exercise.chapter && source.contains(&test)
        };
        assert!(
            sources.iter().any(in_its_chapter),
            "{exercise:?} has no mistakes"
        );
    }
}
