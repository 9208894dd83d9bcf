//! What a chapter needs to know about the others: which of them defines each equation, which listings
//! solve an exercise, and what comes next.

use crate::equations::{Equation, number};
use crate::hints::Hints;
use crate::labels::Labels;
use crate::markdown::{Kind, Part, include, line_number, parts};
use crate::tracks::{Guide, Tracks};
use crate::{Error, figure};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

/// A chapter's source.
#[derive(Clone, Debug)]
pub struct Chapter {
    /// `gates.md`: relative to the folder of its language.
    pub path: String,
    /// Its name in messages: `book/en/gates.md`.
    pub shown: String,
    /// Markdown, with our formulas and directives.
    pub text: String,
}

/// Where an equation is defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The chapter's path.
    pub path: String,
    /// The chapter's name in messages.
    pub shown: String,
    /// The line of the directive.
    pub line: usize,
}

/// One language of the book.
#[derive(Clone, Debug)]
pub struct Book {
    /// All equations, E1 first.
    pub equations: Vec<Equation>,
    /// The definitions, by the number of the equation.
    pub definitions: BTreeMap<usize, Definition>,
    /// The folder of the drawings of all languages.
    pub figures: PathBuf,
    /// The path from this language's folder to the English one, which has the stubs: empty in
    /// English, `../en/` in any other language.
    pub shared: &'static str,
    /// The page with the table of all equations, if the book has it.
    pub traceability: Option<String>,
    /// What the solutions of exercises include.
    pub solutions: BTreeSet<String>,
    /// What the press writes at the top and at the end of a chapter.
    pub guide: Guide,
    /// The words of drawings in the language of the book.
    pub labels: Labels,
    /// The hints of the programming exercises.
    pub hints: Hints,
}

impl Book {
    /// Finds all definitions.
    ///
    /// # Errors
    /// [`Error`] if an equation is defined twice, or is not in the table.
    pub fn new(
        equations: Vec<Equation>,
        chapters: &[Chapter],
        figures: PathBuf,
        shared: &'static str,
    ) -> Result<Self, Error> {
        let mut book = Self {
            equations,
            definitions: BTreeMap::new(),
            figures,
            shared,
            traceability: chapters
                .iter()
                .map(|chapter| chapter.path.clone())
                .find(|path| path.ends_with("traceability.md")),
            solutions: BTreeSet::new(),
            guide: Guide::default(),
            labels: Labels::default(),
            hints: Hints::default(),
        };
        for chapter in chapters {
            let parts = parts(&chapter.shown, &chapter.text)?;
            book.solutions.extend(solutions(&parts));
            for part in parts {
                let Kind::Directive {
                    name: "equation",
                    arguments,
                } = part.kind
                else {
                    continue;
                };
                let line = line_number(&chapter.text, part.at);
                for number in book.numbers(arguments, &chapter.shown, line)? {
                    book.define(number, chapter, line)?;
                }
            }
        }
        Ok(book)
    }

    /// The book with the words of its language for the labels of drawings.
    #[must_use]
    pub fn with_labels(self, labels: Labels) -> Self {
        Self { labels, ..self }
    }

    /// The book with the hints of its programming exercises.
    #[must_use]
    pub fn with_hints(self, hints: Hints) -> Self {
        Self { hints, ..self }
    }

    /// The book with the lines about its tracks.
    ///
    /// # Errors
    /// The errors of [`parts`].
    pub fn with_tracks(mut self, tracks: Tracks, chapters: &[Chapter]) -> Result<Self, Error> {
        let mut titles = BTreeMap::new();
        for chapter in chapters {
            let parts = parts(&chapter.shown, &chapter.text)?;
            let is_heading = |part: &&Part<'_>| matches!(part.kind, Kind::Heading { .. });
            if let Some(heading) = parts.iter().find(is_heading) {
                let words = heading.text.trim_matches(['#', ' ', '\n']);
                let words = words.split(" {#").next().unwrap_or(words);
                titles.insert(chapter.path.clone(), words.to_owned());
            }
        }
        self.guide = Guide::new(tracks, titles, self.is_chinese());
        Ok(self)
    }

    /// Whether this is the second language.
    pub fn is_chinese(&self) -> bool {
        !self.shared.is_empty()
    }

    fn define(&mut self, number: usize, chapter: &Chapter, line: usize) -> Result<(), Error> {
        let place = Definition {
            path: chapter.path.clone(),
            shown: chapter.shown.clone(),
            line,
        };
        match self.definitions.insert(number, place) {
            None => Ok(()),
            Some(first) => Err(Error::new(
                &chapter.shown,
                line,
                format!(
                    "E{number} is defined already, at {}:{}: show it again with {{{{#recall E{number}}}}}",
                    first.shown, first.line
                ),
            )),
        }
    }

    /// The numbers after the name of a directive.
    ///
    /// # Errors
    /// [`Error`] if there are none, or one is not in the table.
    pub fn numbers(&self, arguments: &str, path: &str, line: usize) -> Result<Vec<usize>, Error> {
        let known = |name: &str| number(name).filter(|n| *n <= self.equations.len());
        let numbers: Option<Vec<_>> = arguments.split_whitespace().map(known).collect();
        numbers.filter(|n| !n.is_empty()).ok_or_else(|| {
            let last = self.equations.len();
            let what = format!("`{arguments}`: expected names of equations, from E1 to E{last}");
            Error::new(path, line, what)
        })
    }

    /// The link from a chapter to the definition of an equation; `None` if no chapter defines it.
    pub fn link(&self, number: usize, from: &str) -> Option<String> {
        let to = &self.definitions.get(&number)?.path;
        let page = if to == from {
            String::new()
        } else {
            relative(from, to)
        };
        Some(format!("{page}#E{number}"))
    }

    /// The SVG of a drawing, ready for the page.
    ///
    /// # Errors
    /// If the file cannot be read, or is not an SVG.
    pub fn figure(&self, file: &str, alt: &str) -> Result<String, String> {
        let path = self.figures.join(file);
        let svg = fs::read_to_string(&path).map_err(|error| {
            format!(
                "{}: {error}; the figures are drawn by `cargo run -p lstm-book`",
                path.display()
            )
        })?;
        figure::inline(&svg, alt, &self.labels)
    }
}

/// What a page includes below "Exercises" and within `<details>`.
fn solutions(parts: &[Part<'_>]) -> Vec<String> {
    let (mut in_exercises, mut fold, mut found) = (false, Fold::default(), Vec::new());
    for part in parts {
        match &part.kind {
            Kind::Heading { level, id } if *level == 2 => {
                in_exercises = id.as_deref() == Some("exercises");
            }
            Kind::Html => fold.read(part.text),
            Kind::Code if in_exercises && fold.is_open() => {
                found.extend(part.text.lines().filter_map(include).map(str::to_owned));
            }
            _ => {}
        }
    }
    found
}

/// Whether one is within `<details>`.
#[derive(Default)]
pub struct Fold {
    depth: usize,
}

impl Fold {
    /// Goes past a part of HTML.
    pub fn read(&mut self, html: &str) {
        self.depth += html.matches("<details").count();
        self.depth -= html.matches("</details>").count().min(self.depth);
    }

    /// Whether one is within `<details>`.
    pub fn is_open(&self) -> bool {
        self.depth > 0
    }
}

/// The link from one chapter to another.
pub fn relative(from: &str, to: &str) -> String {
    "../".repeat(from.matches('/').count()) + to
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(texts: &[(&str, &str)]) -> Result<Book, Error> {
        let chapters: Vec<_> = texts
            .iter()
            .map(|(path, text)| Chapter {
                path: path.to_string(),
                shown: format!("book/en/{path}"),
                text: text.to_string(),
            })
            .collect();
        let equations = crate::equations::equations("e", "E1 = 'a'\nE2 = 'b'").unwrap();
        Book::new(equations, &chapters, PathBuf::new(), "")
    }

    #[test]
    fn definitions_are_found_across_chapters() {
        let book = book(&[
            ("gates.md", "{{#equation E1}}"),
            ("cell.md", "\n{{#equation E2}}"),
        ])
        .unwrap();
        assert_eq!(book.link(1, "cell.md").unwrap(), "gates.md#E1");
        assert_eq!(book.link(1, "gates.md").unwrap(), "#E1");
        assert_eq!(book.link(1, "a/b.md").unwrap(), "../gates.md#E1");
        assert_eq!(book.definitions[&2].line, 2);
    }

    #[test]
    fn a_second_definition_and_an_unknown_equation_are_errors() {
        let twice = book(&[
            ("a.md", "{{#equation E1}}"),
            ("b.md", "x\n{{#equation E2 E1}}"),
        ]);
        assert_eq!(
            twice.unwrap_err().to_string(),
            "book/en/b.md:2: E1 is defined already, at book/en/a.md:1: show it again with {{#recall E1}}"
        );
        for text in ["{{#equation E3}}", "{{#equation}}", "{{#equation 1}}"] {
            assert!(book(&[("a.md", text)]).unwrap_err().what.contains("E2"));
        }
    }
}
