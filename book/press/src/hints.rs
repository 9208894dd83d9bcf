//! The hints of the programming exercises, `book/exercises/hints.toml`: three for each, in both
//! languages. The command `exercises` prints the same.

use crate::Error;
use crate::markdown::line_number;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The hints of all exercises, by chapter and function.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Hints(BTreeMap<String, BTreeMap<String, Graded>>);

/// What to think about, the shape of the formula, and nearly the code.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Graded {
    en: [String; 3],
    zh: [String; 3],
}

impl Hints {
    /// Reads the table.
    ///
    /// # Errors
    /// [`Error`] with the line of what is not TOML, or of an exercise that lacks a hint in a language.
    pub fn read(path: &str, text: &str) -> Result<Self, Error> {
        toml::from_str(text).map_err(|e| {
            let at = e.span().map_or(0, |span| span.start);
            Error::new(path, line_number(text, at), e.message())
        })
    }

    /// The hints of an exercise, `gates::sigmoid`.
    pub fn of(&self, name: &str, chinese: bool) -> Option<&[String; 3]> {
        let (chapter, function) = name.split_once("::")?;
        let graded = self.0.get(chapter)?.get(function)?;
        Some(if chinese { &graded.zh } else { &graded.en })
    }

    /// The names of all exercises that have hints.
    pub fn names(&self) -> impl Iterator<Item = String> + '_ {
        let of = |(chapter, of): (&String, &BTreeMap<String, Graded>)| -> Vec<String> {
            of.keys().map(|name| format!("{chapter}::{name}")).collect()
        };
        self.0.iter().flat_map(of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exercise_that_lacks_a_hint_is_named_by_its_line() {
        let all = "[a.f]\nen = ['1', '2', '3']\nzh = ['一', '二', '三']\n";
        let hints = Hints::read("h", all).unwrap();
        assert_eq!(hints.of("a::f", true).unwrap()[2], "三");
        assert_eq!(hints.of("a::f", false).unwrap()[0], "1");
        assert!(hints.of("a::g", false).is_none() && hints.of("f", false).is_none());
        assert_eq!(hints.names().collect::<Vec<_>>(), ["a::f"]);
        for lacking in [
            "[b.g]\nen = ['1', '2', '3']",
            "[b.g]\nen = ['1', '2', '3']\nzh = ['一', '二']",
        ] {
            let error = Hints::read("h", &format!("{all}{lacking}")).unwrap_err();
            assert!(error.line >= 4, "{error}");
        }
    }
}
