//! Turns the README and the book's chapters into doctests: expands `{{#include path:anchor}}` and
//! writes a module for each page. Only blocks marked `rust` compile, and none may be switched off.

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
            Err(message) => {
                eprintln!("{message}");
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

/// One page with its includes expanded and its unmarked blocks marked as text.
fn expand(page: &Path) -> Result<String, String> {
    let text = read(page).map_err(|e| format!("{}: {e}", page.display()))?;
    let mut out = String::new();
    let mut fence: Option<&str> = None;
    for (n, line) in text.lines().enumerate() {
        let fail = |why: String| format!("{}:{}: {why}", page.display(), n + 1);
        let trimmed = line.trim_start();
        let ticks = &trimmed[..trimmed.len() - trimmed.trim_start_matches('`').len()];
        let info = trimmed[ticks.len()..].trim();
        match fence {
            None if ticks.len() >= 3 => {
                if info.starts_with("rust") && (info.contains("ignore") || info.contains("no_run"))
                {
                    return Err(fail(format!("a Rust block that does not run: {info}")));
                }
                fence = Some(ticks);
                out += line;
                out += if info.is_empty() { "text\n" } else { "\n" };
                continue;
            }
            Some(open) if ticks.len() >= open.len() && info.is_empty() => fence = None,
            _ => {}
        }
        let directive = trimmed
            .strip_prefix("{{#include ")
            .and_then(|rest| rest.strip_suffix("}}"));
        match directive {
            Some(target) => out += &include(page, target.trim()).map_err(fail)?,
            None if line.contains("{{#") && !line.contains("\\{{#") => {
                return Err(fail(format!(
                    "not an include on a line of its own: {trimmed}"
                )));
            }
            None => out += line,
        }
        out.push('\n');
    }
    Ok(out)
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
