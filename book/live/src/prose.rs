//! The text that the writer learns: sentences of this project, without formulas and code.

use crate::script::root;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd};
use std::error::Error;
use std::fs;
use std::path::PathBuf;
use walkdir::WalkDir;

/// Punctuation that a sentence may have. A sentence with any other sign is left out.
const SIGNS: &str = " .,:;?!'()-";

/// Every sentence of the English chapters and of the documentation of the crates, each once, in the
/// order of the files.
///
/// # Errors
/// If a file cannot be read.
pub fn sentences() -> Result<Vec<String>, Box<dyn Error>> {
    let mut sentences = Vec::new();
    for file in files("book/en", "md")?
        .iter()
        .chain(&files("crates", "rs")?)
    {
        let text = fs::read_to_string(file)?;
        let of_file = if file.extension().is_some_and(|e| e == "md") {
            chapter(&text)
        } else {
            documentation(&text)
        };
        for sentence in of_file {
            if !sentences.contains(&sentence) {
                sentences.push(sentence);
            }
        }
    }
    Ok(sentences)
}

/// All files below a folder of the workspace with this extension, in order.
pub(crate) fn files(folder: &str, extension: &str) -> Result<Vec<PathBuf>, walkdir::Error> {
    let mut files = Vec::new();
    for entry in WalkDir::new(root().join(folder)).sort_by_file_name() {
        let path = entry?.into_path();
        if path.extension().is_some_and(|e| e == extension) {
            files.push(path);
        }
    }
    Ok(files)
}

/// A chapter has one sentence on a line.
fn chapter(text: &str) -> Vec<String> {
    let paragraphs = paragraphs(text);
    let lines = paragraphs.iter().flat_map(|paragraph| paragraph.lines());
    lines.filter_map(plain).collect()
}

/// In the comments of a source, a sentence runs over several lines.
fn documentation(text: &str) -> Vec<String> {
    let comment = |line: &str| {
        let line = line.trim();
        let comment = line.strip_prefix("///").or(line.strip_prefix("//!"));
        // Anything else ends a paragraph.
        comment
            .map_or("", |comment| comment.strip_prefix(' ').unwrap_or(comment))
            .to_owned()
            + "\n"
    };
    let comments: String = text.lines().map(comment).collect();
    let sentences = |paragraph: String| {
        let ends = paragraph
            .replace('\n', " ")
            .replace(". ", ".\n")
            .replace("? ", "?\n");
        ends.lines().filter_map(plain).collect::<Vec<_>>()
    };
    paragraphs(&comments)
        .into_iter()
        .flat_map(sentences)
        .collect()
}

/// The words of each paragraph, heading and item, line by line. What is not a word becomes `$`.
fn paragraphs(markdown: &str) -> Vec<String> {
    let options =
        Options::ENABLE_MATH | Options::ENABLE_TABLES | Options::ENABLE_HEADING_ATTRIBUTES;
    // [`Type`] is a link to the type's documentation.
    let resolve = |_| Some((CowStr::from(""), CowStr::from("")));
    let (mut paragraphs, mut words) = (Vec::new(), String::new());
    let mut skipped = 0;
    for event in Parser::new_with_broken_link_callback(markdown, options, Some(resolve)) {
        match event {
            Event::Start(Tag::CodeBlock(_) | Tag::Table(_) | Tag::Image { .. }) => skipped += 1,
            Event::End(TagEnd::CodeBlock | TagEnd::Table | TagEnd::Image) => skipped -= 1,
            _ if skipped > 0 => {}
            Event::Text(text) | Event::Code(text) => words += &text,
            Event::SoftBreak | Event::HardBreak => words.push('\n'),
            Event::InlineMath(_) | Event::DisplayMath(_) | Event::InlineHtml(_) => words.push('$'),
            Event::Start(Tag::Item)
            | Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item) => {
                paragraphs.push(std::mem::take(&mut words));
            }
            _ => {}
        }
    }
    paragraphs
}

/// A line, if it has nothing but words.
fn plain(line: &str) -> Option<String> {
    let line = line.replace('–', "-").trim().to_owned();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || SIGNS.contains(c);
    let is_sentence = line.len() > 12 && !line.contains(" ,") && !line.contains(" .");
    (is_sentence && line.chars().all(is_plain)).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_code_and_tables_are_left_out() {
        let page = "# Four gates {#gates}\n\nNobody *does* from [outside](a.md#b).\n\n```rust\nlet a = 1;\n```\n$$\na = b\n$$\n\
                    With $c_t$ in it.\n- a list of `words`;\n- a second item.\n\n| a | table is |\n|---|---|\n| one with | plain words |\n";
        let expected = [
            "Nobody does from outside.",
            "a list of words;",
            "a second item.",
        ];
        assert_eq!(chapter(page), expected);
        let source = "/// One sentence over\n/// two lines. And [`another`] one.\n///\n/// ```\n/// assert!(true);\n/// ```\nfn f() {}\n";
        let expected = ["One sentence over two lines.", "And another one."];
        assert_eq!(documentation(source), expected);
    }
}
