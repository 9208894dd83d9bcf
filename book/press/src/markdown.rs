//! Cuts a chapter into parts with pulldown-cmark: headings, code, HTML, formulas, links, the book's
//! directives, and the words between them.

mod scanner;

use crate::Error;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag};
use scanner::Scanner;

/// What a part of a chapter is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// Words, and Markdown's own marks around them.
    Words {
        /// Whether they are the label of a link.
        in_link: bool,
    },
    /// The end of a line within a paragraph, with the indentation of the next line.
    LineEnd,
    /// Inline code, a tag, the address of a link, an image or an escaped character.
    Verbatim,
    /// `$TeX$`
    Math(&'a str),
    /// `$$`, lines of TeX, `$$`
    Formula(CowStr<'a>),
    /// `{{#name arguments}}`, alone on its line and not in code
    Directive {
        /// One of [`DIRECTIVES`].
        name: &'a str,
        /// What follows the name.
        arguments: &'a str,
    },
    /// `![alt](figures/file.svg)`, alone on its line
    Drawing {
        /// Describes the drawing.
        alt: &'a str,
        /// Its file in the folder of figures.
        file: &'a str,
    },
    /// The `*` before a caption: emphasised text that directly follows a drawing.
    CaptionStart,
    /// The `*` after a caption.
    CaptionEnd,
    /// `## Title {#id}`
    Heading {
        /// From 1 to 6.
        level: usize,
        /// The identifier, if the source states one.
        id: Option<CowStr<'a>>,
    },
    /// A code block with its fences.
    Code,
    /// An HTML block.
    Html,
}

impl Kind<'_> {
    /// Whether it goes on in the line of the words around it.
    pub fn is_inline(&self) -> bool {
        matches!(self, Self::Words { .. } | Self::Verbatim | Self::Math(_))
    }
}

/// A part of a chapter. The texts of all parts, joined, are the chapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// Its byte offset in the chapter.
    pub at: usize,
    /// Its source.
    pub text: &'a str,
    /// What it is.
    pub kind: Kind<'a>,
}

/// The directives; a line with any other name after `{{#` is an error.
pub const DIRECTIVES: &[&str] = &["equation", "recall", "live", "tracks", "hints", "include"];

/// mdBook's own options, and formulas.
const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_HEADING_ATTRIBUTES)
    .union(Options::ENABLE_DEFINITION_LIST)
    .union(Options::ENABLE_GFM)
    .union(Options::ENABLE_MATH);

/// Cuts a chapter into parts.
///
/// # Errors
/// [`Error`] with `path` and the line of a formula or code block that is not closed, or of a
/// directive that is unknown or not alone on its line.
pub fn parts<'a>(path: &'a str, text: &'a str) -> Result<Vec<Part<'a>>, Error> {
    let mut scanner = Scanner::new(path, text);
    for (event, range) in Parser::new_ext(text, OPTIONS).into_offset_iter() {
        scanner.event(event, range)?;
    }
    scanner.finish()
}

/// The addresses of all links of a page, in order.
pub fn links(text: &str) -> Vec<String> {
    let address = |event| match event {
        Event::Start(Tag::Link { dest_url, .. }) => Some(dest_url.into_string()),
        _ => None,
    };
    Parser::new_ext(text, OPTIONS).filter_map(address).collect()
}

/// The line, from 1, of a byte offset.
pub fn line_number(text: &str, at: usize) -> usize {
    1 + text[..at].matches('\n').count()
}

/// The path and anchor that a line of code includes.
pub fn include(line: &str) -> Option<&str> {
    let rest = line.trim().strip_prefix("{{#include ")?;
    rest.strip_suffix("}}").map(str::trim)
}

#[cfg(test)]
mod tests;
