//! The words of the drawings and `book/words.toml` belong together.

use lstm_press::labels::Labels;
use roxmltree::Document;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Phrases that are the same in every language.
const NAMES: [&str; 4] = ["g = tanh", "tanh c", "tanh(w h)", "top-p 0.9"];

fn book() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The labels of all drawings, as the press looks them up.
fn labels() -> BTreeSet<String> {
    let mut labels = BTreeSet::new();
    let files = fs::read_dir(book().join("en/figures")).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    for path in paths.filter(|path| path.extension().is_some_and(|name| name == "svg")) {
        let svg = read(&path);
        let document = Document::parse(&svg).unwrap();
        let texts = document.descendants().filter(|node| {
            let is_title = node.parent().is_some_and(|p| p.has_tag_name("title"));
            node.is_text() && !is_title
        });
        for text in texts.filter_map(|node| node.text()) {
            labels.insert(text.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    labels
}

/// Several words, not symbols alone.
fn is_phrase(label: &str) -> bool {
    let has_word = label
        .as_bytes()
        .windows(2)
        .any(|pair| pair.iter().all(u8::is_ascii_alphabetic));
    has_word && label.contains(' ') && !NAMES.contains(&label)
}

#[test]
fn every_phrase_of_a_drawing_has_chinese() {
    let chinese = Labels::read("words.toml", &read(&book().join("words.toml")), "zh").unwrap();
    let missing: Vec<_> = labels()
        .into_iter()
        .filter(|label| is_phrase(label) && chinese.label(label) == *label)
        .collect();
    assert!(
        missing.is_empty(),
        "add to book/words.toml, or to NAMES what is a name: {missing:#?}"
    );
}

#[test]
fn every_word_with_chinese_is_in_a_drawing_or_an_equation() {
    let table: toml::Table = read(&book().join("words.toml")).parse().unwrap();
    let equations = read(&book().join("equations.toml"));
    let labels = labels();
    let parts: BTreeSet<_> = labels.iter().flat_map(|label| label.split(", ")).collect();
    for english in table["zh"].as_table().unwrap().keys() {
        assert!(
            labels.contains(english)
                || parts.contains(&**english)
                || equations.contains(&format!("\\text{{{english}}}")),
            "nothing says “{english}”; delete it from book/words.toml"
        );
    }
}
