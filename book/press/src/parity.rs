//! Compares the two languages: both have the same chapters, sections, listings, equations and
//! figures, in the same order.

use crate::markdown::{self, Kind, line_number, links};
use crate::{Error, read};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;

/// Something that both languages must have, and the line where it starts.
#[derive(Clone, Debug)]
struct Mark {
    line: usize,
    what: String,
}

/// All differences between two folders of chapters.
pub fn differences(book: &Path, first: &str, second: &str) -> Vec<Error> {
    let summaries = [first, second].map(|language| read(&book.join(language).join("SUMMARY.md")));
    let [Ok(ours), Ok(theirs)] = summaries else {
        return summaries.into_iter().filter_map(Result::err).collect();
    };
    let [path, other_path] = [first, second].map(|language| shown(language, "SUMMARY.md"));
    let difference = compare(&path, &summary(&ours), &other_path, &summary(&theirs));
    let chapters = links(&theirs);
    let chapters = chapters
        .iter()
        .filter_map(|chapter| chapter_difference(book, first, second, chapter).err());
    difference.into_iter().chain(chapters).collect()
}

fn chapter_difference(book: &Path, first: &str, second: &str, page: &str) -> Result<(), Error> {
    let outlines = [first, second].map(|language| {
        let path = shown(language, page);
        let text = read(&book.join(language).join(page))?;
        Ok((outline(&path, &text)?, path))
    });
    let [ours, theirs] = outlines;
    let ((ours, path), (theirs, other_path)) = (ours?, theirs?);
    compare(&path, &ours, &other_path, &theirs).map_or(Ok(()), Err)
}

/// The first difference of two outlines.
fn compare(path: &str, ours: &[Mark], other_path: &str, theirs: &[Mark]) -> Option<Error> {
    for n in 0..ours.len().max(theirs.len()) {
        let (a, b) = (ours.get(n), theirs.get(n));
        if a.map(|mark| &mark.what) == b.map(|mark| &mark.what) {
            continue;
        }
        let name = |mark: Option<&Mark>| {
            mark.map_or("nothing more".to_owned(), |mark| {
                format!("`{}`", short(&mark.what))
            })
        };
        let line =
            |mark: Option<&Mark>, all: &[Mark]| mark.or(all.last()).map_or(1, |mark| mark.line);
        let what = format!(
            "found {}, but {} in {path}:{}: both languages need the same, in the same order",
            name(b),
            name(a),
            line(a, ours)
        );
        return Some(Error::new(other_path, line(b, theirs), what));
    }
    None
}

fn short(what: &str) -> String {
    const LENGTH: usize = 90;
    let line = what.replace('\n', "↵");
    match line.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// The shape of a SUMMARY.md: its lists, files, headings and rules, without its words.
fn summary(text: &str) -> Vec<Mark> {
    let what = |event| match event {
        Event::Start(Tag::Link { dest_url, .. }) => Some(format!("[…]({dest_url})")),
        Event::Start(Tag::Heading { level, .. }) => {
            Some(format!("{} …", "#".repeat(level as usize)))
        }
        Event::Start(Tag::List(_)) => Some("start of a list".to_owned()),
        Event::End(TagEnd::List(_)) => Some("end of a list".to_owned()),
        Event::Rule => Some("---".to_owned()),
        _ => None,
    };
    let events = Parser::new(text).into_offset_iter();
    let mark = |(event, range): (_, Range<usize>)| {
        let line = line_number(text, range.start);
        what(event).map(|what| Mark { line, what })
    };
    events.filter_map(mark).collect()
}

/// What a chapter has apart from words.
///
/// # Errors
/// [`Error`] if a heading has no identifier, or that of another.
fn outline(path: &str, text: &str) -> Result<Vec<Mark>, Error> {
    let mut marks: Vec<Mark> = Vec::new();
    let mut ids = HashSet::new();
    for part in markdown::parts(path, text)? {
        let line = line_number(text, part.at);
        let what = match part.kind {
            Kind::Heading { level, id } => {
                let id = id.ok_or_else(|| {
                    let what = "a heading needs an identifier: ## Words {#words}";
                    Error::new(path, line, what)
                })?;
                let what = format!("{} … {{#{id}}}", "#".repeat(level));
                if !ids.insert(id.to_string()) {
                    let what = format!("another heading of this page is {{#{id}}} already");
                    return Err(Error::new(path, line, what));
                }
                what
            }
            Kind::Code => {
                let (fence, _) = part.text.rsplit_once('\n').unwrap_or((part.text, ""));
                fence.to_owned()
            }
            Kind::Directive { name, arguments } => format!("{{{{#{name} {arguments}}}}}"),
            Kind::Formula(tex) => {
                let lines: Vec<_> = tex.trim().lines().map(str::trim).collect();
                format!("$$ {} $$", without_words(&lines.join(" ")))
            }
            Kind::Drawing { file, .. } => format!("![…](figures/{file})"),
            _ => continue,
        };
        marks.push(Mark { line, what });
    }
    Ok(marks)
}

/// A formula with every `\text{…}` emptied, because its words differ between the languages.
fn without_words(tex: &str) -> String {
    let mut out = String::new();
    let mut rest = tex;
    while let Some((before, after)) = rest.split_once("\\text{") {
        out += before;
        out += "\\text{}";
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    out + rest
}

fn shown(language: &str, file: &str) -> String {
    format!("book/{language}/{file}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differ(ours: &str, theirs: &str) -> Option<String> {
        let [ours, theirs] = [ours, theirs].map(|text| outline("p.md", text).unwrap());
        compare("book/en/p.md", &ours, "book/zh/p.md", &theirs).map(|e| e.to_string())
    }

    #[test]
    fn only_the_words_may_differ() {
        let english = "# The cell {#cell}\nWords.\n```text\na\n```\n$$\n\\text{loss} = 1\n$$\n![a](figures/x.svg)\n{{#recall E6}}";
        let chinese = "# 细胞 {#cell}\n\n话。\n```text\na\n```\n\n$$\n\\text{损失} = 1\n$$\n![图](figures/x.svg)\n\n{{#recall E6}}";
        assert_eq!(differ(english, chinese), None);
    }

    #[test]
    fn the_first_difference_is_reported_with_both_places() {
        assert_eq!(
            differ("# A {#a}\n## B {#b}", "# 甲 {#a}\n\n## 乙 {#c}").unwrap(),
            "book/zh/p.md:3: found `## … {#c}`, but `## … {#b}` in book/en/p.md:2: \
             both languages need the same, in the same order"
        );
        for (ours, theirs) in [
            ("```text\na\n```", "```text\na \n```"),
            ("```text\n  a\n```", "```text\na\n```"),
            ("{{#recall E6}}", "{{#equation E6}}"),
            ("$$\na\n$$", "$$\nb\n$$"),
            ("![a](figures/x.svg)", ""),
            ("", "{{#live gates}}"),
        ] {
            assert!(differ(ours, theirs).is_some(), "{ours} | {theirs}");
        }
    }

    #[test]
    fn a_heading_has_an_identifier_and_no_other_has_it() {
        assert_eq!(outline("p.md", "\n# A").unwrap_err().line, 2);
        assert_eq!(outline("p.md", "# A {#a}\n# B {#a}").unwrap_err().line, 2);
    }

    #[test]
    fn a_summary_is_compared_without_its_words() {
        let english = summary("# Summary\n\n[Introduction](i.md)\n\n- [Gates](gates.md)\n");
        let chinese = summary("# 目录\n\n[引言](i.md)\n\n- [门](gates.md)\n");
        assert!(compare("a", &english, "b", &chinese).is_none());
        let flat = summary("# 目录\n\n[引言](i.md)\n\n[门](gates.md)\n");
        assert!(compare("a", &english, "b", &flat).is_some());
    }
}
