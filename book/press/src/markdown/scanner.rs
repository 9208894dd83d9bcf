//! Turns the parser's events into parts.

use super::{DIRECTIVES, Kind, Part, line_number};
use crate::Error;
use pulldown_cmark::{CodeBlockKind, Event, LinkType, Tag, TagEnd};
use std::ops::Range;

/// The parts found so far.
pub struct Scanner<'a> {
    path: &'a str,
    text: &'a str,
    parts: Vec<Part<'a>>,
    /// The end of the last part.
    at: usize,
    /// The end of the parser's last text.
    text_end: usize,
    /// Within a link: the end of its label, as far as it has been read.
    label_end: Option<usize>,
    /// Within a caption: its end.
    caption_end: Option<usize>,
    in_heading: bool,
}

impl<'a> Scanner<'a> {
    pub fn new(path: &'a str, text: &'a str) -> Self {
        Self {
            path,
            text,
            parts: Vec::new(),
            at: 0,
            text_end: 0,
            label_end: None,
            caption_end: None,
            in_heading: false,
        }
    }

    /// All parts; the rest of the chapter is words.
    pub fn finish(mut self) -> Result<Vec<Part<'a>>, Error> {
        self.words(self.text.len())?;
        Ok(self.parts)
    }

    pub fn event(&mut self, event: Event<'a>, range: Range<usize>) -> Result<(), Error> {
        match event {
            Event::Start(tag) => self.start(tag, range)?,
            Event::End(tag) => self.end(tag, &range)?,
            Event::Text(_) => self.literal(&range)?,
            Event::InlineMath(_) | Event::DisplayMath(_) if self.in_heading => {
                return Err(self.fail(range.start, "no `$` in a heading: write it in Unicode"));
            }
            Event::InlineMath(_) => self.math(&range)?,
            Event::DisplayMath(tex) => {
                if !self.is_alone(&range) {
                    return Err(self.fail(range.start, ALONE));
                }
                self.push(range, Kind::Formula(tex))?;
            }
            Event::Code(_) | Event::InlineHtml(_) | Event::FootnoteReference(_) => {
                self.push(range, Kind::Verbatim)?;
            }
            Event::SoftBreak => {
                let next = self.text[range.end..].trim_start_matches([' ', '\t']);
                self.push(range.start..self.text.len() - next.len(), Kind::LineEnd)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self, tag: Tag<'a>, range: Range<usize>) -> Result<(), Error> {
        match tag {
            Tag::Heading { level, id, .. } => {
                self.in_heading = true;
                let level = level as usize;
                self.push(range, Kind::Heading { level, id })
            }
            Tag::CodeBlock(CodeBlockKind::Indented) => Err(self.fail(
                range.start,
                "four spaces make this line code: indent it less, or use a fence",
            )),
            Tag::CodeBlock(CodeBlockKind::Fenced(_)) => self.push(range, Kind::Code),
            Tag::HtmlBlock => match self.text[range.clone()].find('$') {
                Some(at) => Err(self.fail(
                    range.start + at,
                    "no formula in HTML: write it after an empty line, and a dollar as &#36;",
                )),
                None => self.push(range, Kind::Html),
            },
            Tag::Image { .. } => {
                let drawing = drawing(&self.text[range.clone()]).filter(|_| self.is_alone(&range));
                self.push(range, drawing.unwrap_or(Kind::Verbatim))
            }
            Tag::Link {
                link_type: LinkType::Autolink | LinkType::Email,
                ..
            } => self.push(range, Kind::Verbatim),
            Tag::Link { .. } => {
                self.words(range.start + 1)?;
                self.label_end = Some(range.start + 1);
                Ok(())
            }
            Tag::Emphasis if self.is_caption(&range) => {
                self.caption_end = Some(range.end);
                self.push(range.start..range.start + 1, Kind::CaptionStart)
            }
            _ => Ok(()),
        }
    }

    fn end(&mut self, tag: TagEnd, range: &Range<usize>) -> Result<(), Error> {
        match tag {
            TagEnd::Heading(_) => self.in_heading = false,
            TagEnd::CodeBlock => {
                let info = self.text[range.clone()].trim_start_matches(['`', '~']);
                let body_end = self.text_end.clamp(range.end - info.len(), range.end);
                let rest = &self.text[body_end..range.end];
                if !rest.contains("```") && !rest.contains("~~~") {
                    return Err(self.fail(range.start, "this code block is not closed"));
                }
            }
            TagEnd::Link => {
                if let Some(end) = self.label_end {
                    self.words(end)?;
                    self.label_end = None;
                    self.push(self.at..range.end, Kind::Verbatim)?;
                }
            }
            TagEnd::Emphasis if self.caption_end == Some(range.end) => {
                self.caption_end = None;
                self.push(range.end - 1..range.end, Kind::CaptionEnd)?;
            }
            _ => {}
        }
        self.extend_label(range.end);
        Ok(())
    }

    /// Literal text is words, except an escaped character at its start.
    fn literal(&mut self, range: &Range<usize>) -> Result<(), Error> {
        let before = self.text[..range.start].chars().next_back();
        let is_escaped = before == Some('\\') && self.text_end < range.start;
        let first = self.text[range.clone()].chars().next();
        self.text_end = range.end;
        self.extend_label(range.end);
        if let Some(first) = first.filter(|_| is_escaped) {
            let end = range.start + first.len_utf8();
            return self.push(range.start - 1..end, Kind::Verbatim);
        }
        if self.in_heading && first == Some('$') {
            return Err(self.fail(range.start, "no `$` in a heading: write it in Unicode"));
        }
        Ok(())
    }

    fn math(&mut self, range: &Range<usize>) -> Result<(), Error> {
        let tex = &self.text[range.start + 1..range.end - 1];
        if tex.contains('\n') {
            return Err(self.lonely_dollar(range.start));
        }
        self.push(range.clone(), Kind::Math(tex))
    }

    /// Adds a part, unless it lies within another, and the words before it.
    fn push(&mut self, range: Range<usize>, kind: Kind<'a>) -> Result<(), Error> {
        if range.start < self.at {
            return Ok(());
        }
        self.words(range.start)?;
        self.extend_label(range.end);
        self.at = range.end;
        self.parts.push(Part {
            at: range.start,
            text: &self.text[range],
            kind,
        });
        Ok(())
    }

    fn extend_label(&mut self, end: usize) {
        if let Some(label_end) = &mut self.label_end {
            *label_end = end.max(*label_end);
        }
    }

    /// Adds the words up to `end`, and the directives among them.
    fn words(&mut self, end: usize) -> Result<(), Error> {
        let kind = Kind::Words {
            in_link: self.label_end.is_some(),
        };
        let words = &self.text[self.at.min(end)..end];
        if let Some(dollar) = words.find('$') {
            return Err(self.lonely_dollar(self.at + dollar));
        }
        let Some(found) = words.find("{{#") else {
            if !words.is_empty() {
                self.parts.push(Part {
                    at: self.at,
                    text: words,
                    kind,
                });
                self.at = end;
            }
            return Ok(());
        };
        let start = self.at + found;
        let line = words[found..].lines().next().unwrap_or_default().trim_end();
        let range = start..start + line.len();
        let is_whole = line.ends_with("}}") && line.matches("}}").count() == 1;
        if !is_whole || !self.is_alone(&range) {
            return Err(self.fail(
                start,
                format!("a directive must be alone on its line: {line}"),
            ));
        }
        let directive = directive(line).map_err(|what| self.fail(start, what))?;
        self.push(range, directive)?;
        self.words(end)
    }

    /// Whether there is nothing but white space around it on its lines.
    fn is_alone(&self, range: &Range<usize>) -> bool {
        let before = self.text[..range.start].rsplit('\n').next();
        let after = self.text[range.end..].split('\n').next();
        [before, after]
            .iter()
            .flatten()
            .all(|s| s.trim().is_empty())
    }

    /// Whether emphasised text follows a drawing and is a whole paragraph, or the rest of one.
    fn is_caption(&self, range: &Range<usize>) -> bool {
        let last = self.parts.iter().rfind(|part| !part.text.trim().is_empty());
        let follows = last.is_some_and(|part| matches!(part.kind, Kind::Drawing { .. }))
            && self.at <= range.start
            && self.text[self.at..range.start].trim().is_empty();
        let mut after = self.text[range.end..].split('\n');
        follows && after.by_ref().take(2).all(|line| line.trim().is_empty())
    }

    fn lonely_dollar(&self, at: usize) -> Error {
        let line = self.text[at..].lines().next().unwrap_or_default();
        if line.trim_end() == "$$" && self.is_alone(&(at..at + 2)) {
            let what = "this `$$` has no partner: close the formula with `$$` alone on a line, and \
                        start no line of it with `-`, `+` or `#`";
            return self.fail(at, what);
        }
        if line.starts_with("$$") {
            return self.fail(at, ALONE);
        }
        self.fail(
            at,
            format!("a `$` without a partner on its line (a dollar is written `\\$`): {line}"),
        )
    }

    fn fail(&self, at: usize, what: impl Into<String>) -> Error {
        Error::new(self.path, line_number(self.text, at), what)
    }
}

const ALONE: &str = "`$$` must be alone on its line, and the formula below it";

fn directive(line: &str) -> Result<Kind<'_>, String> {
    let order = line.trim_start_matches("{{#").trim_end_matches("}}");
    let (name, arguments) = order.split_once(' ').unwrap_or((order, ""));
    if !DIRECTIVES.contains(&name) {
        let known = DIRECTIVES.join(", ");
        return Err(format!("there is no {{{{#{name}}}}}, only {known}"));
    }
    Ok(Kind::Directive {
        name,
        arguments: arguments.trim(),
    })
}

/// An image that is one of the book's drawings.
fn drawing(image: &str) -> Option<Kind<'_>> {
    let (alt, target) = image.strip_prefix("![")?.split_once("](")?;
    let file = target.strip_suffix(')')?.strip_prefix("figures/")?;
    file.ends_with(".svg")
        .then_some(Kind::Drawing { alt, file })
}
