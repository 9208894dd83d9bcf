//! The book as it stands: every chapter can be printed, and both languages have the same.

use lstm_press::{parity, preprocess};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

fn book() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The chapters of a SUMMARY.md, as mdBook hands them over.
fn chapters(language: &str) -> Vec<Value> {
    let folder = book().join(language);
    let summary = fs::read_to_string(folder.join("SUMMARY.md"))
        .unwrap_or_else(|e| panic!("book/{language}/SUMMARY.md: {e}"));
    let links = summary.split("](").skip(1);
    let files = links.filter_map(|link| link.split(')').next());
    files
        .map(|file| {
            let text = fs::read_to_string(folder.join(file))
                .unwrap_or_else(|e| panic!("book/{language}/{file}: {e}"));
            json!({"Chapter": {"path": file, "content": text, "sub_items": []}})
        })
        .collect()
}

#[test]
fn every_chapter_can_be_printed_in_both_languages() {
    for language in ["en", "zh"] {
        let context = json!({"root": book(), "config": {"book": {"src": language}}});
        let input = json!([context, {"items": chapters(language)}]);
        if let Err(error) = preprocess::preprocess(&input.to_string()) {
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
