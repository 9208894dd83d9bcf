//! A chapter as mdBook gets it: formulas as MathML, equations numbered and linked, figures inline, its
//! time at the top and what comes next at its end. Two things are folded: the section about the article,
//! and a listing that solves an exercise.

mod directives;
mod folds;

use crate::book::{Book, Chapter, Fold};
use crate::emphasis::{Emphasis, NOTHING};
use crate::equations::names;
use crate::joining::joins;
use crate::markdown::{Kind, Part, include, line_number, parts};
use crate::math::{Style, mathml};
use crate::{Error, figure};
use std::ops::Range;

/// The chapter, ready for mdBook.
pub fn render(chapter: &Chapter, book: &Book) -> Result<String, Error> {
    let parts = parts(&chapter.shown, &chapter.text)?;
    let mut page = Page {
        chapter,
        book,
        out: String::with_capacity(chapter.text.len() * 2),
        printed: 0,
        emphasis: Emphasis::default(),
        fold: Fold::default(),
        has_title: false,
        in_article: false,
    };
    for n in 0..parts.len() {
        page.part(&parts, n)?;
    }
    page.end_article();
    page.out += &book.guide.end(&chapter.path);
    if !page.out.ends_with('\n') {
        page.out.push('\n');
    }
    Ok(page.out)
}

struct Page<'a> {
    chapter: &'a Chapter,
    book: &'a Book,
    out: String,
    /// The end of the source that has been printed together with an earlier part.
    printed: usize,
    emphasis: Emphasis,
    /// Whether the author has folded what comes now.
    fold: Fold,
    has_title: bool,
    /// Whether the section about the article is open.
    in_article: bool,
}

impl Page<'_> {
    fn fail(&self, at: usize, what: impl Into<String>) -> Error {
        let line = line_number(&self.chapter.text, at);
        Error::new(&self.chapter.shown, line, what)
    }

    fn part(&mut self, parts: &[Part<'_>], n: usize) -> Result<(), Error> {
        let part = &parts[n];
        match &part.kind {
            Kind::Words { in_link } => self.words(part, *in_link),
            Kind::Math(tex) => self.math(part, tex, &parts[..n], &parts[n + 1..])?,
            Kind::LineEnd => self.line_end(part, &parts[..n], &parts[n + 1..]),
            Kind::Verbatim => self.out += part.text,
            Kind::Html => {
                self.fold.read(part.text);
                self.out += part.text;
            }
            Kind::Heading { level, id } => self.heading(part.text, *level, id.as_deref()),
            Kind::Formula(tex) => {
                // An error is in the TeX, which starts on the line below the `$$`.
                let below = part.at + part.text.find('\n').map_or(0, |end| end + 1);
                let mathml = mathml(tex, Style::Display).map_err(|what| self.fail(below, what))?;
                self.html(&format!("<div class=\"formula\">{mathml}</div>"));
            }
            Kind::Directive { name, arguments } => self.directive(part, name, arguments)?,
            Kind::Drawing { alt, file } => self.drawing(part, alt, file, &parts[n + 1..])?,
            Kind::CaptionStart => self.out += "<figcaption>\n\n",
            Kind::CaptionEnd => self.html("\n\n</figcaption></figure>"),
            Kind::Code => self.code(part.text),
        }
        Ok(())
    }

    /// HTML at the end of a line, with an empty line after it, at which Markdown starts again.
    fn html(&mut self, html: &str) {
        self.out += html;
        self.out.push('\n');
    }

    /// Another language includes the stubs from the English folder.
    fn listing(&mut self, block: &str) {
        for line in block.split_inclusive('\n') {
            match include(line).filter(|target| !target.starts_with("../")) {
                Some(target) => {
                    let shared = format!("{}{target}", self.book.shared);
                    self.out += &line.replacen(target, &shared, 1);
                }
                None => self.out += line,
            }
        }
    }

    /// The end of a line, which a browser shows as a space. Between two lines of Chinese there is none.
    fn line_end(&mut self, part: &Part<'_>, before: &[Part<'_>], after: &[Part<'_>]) {
        self.emphasis.end_line();
        if part.at < self.printed {
            return;
        }
        let text = &self.chapter.text;
        let line = text[..part.at].lines().next_back().unwrap_or_default();
        let next = text[part.at + part.text.len()..].lines().next();
        let next = next.unwrap_or_default();
        let mut around = before.last().into_iter().chain(after.first());
        let is_prose = around.all(|part| part.kind.is_inline());
        if !is_prose || !joins(line, next) {
            self.out += part.text;
        } else if line.ends_with('*') || next.starts_with('*') {
            self.out += NOTHING;
        }
    }

    /// Words, with links to the equations that they name unless they are in a link themselves.
    fn words(&mut self, part: &Part<'_>, in_link: bool) {
        let end = part.at + part.text.len();
        let mut from = part.at.max(self.printed);
        let gaps = self.emphasis.gaps(&self.chapter.text, from.min(end), end);
        for gap in gaps {
            self.linked(from..gap, in_link);
            self.out += NOTHING;
            from = gap;
        }
        self.linked(from.min(end)..end, in_link);
    }

    fn linked(&mut self, words: Range<usize>, in_link: bool) {
        let words = &self.chapter.text[words];
        let (found, rest) = if in_link {
            (Vec::new(), words)
        } else {
            names(words)
        };
        for (before, number) in found {
            self.out += before;
            match self.book.link(number, &self.chapter.path) {
                Some(target) => self.out += &format!("[E{number}]({target})"),
                None => self.out += &format!("E{number}"),
            }
        }
        self.out += rest;
    }

    /// A formula within a line. The punctuation next to it is kept with it, because a browser could
    /// break the line between them.
    fn math(
        &mut self,
        part: &Part<'_>,
        tex: &str,
        before: &[Part<'_>],
        after: &[Part<'_>],
    ) -> Result<(), Error> {
        let formula = mathml(tex, Style::Inline).map_err(|what| self.fail(part.at, what))?;
        let opens = words_of(before.last()).ends_with(OPENING);
        let opening = if opens { self.out.pop() } else { None };
        let closing = words_of(after.first());
        let closing = &closing[..closing.len() - closing.trim_start_matches(CLOSING).len()];
        self.printed = part.at + part.text.len() + closing.len();
        match opening {
            None if closing.is_empty() => self.out += &formula,
            _ => {
                let opening = opening.map_or(String::new(), String::from);
                self.out += &format!("<span class=\"kept\">{opening}{formula}{closing}</span>");
            }
        }
        Ok(())
    }

    /// A drawing, and the start of its figure. A caption ends the figure.
    fn drawing(
        &mut self,
        part: &Part<'_>,
        alt: &str,
        file: &str,
        after: &[Part<'_>],
    ) -> Result<(), Error> {
        if alt.is_empty() {
            let what = "the brackets of a figure describe what it shows";
            return Err(self.fail(part.at, what));
        }
        let svg = self
            .book
            .figure(file, alt)
            .map_err(|what| self.fail(part.at, what))?;
        let name = figure::escape(file.trim_end_matches(".svg"));
        self.out += &format!(
            "<figure class=\"drawn\" data-figure=\"{name}\"><div class=\"drawing\">{svg}</div>"
        );
        let next = after.iter().find(|part| !part.text.trim().is_empty());
        match next {
            Some(caption) if caption.kind == Kind::CaptionStart => {
                self.printed = caption.at;
                self.out.push('\n');
            }
            _ => self.html("</figure>"),
        }
        Ok(())
    }
}

fn words_of<'a>(part: Option<&Part<'a>>) -> &'a str {
    match part {
        Some(part) if matches!(part.kind, Kind::Words { .. }) => part.text,
        _ => "",
    }
}

/// Punctuation that belongs on the line of the formula after it.
const OPENING: [char; 4] = ['(', '（', '“', '《'];

/// Punctuation that belongs on the line of the formula before it.
const CLOSING: [char; 18] = [
    ',', '.', ';', ':', '?', '!', ')', '’', '”', '，', '。', '；', '：', '？', '！', '）', '、',
    '》',
];

#[cfg(test)]
mod tests;
