//! The text that the writer learns: sentences of this project, without formulas and code.

use crate::script::root;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// Characters that a sentence may have; one with any other is left out.
const SIGNS: &str = " .,:;?!'()-";

/// Every sentence of the English chapters and of the documentation of the crates, each once, in the
/// order of the files.
///
/// # Errors
/// If a file cannot be read.
pub fn sentences() -> Result<Vec<String>, Box<dyn Error>> {
    let root = root();
    let mut files = Vec::new();
    collect(&root.join("book/en"), "md", &mut files)?;
    collect(&root.join("crates"), "rs", &mut files)?;
    files.sort();
    let mut sentences = Vec::new();
    for file in &files {
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

fn collect(folder: &Path, extension: &str, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, extension, files)?;
        } else if path.extension().is_some_and(|e| e == extension) {
            files.push(path);
        }
    }
    Ok(())
}

/// A chapter has one sentence on a line.
fn chapter(text: &str) -> Vec<String> {
    let (mut code, mut formula) = (false, false);
    let mut sentences = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("```") {
            code = !code;
        } else if line == "$$" {
            formula = !formula;
        } else if !code && !formula {
            sentences.extend(plain(line));
        }
    }
    sentences
}

/// In a source a sentence runs over several lines.
fn documentation(text: &str) -> Vec<String> {
    let mut code = false;
    let mut paragraph = String::new();
    let mut sentences = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        let comment = line.strip_prefix("///").or(line.strip_prefix("//!"));
        let comment = comment.unwrap_or_default().trim();
        if comment.starts_with("```") {
            code = !code;
        }
        if comment.is_empty() || code || comment.starts_with(['`', '#']) {
            let ends = paragraph.replace(". ", ".\n").replace("? ", "?\n");
            sentences.extend(ends.lines().filter_map(plain));
            paragraph.clear();
        } else {
            paragraph += comment;
            paragraph.push(' ');
        }
    }
    sentences
}

/// A sentence without its marks; `None` if it is none, or has more in it than words.
fn plain(line: &str) -> Option<String> {
    let line = line.trim().trim_start_matches("- ");
    let line = line.split(" {#").next()?.trim_start_matches('#');
    let mut text = String::new();
    let mut rest = line;
    // [words](link) is its words.
    while let Some((before, after)) = rest.split_once('[') {
        let (words, after) = after.split_once(']')?;
        text += before;
        text += words;
        rest = match after.strip_prefix('(') {
            Some(link) => link.split_once(')')?.1,
            None => after,
        };
    }
    text += rest;
    text.retain(|c| !"*`".contains(c));
    let text = text.replace('–', "-").trim().to_owned();
    let words = |c: char| c.is_ascii_alphanumeric() || SIGNS.contains(c);
    let whole = text.len() > 12 && !text.contains(" ,") && !text.contains(" .");
    (whole && text.chars().all(words)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_sentence_is_left_out() {
        let page = "# Four gates {#gates}\n\nNobody *does* from [outside](a.md#b).\n\n```rust\nlet a = 1;\n```\n$$\na = b\n$$\n\
                    | a | table is |\nWith $c_t$ in it.\n- a list of `words`;\n";
        let expected = ["Nobody does from outside.", "a list of words;"];
        assert_eq!(chapter(page), expected);
        let source = "/// One sentence over\n/// two lines. And [`another`] one.\n///\n/// ```\n/// assert!(true);\n/// ```\nfn f() {}\n";
        let expected = ["One sentence over two lines.", "And another one."];
        assert_eq!(documentation(source), expected);
    }
}
