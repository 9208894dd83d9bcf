//! What a chapter must know of the others: where each equation is defined.

use crate::equations::{Equation, number};
use crate::lines::{Kind, lines};
use crate::{Error, figure};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// A chapter's source.
#[derive(Clone, Debug)]
pub struct Chapter {
    /// `gates.md`: relative to the folder of its language.
    pub path: String,
    /// For messages: `book/en/gates.md`.
    pub shown: String,
    /// Markdown, with our formulas and directives.
    pub text: String,
}

/// Where an equation is defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The chapter's path.
    pub path: String,
    /// For messages.
    pub shown: String,
    /// The line of the directive.
    pub line: usize,
}

/// One language of the book.
#[derive(Clone, Debug)]
pub struct Book {
    /// The table, E1 first.
    pub equations: Vec<Equation>,
    /// By number.
    pub definitions: BTreeMap<usize, Definition>,
    /// Where the drawings lie, for every language.
    pub figures: PathBuf,
    /// What stands before `figures/` and `stubs/` in the includes of this language: nothing in
    /// English, `../en/` elsewhere.
    pub shared: &'static str,
    /// The page with the table of all equations, if the book has it.
    pub traceability: Option<String>,
}

impl Book {
    /// Finds the definitions: each at most once, and of an equation that the table has.
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
        };
        for chapter in chapters {
            for line in lines(&chapter.shown, &chapter.text)? {
                let Kind::Directive {
                    name: "equation",
                    arguments,
                } = line.kind
                else {
                    continue;
                };
                for number in book.numbers(arguments, &chapter.shown, line.number)? {
                    book.define(number, chapter, line.number)?;
                }
            }
        }
        Ok(book)
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

    /// The numbers behind a directive: one or more, all in the table.
    pub fn numbers(&self, arguments: &str, path: &str, line: usize) -> Result<Vec<usize>, Error> {
        let known = |name: &str| number(name).filter(|n| *n <= self.equations.len());
        let numbers: Option<Vec<_>> = arguments.split_whitespace().map(known).collect();
        numbers.filter(|n| !n.is_empty()).ok_or_else(|| {
            let last = self.equations.len();
            let what = format!("`{arguments}`: names of equations stand here, from E1 to E{last}");
            Error::new(path, line, what)
        })
    }

    /// The address of an equation's definition, from a chapter; none if it has none yet.
    pub fn link(&self, number: usize, from: &str) -> Option<String> {
        let to = &self.definitions.get(&number)?.path;
        let page = if to == from {
            String::new()
        } else {
            relative(from, to)
        };
        Some(format!("{page}#E{number}"))
    }

    /// A drawing, as the page holds it.
    pub fn figure(&self, file: &str, alt: &str) -> Result<String, String> {
        let path = self.figures.join(file);
        let svg = fs::read_to_string(&path).map_err(|error| {
            format!(
                "{}: {error}; the figures are drawn by `cargo run -p lstm-book`",
                path.display()
            )
        })?;
        figure::inline(file.trim_end_matches(".svg"), &svg, alt)
    }
}

/// One chapter's path as another's link.
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
