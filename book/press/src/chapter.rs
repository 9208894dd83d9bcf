//! A chapter as mdBook gets it: formulas as MathML, equations numbered and linked, figures inline.

use crate::book::{Book, Chapter, relative};
use crate::emphasis::{NOTHING, parted};
use crate::equations::{names, parts};
use crate::joining::joins;
use crate::lines::{Kind, Line, lines};
use crate::math::{Style, mathml};
use crate::pieces::{Piece, pieces};
use crate::{Error, figure};

/// The chapter, ready for Markdown.
pub fn render(chapter: &Chapter, book: &Book) -> Result<String, Error> {
    let lines = lines(&chapter.shown, &chapter.text)?;
    let mut page = Page {
        chapter,
        book,
        out: String::with_capacity(chapter.text.len() * 2),
    };
    let mut at = 0;
    while at < lines.len() {
        at += page.next(&lines[at..])?;
    }
    Ok(page.out)
}

struct Page<'a> {
    chapter: &'a Chapter,
    book: &'a Book,
    out: String,
}

impl Page<'_> {
    fn fail(&self, line: &Line<'_>, what: impl Into<String>) -> Error {
        Error::new(&self.chapter.shown, line.number, what)
    }

    fn line(&mut self, text: &str) {
        self.out += text;
        self.out.push('\n');
    }

    /// A line of HTML, and a blank one behind it so that Markdown goes on.
    fn html(&mut self, indent: &str, html: &str) {
        self.line(&format!("{indent}{html}\n"));
    }

    /// Writes what the next lines become, and says how many they were.
    fn next(&mut self, lines: &[Line<'_>]) -> Result<usize, Error> {
        let line = &lines[0];
        match line.kind {
            Kind::MathFence => return self.formula(lines),
            Kind::Directive { name, arguments } => self.directive(line, name, arguments)?,
            Kind::Heading => {
                let found = pieces(line.text).map_err(|what| self.fail(line, what))?;
                if found.iter().any(|piece| matches!(piece, Piece::Math(_))) {
                    return Err(self.fail(line, "no `$` in a heading: write it in Unicode"));
                }
                self.line(line.text);
            }
            Kind::Text => match drawing(line.text) {
                Some((alt, file)) => return self.drawing(lines, alt, file),
                None => self.text(line, line.text, lines.get(1))?,
            },
            Kind::Html if line.text.contains('$') => {
                let what = "no formula in HTML: after a blank line Markdown goes on, and a dollar is &#36;";
                return Err(self.fail(line, what));
            }
            Kind::Code => self.code(line),
            _ => self.line(line.text),
        }
        Ok(1)
    }

    /// A listing that another language takes from a folder of the English one.
    fn code(&mut self, line: &Line<'_>) {
        match crate::lines::include(line.text) {
            Some(target) if !target.starts_with("../") => {
                let include = format!(
                    "{}{{{{#include {}{target}}}}}",
                    line.indent(),
                    self.book.shared
                );
                self.line(&include);
            }
            _ => self.line(line.text),
        }
    }

    /// `$$`, TeX, `$$`.
    fn formula(&mut self, lines: &[Line<'_>]) -> Result<usize, Error> {
        let inner = lines[1..]
            .iter()
            .take_while(|line| line.kind == Kind::Math)
            .count();
        let tex: Vec<_> = lines[1..=inner].iter().map(|line| line.text).collect();
        let mathml = mathml(&tex.join("\n"), Style::Display)
            .map_err(|what| self.fail(&lines[1.min(inner)], what))?;
        let html = format!("<div class=\"formula\">{mathml}</div>");
        self.html(lines[0].indent(), &html);
        Ok(inner + 2)
    }

    fn directive(&mut self, line: &Line<'_>, name: &str, arguments: &str) -> Result<(), Error> {
        match name {
            "equation" | "recall" => self.equations(line, name == "equation", arguments),
            "live" => {
                let name = |c: char| c.is_ascii_lowercase() || c == '_' || c == '-';
                if arguments.is_empty() || !arguments.chars().all(name) {
                    return Err(self.fail(line, "{{#live}} wants the name of a widget"));
                }
                let html = format!("<div class=\"live\" data-live=\"{arguments}\" hidden></div>");
                self.html(line.indent(), &html);
                Ok(())
            }
            _ => {
                self.line(line.text);
                Ok(())
            }
        }
    }

    fn equations(&mut self, line: &Line<'_>, defines: bool, names: &str) -> Result<(), Error> {
        let (chapter, book) = (self.chapter, self.book);
        for number in book.numbers(names, &chapter.shown, line.number)? {
            let mut formula = String::new();
            for tex in parts(&book.equations[number - 1].tex) {
                formula += &mathml(&tex, Style::Display).map_err(|what| {
                    self.fail(line, format!("E{number} of book/equations.toml: {what}"))
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
                    self.fail(line, what)
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
            let html = format!(
                "<div class=\"equation\"{place}><div class=\"formula\">{formula}</div>{label}</div>"
            );
            self.html(line.indent(), &html);
        }
        Ok(())
    }

    /// A line of a paragraph, and the next one with it if both are Chinese.
    fn text(&mut self, line: &Line<'_>, text: &str, next: Option<&Line<'_>>) -> Result<(), Error> {
        let parted = parted(text).map_err(|what| self.fail(line, what))?;
        let prose = self.prose(line, &parted, true)?;
        let joined = !self.out.is_empty() && !self.out.ends_with('\n');
        self.out += if joined { prose.trim_start() } else { &prose };
        let next = next.filter(|next| next.kind == Kind::Text && drawing(next.text).is_none());
        match next.filter(|next| joins(text, next.text)) {
            None => self.out.push('\n'),
            Some(next) if text.ends_with('*') || next.text.trim().starts_with('*') => {
                self.out += NOTHING;
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// Prose with its formulas set, and the equations that it names linked.
    fn prose(&self, line: &Line<'_>, text: &str, linked: bool) -> Result<String, Error> {
        let mut out = String::with_capacity(text.len());
        let mut pieces = pieces(text)
            .map_err(|what| self.fail(line, what))?
            .into_iter()
            .peekable();
        // The marks that the formula before has taken with it.
        let mut taken = 0;
        while let Some(piece) = pieces.next() {
            match piece {
                Piece::Raw(raw) => out += raw,
                Piece::Math(tex) => {
                    let formula =
                        mathml(tex, Style::Inline).map_err(|what| self.fail(line, what))?;
                    let after = match pieces.peek() {
                        Some(Piece::Text(words)) => &words[..closing(words)],
                        _ => "",
                    };
                    taken = after.len();
                    let formula = kept(&mut out, &formula, after);
                    out += &formula;
                }
                Piece::Label(label) => out += &self.prose(line, label, false)?,
                Piece::Text(words) => {
                    let words = &words[std::mem::take(&mut taken)..];
                    if linked {
                        out += &self.link(words);
                    } else {
                        out += words;
                    }
                }
            }
        }
        Ok(out)
    }

    fn link(&self, words: &str) -> String {
        let (found, rest) = names(words);
        let mut out = String::with_capacity(words.len());
        for (before, number) in found {
            out += before;
            match self.book.link(number, &self.chapter.path) {
                Some(target) => out += &format!("[E{number}]({target})"),
                None => out += &format!("E{number}"),
            }
        }
        out + rest
    }

    /// A drawing and the caption below it.
    fn drawing(&mut self, lines: &[Line<'_>], alt: &str, file: &str) -> Result<usize, Error> {
        let line = &lines[0];
        if alt.is_empty() {
            return Err(self.fail(line, "a figure says in its brackets what is to be seen"));
        }
        let svg = self
            .book
            .figure(file, alt)
            .map_err(|what| self.fail(line, what))?;
        let name = figure::escape(file.trim_end_matches(".svg"));
        let drawing = format!(
            "{}<figure class=\"drawn\" data-figure=\"{name}\"><div class=\"drawing\">{svg}</div>",
            line.indent()
        );
        let blank = lines[1..]
            .iter()
            .take_while(|l| l.kind == Kind::Blank)
            .count();
        let caption = caption(&lines[1 + blank..]);
        if caption.is_empty() {
            self.html("", &format!("{drawing}</figure>"));
            return Ok(1);
        }
        self.line(&drawing);
        self.html("", "<figcaption>");
        let last = caption.len() - 1;
        for (n, line) in caption.iter().enumerate() {
            let mut text = line.text.trim();
            if n == 0 {
                text = text.strip_prefix('*').unwrap_or(text);
            }
            if n == last {
                text = text.strip_suffix('*').unwrap_or(text);
            }
            self.text(line, text, caption.get(n + 1))?;
        }
        self.html("", "\n</figcaption></figure>");
        Ok(1 + blank + caption.len())
    }
}

/// How long the marks are that a line must not begin with.
fn closing(words: &str) -> usize {
    words.len()
        - words
            .trim_start_matches([
                ',', '.', ';', ':', '?', '!', ')', '’', '”', '，', '。', '；', '：', '？', '！',
                '）', '、', '》',
            ])
            .len()
}

/// A formula with the marks about it: a browser would break the line between them. An opening bracket
/// is taken off the end of `before`.
fn kept(before: &mut String, formula: &str, after: &str) -> String {
    let open = before
        .char_indices()
        .next_back()
        .filter(|(_, c)| "(（“《".contains(*c))
        .map_or(before.len(), |(at, _)| at);
    let opening = before.split_off(open);
    if opening.is_empty() && after.is_empty() {
        formula.to_owned()
    } else {
        format!("<span class=\"kept\">{opening}{formula}{after}</span>")
    }
}

/// The next paragraph, if it is emphasised as a whole.
fn caption<'a, 'b>(lines: &'b [Line<'a>]) -> &'b [Line<'a>] {
    let text = |line: &&Line<'_>| line.kind == Kind::Text;
    let paragraph = &lines[..lines.iter().take_while(text).count()];
    let (Some(first), Some(last)) = (paragraph.first(), paragraph.last()) else {
        return &[];
    };
    let (first, last) = (first.text.trim(), last.text.trim());
    let opens = first.starts_with('*') && !first.starts_with("**") && !first.starts_with("* ");
    if opens && last.len() > 1 && last.ends_with('*') && !last.ends_with("**") {
        paragraph
    } else {
        &[]
    }
}

/// Alt text and file of a line that is a drawing and nothing else.
pub fn drawing(line: &str) -> Option<(&str, &str)> {
    let (alt, target) = line.trim().strip_prefix("![")?.split_once("](")?;
    let file = target.strip_suffix(')')?.strip_prefix("figures/")?;
    file.ends_with(".svg").then_some((alt, file))
}

#[cfg(test)]
mod tests;
