//! Turns the README and the book's chapters into doctests: keeps their headings and code, expands
//! `{{#include path:anchor}}`, and writes a module for each page. Only blocks marked `rust` compile,
//! and none may be switched off.

use lstm_press::Error;
use lstm_press::lines::{self, Kind, Line, lines};
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
/// text. A line of anything else becomes an empty one.
fn expand(page: &Path) -> Result<String, Error> {
    let path = page.display().to_string();
    let text = read(page).map_err(|e| Error::new(&path, 0, e.to_string()))?;
    let mut out = String::new();
    // A block in a list is indented; here it stands by itself.
    let mut indent = "";
    for line in lines(&path, &text)? {
        let fail = |what: String| Error::new(&path, line.number, what);
        match line.kind {
            Kind::Heading => out += line.text,
            Kind::Open(info) => {
                if info.starts_with("rust") && (info.contains("ignore") || info.contains("no_run"))
                {
                    return Err(fail(format!("a Rust block that does not run: {info}")));
                }
                indent = line.indent();
                out += line.text.trim();
                out += if info.is_empty() { "text" } else { "" };
            }
            Kind::Code => out += &code(page, &line, indent).map_err(fail)?,
            Kind::Close => out += line.text.trim(),
            Kind::Directive {
                name: "include",
                arguments,
            } => drop(include(page, arguments).map_err(fail)?),
            _ => {}
        }
        out.push('\n');
    }
    Ok(out)
}

/// A line of a code block, or what it includes.
fn code(page: &Path, line: &Line<'_>, indent: &str) -> Result<String, String> {
    if let Some(target) = lines::include(line.text) {
        return include(page, target);
    }
    if line.text.contains("{{#") && !line.text.contains("\\{{#") {
        let line = line.text.trim();
        return Err(format!("not an include on a line of its own: {line}"));
    }
    Ok(line
        .text
        .strip_prefix(indent)
        .unwrap_or(line.text)
        .to_owned())
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
