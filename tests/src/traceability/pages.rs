//! Searches the book's chapters for equations.

use super::{Mention, Place, Trace, mentions};
use lstm_press::markdown::{Kind, Part, links, parts};
use std::fs;
use std::path::Path;

/// Adds the sections that name an equation, in the order of reading.
pub fn scan(root: &Path, traces: &mut [Trace]) {
    let book = root.join("book/en");
    for file in links(&read(&book.join("SUMMARY.md"))) {
        if file != "traceability.md" {
            chapter(&file, &read(&book.join(&file)), traces);
        }
    }
}

fn chapter(file: &str, text: &str, traces: &mut [Trace]) {
    let (mut title, mut link) = (None, file.to_owned());
    for part in parts(file, text).unwrap_or_else(|e| panic!("{e}")) {
        if let Kind::Heading { id: Some(id), .. } = &part.kind {
            title.get_or_insert(words(&part));
            link = format!("{file}#{id}");
        }
        for (number, mention) in mentions(part.text) {
            let mention = match part.kind {
                Kind::Directive {
                    name: "equation", ..
                } => Mention::Numbered,
                // In the book's text, a name in brackets is no formula's number.
                _ => mention.min(Mention::Named),
            };
            if let Some(trace) = traces.get_mut(number - 1) {
                trace.pages.push(Place {
                    mention,
                    label: title.unwrap_or(file).to_owned(),
                    link: link.clone(),
                });
            }
        }
    }
}

/// The words of a chapter's first heading.
pub fn title(path: &Path) -> Option<String> {
    let (name, text) = (path.display().to_string(), read(path));
    let parts = parts(&name, &text).unwrap_or_else(|e| panic!("{e}"));
    let is_heading = |part: &&Part<'_>| matches!(part.kind, Kind::Heading { .. });
    parts
        .iter()
        .find(is_heading)
        .map(|part| words(part).to_owned())
}

/// The words of a heading, without its identifier.
fn words<'a>(heading: &Part<'a>) -> &'a str {
    let words = heading.text.trim_matches(['#', ' ']);
    words.split(" {#").next().unwrap_or(words)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
