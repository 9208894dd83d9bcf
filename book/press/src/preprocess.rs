//! mdBook's preprocessor: it reads the book and returns it with its chapters rendered.

use crate::book::{Book, Chapter};
use crate::equations::equations;
use crate::hints::Hints;
use crate::labels::Labels;
use crate::tracks::Tracks;
use crate::{Error, chapter, read};
use mdbook_preprocessor::book::Book as MdBook;
use mdbook_preprocessor::parse_input;
use std::collections::HashMap;
use std::path::Path;

/// The language whose folder has the figures and stubs of all languages.
pub const FIRST: &str = "en";

/// Reads the context and the book that mdBook sends, and returns the rendered book, all as JSON.
///
/// # Errors
/// [`Error`] if mdBook sends anything else, and the errors of [`render`].
pub fn preprocess(input: &str) -> Result<String, Error> {
    let protocol = |what: String| Error::new("mdbook", 0, what);
    let (context, mut book) = parse_input(input.as_bytes())
        .map_err(|e| protocol(format!("{e:#}; mdBook 0.5.4 is known to work")))?;
    let source = context.config.book.src.display().to_string();
    render(&context.root, &source, &mut book)?;
    serde_json::to_string(&book).map_err(|e| protocol(e.to_string()))
}

/// Renders all chapters of the book in the folder `root`, whose sources are in its folder `source`.
///
/// # Errors
/// The first [`Error`] of the last chapter that has one; those of other chapters go to the standard
/// error, so that one run shows a mistake of each.
pub fn render(root: &Path, source: &str, book: &mut MdBook) -> Result<(), Error> {
    let chapters: Vec<Chapter> = book
        .chapters()
        .filter_map(|chapter| {
            let path = chapter.path.as_ref()?.display().to_string();
            Some(Chapter {
                shown: shown(root, source, &path),
                text: chapter.content.clone(),
                path,
            })
        })
        .collect();
    let mut table = equations(
        &shown(root, "", "equations.toml"),
        &read(&root.join("equations.toml"))?,
    )?;
    let words = read(&root.join("words.toml"))?;
    let labels = Labels::read(&shown(root, "", "words.toml"), &words, source)?;
    for equation in &mut table {
        equation.tex = labels.formula(&equation.tex);
    }
    let tracks = Tracks::read(
        &shown(root, "", "tracks.toml"),
        &read(&root.join("tracks.toml"))?,
    )?;
    let hints = Hints::read(
        &shown(root, "", "exercises/hints.toml"),
        &read(&root.join("exercises/hints.toml"))?,
    )?;
    let shared = if source == FIRST { "" } else { "../en/" };
    let figures = root.join(FIRST).join("figures");
    let known = Book::new(table, &chapters, figures, shared)?
        .with_labels(labels)
        .with_hints(hints)
        .with_tracks(tracks, &chapters)?;

    let mut rendered = HashMap::new();
    let mut errors = Vec::new();
    for chapter in &chapters {
        match chapter::render(chapter, &known) {
            Ok(text) => drop(rendered.insert(chapter.path.as_str(), text)),
            Err(error) => errors.push(error),
        }
    }
    if let Some(last) = errors.pop() {
        for error in errors {
            eprintln!("{error}");
        }
        return Err(last);
    }
    book.for_each_chapter_mut(|chapter| {
        let path = chapter.path.as_ref().map(|path| path.display().to_string());
        if let Some(text) = path.and_then(|path| rendered.remove(path.as_str())) {
            chapter.content = text;
        }
    });
    Ok(())
}

/// `book/en/gates.md`: the path from the folder above the book.
fn shown(root: &Path, source: &str, path: &str) -> String {
    let book = root.file_name().map_or(root, Path::new);
    book.join(source).join(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mdbook_preprocessor::PreprocessorContext;
    use mdbook_preprocessor::book::{BookItem, Chapter};
    use mdbook_preprocessor::config::Config;
    use serde_json::Value;

    /// What mdBook sends for a chapter with another below it.
    fn sent(first: &str, second: &str) -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut config = Config::default();
        config.book.src = "en".into();
        let context = PreprocessorContext::new(root.to_owned(), config, "html".to_owned());
        let chapter = |path: &str, text: &str| Chapter::new("x", text.to_owned(), path, vec![]);
        let mut outer = chapter("a.md", first);
        outer.sub_items.push(chapter("b.md", second).into());
        let book = MdBook::new_with_items(vec![BookItem::Separator, outer.into()]);
        serde_json::to_string(&(context, book)).unwrap()
    }

    fn run(first: &str, second: &str) -> Result<Value, Error> {
        let out = preprocess(&sent(first, second))?;
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
    fn mistakes_are_reported_with_file_and_line() {
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

    #[test]
    fn the_error_of_another_input_names_the_version_that_works() {
        let error = preprocess("{}").unwrap_err().to_string();
        assert!(error.contains("mdBook 0.5.4 is known to work"), "{error}");
    }
}
