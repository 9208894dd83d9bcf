//! The book as it stands: every chapter can be printed, and both languages have the same.

use lstm_press::markdown::links;
use lstm_press::{parity, preprocess};
use mdbook_preprocessor::book::{Book, BookItem, Chapter};
use std::fs;
use std::path::Path;

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
