//! What the book's directives put into the page.

use super::Page;
use crate::Error;
use crate::book::relative;
use crate::equations::parts as formulas;
use crate::markdown::{Part, line_number};
use crate::math::{Style, mathml};

impl Page<'_> {
    pub(super) fn directive(
        &mut self,
        part: &Part<'_>,
        name: &str,
        arguments: &str,
    ) -> Result<(), Error> {
        match name {
            "equation" | "recall" => self.equations(part.at, name == "equation", arguments)?,
            "tracks" => self.out += &self.book.guide.table(),
            "hints" => self.hints(part.at, arguments)?,
            "live" => {
                let name = |c: char| c.is_ascii_lowercase() || c == '_' || c == '-';
                if arguments.is_empty() || !arguments.chars().all(name) {
                    return Err(self.fail(part.at, "{{#live}} needs the name of a widget"));
                }
                self.html(&format!(
                    "<div class=\"live\" data-live=\"{arguments}\" hidden></div>"
                ));
            }
            _ => self.out += part.text,
        }
        Ok(())
    }

    /// The equations of a directive, each on a line of its own.
    fn equations(&mut self, at: usize, defines: bool, names: &str) -> Result<(), Error> {
        let chapter = self.chapter;
        let line = line_number(&chapter.text, at);
        let indent = chapter.text[..at].rsplit('\n').next().unwrap_or_default();
        let numbers = self.book.numbers(names, &chapter.shown, line)?;
        for (n, number) in numbers.into_iter().enumerate() {
            if n > 0 {
                self.out.push('\n');
                self.out += indent;
            }
            let html = self.equation(at, defines, number)?;
            self.html(&html);
        }
        Ok(())
    }

    fn equation(&self, at: usize, defines: bool, number: usize) -> Result<String, Error> {
        let (chapter, book) = (self.chapter, self.book);
        let mut formula = String::new();
        for tex in formulas(&book.equations[number - 1].tex) {
            formula += &mathml(&tex, Style::Display).map_err(|what| {
                self.fail(at, format!("E{number} of book/equations.toml: {what}"))
            })?;
        }
        let (place, target) = if defines {
            let table = book.traceability.as_deref();
            let table = table.map(|path| relative(&chapter.path, path));
            (
                format!(" id=\"E{number}\""),
                table.map(|path| format!("{path}#trace-E{number}")),
            )
        } else {
            let definition = book.link(number, &chapter.path).ok_or_else(|| {
                let what = format!(
                    "E{number} is recalled, but no chapter defines it with {{{{#equation E{number}}}}}"
                );
                self.fail(at, what)
            })?;
            (" data-recall=\"\"".to_owned(), Some(definition))
        };
        let label = match target {
            Some(target) => format!(
                "<a class=\"number\" href=\"{}\">(E{number})</a>",
                target.replace(".md", ".html")
            ),
            None => format!("<span class=\"number\">(E{number})</span>"),
        };
        Ok(format!(
            "<div class=\"equation\"{place}><div class=\"formula\">{formula}</div>{label}</div>"
        ))
    }
}
