//! Turns the README and the book's chapters into doctests: keeps their headings and code blocks,
//! expands `{{#include path:anchor}}` and `{{#rustdoc_include path:anchor}}` (the whole file, of which the
//! page shows the anchor), and writes a module for each page. Blocks marked `rust` are
//! compiled and run; `ignore` and `no_run` are errors.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace is above");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let chapters = root.join("book/en");
    println!("cargo::rerun-if-changed={}", chapters.display());
    let mut pages: Vec<PathBuf> = fs::read_dir(&chapters)
        .unwrap_or_else(|e| panic!("{}: {e}", chapters.display()))
        .map(|entry| entry.expect("a directory can be read").path())
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .collect();
    pages.sort();
    pages.push(root.join("README.md"));

    let mut modules = String::new();
    for page in pages {
        let name = page.file_stem().unwrap().to_string_lossy().to_lowercase();
        let name = name.replace('-', "_");
        match expand(&page) {
            Ok(text) => fs::write(out.join(format!("{name}.md")), text).expect("OUT_DIR is ours"),
            Err(error) => {
                eprintln!("{error}");
                std::process::exit(1);
            }
        }
        write!(
            modules,
            "#[doc = include_str!(concat!(env!(\"OUT_DIR\"), \"/{name}.md\"))]\npub mod {name} {{}}\n"
        )
        .unwrap();
    }
    fs::write(out.join("book.rs"), modules).expect("OUT_DIR is ours");
}

/// The headings and code blocks of a page, with includes expanded and unmarked blocks marked as
/// text. The error names the line.
fn expand(page: &Path) -> Result<String, String> {
    let path = page.display();
    let text = read(page).map_err(|e| format!("{path}: {e}"))?;
    let mut out = String::new();
    let mut in_code = false;
    for (event, range) in Parser::new(&text).into_offset_iter() {
        let line = 1 + text[..range.start].matches('\n').count();
        let fail = |what: String| format!("{path}:{line}: {what}");
        match event {
            Event::Start(Tag::Heading { .. }) => out += &format!("{}\n", text[range].trim_end()),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                in_code = true;
                if info.starts_with("rust") && (info.contains("ignore") || info.contains("no_run"))
                {
                    return Err(fail(format!("a Rust block that does not run: {info}")));
                }
                let info = if info.is_empty() { "text" } else { &info };
                out += &format!("{FENCE}{info}\n");
            }
            Event::Text(code) if in_code => {
                for line in code.lines() {
                    out += &expand_line(page, line).map_err(fail)?;
                    out.push('\n');
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                in_code = false;
                out += &format!("{FENCE}\n\n");
            }
            _ => {}
        }
    }
    Ok(out)
}

/// Longer than any fence in a listing.
const FENCE: &str = "``````";

/// A line of a code block, or what it includes.
fn expand_line(page: &Path, line: &str) -> Result<String, String> {
    let target = line.trim().strip_prefix("{{#include ");
    if let Some(target) = target.and_then(|target| target.strip_suffix("}}")) {
        return include(page, target.trim());
    }
    let whole = line.trim().strip_prefix("{{#rustdoc_include ");
    if let Some(target) = whole.and_then(|target| target.strip_suffix("}}")) {
        include(page, target.trim())?;
        return include(page, target.trim().split(':').next().unwrap_or_default());
    }
    if line.contains("{{#") && !line.contains("\\{{#") {
        let line = line.trim();
        return Err(format!("not an include on a line of its own: {line}"));
    }
    Ok(line.to_owned())
}

/// The lines of a file between two anchors, or all of them, without the anchors.
fn include(page: &Path, target: &str) -> Result<String, String> {
    let (path, anchor) = match target.split_once(':') {
        Some((path, anchor)) => (path, Some(anchor)),
        None => (target, None),
    };
    let text = read(&page.with_file_name(path)).map_err(|e| format!("{path}: {e}"))?;
    let marker = |line: &str, kind: &str| {
        line.split_once(kind)
            .and_then(|(_, rest)| rest.split_whitespace().next().map(str::to_owned))
    };
    let mut inside = anchor.is_none();
    let (mut opened, mut closed) = (inside, inside);
    let mut lines = Vec::new();
    for line in text.lines() {
        if let Some(name) = marker(line, "ANCHOR_END:") {
            if anchor == Some(&name) {
                (inside, closed) = (false, true);
            }
        } else if let Some(name) = marker(line, "ANCHOR:") {
            if anchor == Some(&name) {
                (inside, opened) = (true, true);
            }
        } else if inside {
            lines.push(line);
        }
    }
    if !(opened && closed) {
        let which = if opened { "ANCHOR_END" } else { "ANCHOR" };
        return Err(format!("{path} has no {which}: {}", anchor.unwrap_or("")));
    }
    Ok(lines.join("\n"))
}

fn read(path: &Path) -> std::io::Result<String> {
    println!("cargo::rerun-if-changed={}", path.display());
    fs::read_to_string(path)
}
