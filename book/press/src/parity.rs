//! Two languages of one book: the same chapters, sections, listings, equations and figures, in the
//! same order. Only the words differ.

use crate::Error;
use crate::chapter::drawing;
use crate::lines::{Kind, lines};
use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// What both languages must have, and the line where it starts.
#[derive(Clone, Debug)]
struct Mark {
    line: usize,
    what: String,
}

/// All differences between two folders of chapters.
pub fn differences(book: &Path, first: &str, second: &str) -> Vec<Error> {
    let summaries = [first, second].map(|language| {
        let path = book.join(language).join("SUMMARY.md");
        read(&path).map(|text| (shown(language, "SUMMARY.md"), summary(&text)))
    });
    let [Ok((path, ours)), Ok((other_path, theirs))] = summaries else {
        return summaries.into_iter().filter_map(Result::err).collect();
    };
    let mut errors: Vec<_> = compare(&path, &ours, &other_path, &theirs)
        .into_iter()
        .collect();
    for chapter in theirs.iter().filter_map(|mark| page(&mark.what)) {
        if let Err(error) = chapter_difference(book, first, second, chapter) {
            errors.push(error);
        }
    }
    errors
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

/// The first place where two outlines part.
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
            "{} stands here, but {} in {path}:{}: both languages have the same, in the same order",
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

/// The shape of a SUMMARY.md: its bullets, files, titles and rules, without their words.
fn summary(text: &str) -> Vec<Mark> {
    let mut marks = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let bullet = line.split('[').next().unwrap_or_default();
        let what = if let Some((_, target)) = line.split_once("](") {
            let file = target.split(')').next().unwrap_or_default();
            format!("{bullet}[…]({file})")
        } else if line.starts_with("# ") {
            "# …".to_owned()
        } else if line.trim().is_empty() {
            continue;
        } else {
            line.trim().to_owned()
        };
        marks.push(Mark { line: n + 1, what });
    }
    marks
}

/// The file of an entry.
fn page(entry: &str) -> Option<&str> {
    let (_, file) = entry.split_once("](")?;
    file.strip_suffix(')').filter(|file| !file.is_empty())
}

/// What a chapter has besides words.
fn outline(path: &str, text: &str) -> Result<Vec<Mark>, Error> {
    let mut marks: Vec<Mark> = Vec::new();
    let mut ids = HashSet::new();
    let mut formula: Option<String> = None;
    for line in lines(path, text)? {
        let mut mark = |what: String| {
            marks.push(Mark {
                line: line.number,
                what,
            });
        };
        match line.kind {
            Kind::Heading => {
                let level = line.text.split(' ').next().unwrap_or_default();
                let id = heading_id(line.text).ok_or_else(|| {
                    let what = "a heading has an identifier of its own: ## Words {#words}";
                    Error::new(path, line.number, what)
                })?;
                if !ids.insert(id.to_owned()) {
                    let what = format!("the page has a heading {{#{id}}} already");
                    return Err(Error::new(path, line.number, what));
                }
                mark(format!("{level} … {{#{id}}}"));
            }
            Kind::Open(_) => mark(line.text.trim().to_owned()),
            Kind::Code => {
                if let Some(block) = marks.last_mut() {
                    block.what += "\n";
                    block.what += line.text;
                }
            }
            Kind::Directive { name, arguments } => {
                mark(format!("{{{{#{name} {arguments}}}}}"));
            }
            Kind::MathFence => match formula.take() {
                None => formula = Some(String::new()),
                Some(tex) => mark(format!("$$ {} $$", without_words(tex.trim()))),
            },
            Kind::Math => {
                if let Some(tex) = &mut formula {
                    *tex += line.text.trim();
                    tex.push(' ');
                }
            }
            Kind::Text => {
                if let Some((_, file)) = drawing(line.text) {
                    mark(format!("![…](figures/{file})"));
                }
            }
            Kind::Close | Kind::Blank | Kind::Html => {}
        }
    }
    Ok(marks)
}

/// `{#id}` at the end of a heading.
fn heading_id(heading: &str) -> Option<&str> {
    let (_, id) = heading.trim().strip_suffix('}')?.rsplit_once("{#")?;
    (!id.is_empty() && !id.contains(' ')).then_some(id)
}

/// The words in a formula are of its language: `\text{…}` is emptied.
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

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|e| Error::new(path.display().to_string(), 0, e.to_string()))
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
    fn the_first_difference_is_named_with_both_places() {
        assert_eq!(
            differ("# A {#a}\n## B {#b}", "# 甲 {#a}\n\n## 乙 {#c}").unwrap(),
            "book/zh/p.md:3: `## … {#c}` stands here, but `## … {#b}` in book/en/p.md:2: \
             both languages have the same, in the same order"
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
        assert_eq!(page(&chinese[2].what), Some("gates.md"));
    }
}
