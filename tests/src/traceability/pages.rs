//! The book's chapters, read for equations.

use super::{Mention, Place, Trace, mentions};
use std::fs;
use std::path::Path;

/// Adds the sections that name an equation, in the order of reading.
pub fn scan(root: &Path, traces: &mut [Trace]) {
    let book = root.join("book/en");
    let summary = fs::read_to_string(book.join("SUMMARY.md")).unwrap();
    let links = summary.split("](").skip(1);
    for file in links.filter_map(|link| link.split(')').next()) {
        if file != "traceability.md" {
            chapter(file, &fs::read_to_string(book.join(file)).unwrap(), traces);
        }
    }
}

fn chapter(file: &str, text: &str, traces: &mut [Trace]) {
    let (mut title, mut link) = (None, file.to_owned());
    for line in text.lines() {
        if let Some((heading, id)) = line.strip_prefix('#').and_then(|h| h.split_once("{#")) {
            title.get_or_insert(heading.trim_matches(['#', ' ']));
            link = format!("{file}#{}", id.trim_end_matches('}'));
        }
        // Where the equation stands, and not only its name, in whatever brackets.
        let defines = line.trim_start().starts_with("{{#equation ");
        for (number, mention) in mentions(line) {
            let mention = match defines {
                true => Mention::Numbered,
                false => mention.min(Mention::Named),
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
    let text = fs::read_to_string(path).ok()?;
    let heading = text.lines().find_map(|line| line.strip_prefix("# "))?;
    let words = heading.split(" {#").next()?;
    Some(words.to_owned())
}
