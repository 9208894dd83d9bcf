//! mdBook's protocol: the book comes in as JSON, and goes out as JSON with its chapters rendered.

use crate::book::{Book, Chapter};
use crate::equations::equations;
use crate::{Error, chapter};
use serde_json::Value;
use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// The language in which the figures and stubs lie, for all.
pub const FIRST: &str = "en";

/// `[context, book]` in, `book` out.
pub fn preprocess(input: &str) -> Result<String, Error> {
    let protocol = |what: String| Error::new("mdbook", 0, what);
    let mut input: Value = serde_json::from_str(input).map_err(|e| {
        protocol(format!(
            "sent what is not JSON ({e}); 0.5.4 is known to work"
        ))
    })?;
    let root = input[0]["root"].as_str().unwrap_or(".").to_owned();
    let source = input[0]["config"]["book"]["src"].as_str().unwrap_or("src");
    let (root, source) = (Path::new(&root), source.to_owned());
    let mut book = input[1].take();
    let items = book["items"]
        .as_array_mut()
        .ok_or_else(|| protocol("sent a book without items; 0.5.4 is known to work".into()))?;

    let mut chapters = Vec::new();
    visit(items, &mut |value| {
        chapters.extend(source_of(value, root, &source));
    });
    let table = root.join("equations.toml");
    let text = fs::read_to_string(&table)
        .map_err(|e| Error::new(table.display().to_string(), 0, e.to_string()))?;
    let table = equations(&shown(root, "", "equations.toml"), &text)?;
    let shared = if source == FIRST { "" } else { "../en/" };
    let figures = root.join(FIRST).join("figures");
    let known = Book::new(table, &chapters, figures, shared)?;

    let mut rendered = HashMap::new();
    let mut errors = Vec::new();
    for chapter in &chapters {
        match chapter::render(chapter, &known) {
            Ok(text) => drop(rendered.insert(chapter.path.clone(), text)),
            Err(error) => errors.push(error),
        }
    }
    // All chapters are tried, so that one run shows the first mistake of each.
    if let Some(last) = errors.pop() {
        for error in errors {
            eprintln!("{error}");
        }
        return Err(last);
    }
    let items = book["items"].as_array_mut().into_iter().flatten();
    visit(items, &mut |value| {
        if let Some(text) = value["path"].as_str().and_then(|path| rendered.get(path)) {
            value["content"] = Value::from(text.as_str());
        }
    });
    Ok(book.to_string())
}

/// All chapters, in the order of reading.
fn visit<'a>(items: impl IntoIterator<Item = &'a mut Value>, each: &mut dyn FnMut(&mut Value)) {
    for item in items {
        if let Some(chapter) = item.get_mut("Chapter") {
            each(chapter);
            if let Some(inner) = chapter.get_mut("sub_items").and_then(Value::as_array_mut) {
                visit(inner, each);
            }
        }
    }
}

/// A chapter that has a file.
fn source_of(value: &Value, root: &Path, source: &str) -> Option<Chapter> {
    let path = value["path"].as_str()?;
    Some(Chapter {
        path: path.to_owned(),
        shown: shown(root, source, path),
        text: value["content"].as_str()?.to_owned(),
    })
}

/// `book/en/gates.md`: as it is called from above the book.
fn shown(root: &Path, source: &str, path: &str) -> String {
    let book = root.file_name().map_or(root, Path::new);
    book.join(source).join(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(first: &str, second: &str) -> Result<Value, Error> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let chapter = |path: &str, text: &str, inner: Vec<Value>| serde_json::json!({"Chapter": {"name": "x", "content": text, "path": path, "sub_items": inner}});
        let input = serde_json::json!([
            {"root": root, "config": {"book": {"src": "en"}}},
            {"items": ["Separator", chapter("a.md", first, vec![chapter("b.md", second, vec![])])]}
        ]);
        let out = preprocess(&input.to_string())?;
        Ok(serde_json::from_str(&out).unwrap())
    }

    #[test]
    fn chapters_come_back_rendered_and_linked() {
        let book = run("See E6, $x$\n\n{{#recall E6}}", "{{#equation E6}}").unwrap();
        assert_eq!(book["items"][0], "Separator");
        let outer = &book["items"][1]["Chapter"];
        let text = outer["content"].as_str().unwrap();
        assert!(text.starts_with("See [E6](b.md#E6), <math"), "{text}");
        assert!(
            text.contains("<a class=\"number\" href=\"b.html#E6\">(E6)</a>"),
            "{text}"
        );
        let inner = outer["sub_items"][0]["Chapter"]["content"]
            .as_str()
            .unwrap();
        assert!(inner.contains("id=\"E6\""), "{inner}");
    }

    #[test]
    fn mistakes_are_told_with_file_and_line() {
        let error = run("x\n\n$\\foo$", "").unwrap_err().to_string();
        assert!(error.starts_with("book/en/a.md:3: "), "{error}");
        let error = run("", "x\n{{#recall E6}}").unwrap_err().to_string();
        assert!(
            error.starts_with("book/en/b.md:2: E6 is recalled"),
            "{error}"
        );
        let error = run("", "![x](figures/none.svg)").unwrap_err().to_string();
        assert!(error.contains("cargo run -p lstm-book"), "{error}");
    }
}
