//! The book as it stands: every chapter can be printed, both languages have the same, and the words
//! are plain.

use lstm_press::hints::Hints;
use lstm_press::markdown::{Kind, links, parts};
use lstm_press::tracks::Tracks;
use lstm_press::{Error, parity, preprocess, words};
use mdbook_preprocessor::book::{Book, BookItem, Chapter};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use walkdir::WalkDir;

fn book() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The chapters of a SUMMARY.md.
fn chapters(language: &str) -> Vec<BookItem> {
    let folder = book().join(language);
    let read = |file: &str| {
        fs::read_to_string(folder.join(file))
            .unwrap_or_else(|e| panic!("book/{language}/{file}: {e}"))
    };
    let chapter = |file: String| Chapter::new("x", read(&file), &file, vec![]).into();
    links(&read("SUMMARY.md"))
        .into_iter()
        .map(chapter)
        .collect()
}

#[test]
fn every_chapter_can_be_printed_in_both_languages() {
    for language in ["en", "zh"] {
        let mut sources = Book::new_with_items(chapters(language));
        if let Err(error) = preprocess::render(book(), language, &mut sources) {
            panic!("{error}");
        }
    }
}

#[test]
fn both_languages_have_the_same_chapters_sections_listings_equations_and_figures() {
    let differences = parity::differences(book(), "en", "zh");
    let lines: Vec<_> = differences.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

/// What [`words`] finds in the pages, in the README and its neighbours, and in the comments of all
/// crates.
fn words_found() -> Vec<Error> {
    let root = book().parent().unwrap();
    let mut files = Vec::new();
    for folder in ["", "book", "crates", "tests/src", "benches"] {
        let depth = if folder.is_empty() { 1 } else { usize::MAX };
        let entries = WalkDir::new(root.join(folder))
            .max_depth(depth)
            .sort_by_file_name();
        files.extend(entries.into_iter().map(|entry| entry.unwrap().into_path()));
    }
    let mut errors = Vec::new();
    for file in files {
        let find = match file.extension().and_then(|extension| extension.to_str()) {
            Some("md") => words::found,
            Some("rs") => words::found_in_comments,
            _ => continue,
        };
        let name = file.strip_prefix(root).unwrap().display().to_string();
        let text = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{name}: {e}"));
        errors.extend(find(&name.replace('\\', "/"), &text));
    }
    errors
}

#[test]
fn no_page_and_no_comment_has_a_word_that_makes_a_reader_stop() {
    let lines: Vec<_> = words_found().iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

#[test]
fn every_chapter_has_its_time_and_its_place_on_the_tracks() {
    let read = |path: &str| fs::read_to_string(book().join(path)).unwrap();
    let tracks = Tracks::read("book/tracks.toml", &read("tracks.toml")).unwrap();
    let mistakes = tracks.mistakes(&links(&read("en/SUMMARY.md")));
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

fn hints() -> Hints {
    let text = fs::read_to_string(book().join("exercises/hints.toml")).unwrap();
    Hints::read("book/exercises/hints.toml", &text).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_hints_of_every_exercise_are_shown_once() {
    let mut shown = Vec::new();
    for chapter in links(&fs::read_to_string(book().join("en/SUMMARY.md")).unwrap()) {
        let text = fs::read_to_string(book().join("en").join(&chapter)).unwrap();
        for part in parts(&chapter, &text).unwrap() {
            if let Kind::Directive {
                name: "hints",
                arguments,
            } = part.kind
            {
                shown.extend(arguments.split(' ').map(str::to_owned));
            }
        }
    }
    let names: BTreeSet<_> = hints().names().collect();
    assert_eq!(shown.len(), names.len());
    assert_eq!(shown.into_iter().collect::<BTreeSet<_>>(), names);
}

#[test]
fn no_hint_has_a_word_that_makes_a_reader_stop() {
    let hints = hints();
    for name in hints.names() {
        for chinese in [false, true] {
            let text = hints.of(&name, chinese).unwrap().join("\n\n");
            let found: Vec<_> = words::found(&name, &text);
            assert!(found.is_empty(), "{found:?}");
        }
    }
}
