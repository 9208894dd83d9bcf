//! The hints of `hints.toml`, which the book shows too.

use crate::Exercise;
use clap::ValueEnum;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A language of the hints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// English
    En,
    /// Chinese
    Zh,
}

/// The number of hints that an exercise has.
pub const GRADES: usize = 3;

/// What to think about, the shape of the formula, and nearly the code.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hints {
    en: [String; GRADES],
    zh: [String; GRADES],
}

/// The hints by chapter and name.
fn all() -> BTreeMap<String, BTreeMap<String, Hints>> {
    toml::from_str(include_str!("../hints.toml")).expect("a test reads it")
}

impl Exercise {
    /// The hints of the exercise, the vaguest first.
    pub fn hints(&self, language: Language) -> [String; GRADES] {
        let mut of_chapter = all().remove(self.chapter).expect("a test finds all");
        let hints = of_chapter.remove(self.name).expect("a test finds all");
        match language {
            Language::En => hints.en,
            Language::Zh => hints.zh,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EXERCISES;

    #[test]
    fn every_exercise_has_three_hints_in_both_languages_and_nothing_else_has() {
        let mut all = all();
        for exercise in EXERCISES {
            let hints = all
                .get_mut(exercise.chapter)
                .and_then(|of| of.remove(exercise.name));
            let hints = hints.unwrap_or_else(|| panic!("{exercise:?} has no hints"));
            let chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
            for (en, zh) in hints.en.iter().zip(&hints.zh) {
                assert!(
                    !en.trim().is_empty() && !en.contains(chinese),
                    "{exercise:?}: {en}"
                );
                assert!(
                    zh.contains(chinese) || zh.contains('`'),
                    "{exercise:?}: {zh}"
                );
            }
        }
        all.retain(|_, of| !of.is_empty());
        assert!(all.is_empty(), "hints of no exercise: {:?}", all.keys());
    }
}
