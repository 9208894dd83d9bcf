//! Searches the Rust sources for equations, line by line as rustfmt formats them. A parser of Rust
//! such as syn would drop the comments, and the names of equations are in comments.

use super::{Mention, Place, Trace, mentions};
use std::fs;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// Adds the code and the tests that name an equation.
pub fn scan(root: &Path, traces: &mut [Trace]) {
    let packages = fs::read_dir(root.join("crates")).unwrap();
    let mut packages: Vec<_> = packages.map(|entry| entry.unwrap().path()).collect();
    packages.sort();
    packages.push(root.join("tests"));
    for package in packages {
        let name = package
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .replace('-', "_");
        for folder in ["src", "tests"] {
            // This package's own sources compute no equation.
            if (name.as_str(), folder) == ("tests", "src") {
                continue;
            }
            for path in files(&package.join(folder), "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let file = path.strip_prefix(root).unwrap().display().to_string();
                let (code, tests) = match folder {
                    "src" => text.split_once("#[cfg(test)]\n").unwrap_or((&text, "")),
                    _ => ("", text.as_str()),
                };
                scan_code(&name, &file, code, traces);
                scan_tests(&file, tests, traces);
            }
        }
    }
}

/// All files below a folder with this extension, in order; none if there is no such folder.
pub fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter();
    let paths = entries.flatten().map(DirEntry::into_path);
    paths
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .collect()
}

fn place(mention: Mention, label: &str, file: &str) -> Place {
    Place {
        mention,
        label: format!("`{label}`"),
        link: file.to_owned(),
    }
}

/// Adds a place. If it is known, the more specific mention is kept.
fn add(places: &mut Vec<Place>, place: Place) {
    match places
        .iter_mut()
        .find(|p| p.label == place.label && p.link == place.link)
    {
        Some(known) => known.mention = known.mention.max(place.mention),
        None => places.push(place),
    }
}

/// Adds functions and types whose documentation names an equation, and functions with a line such as
/// `… // E9`.
fn scan_code(package: &str, file: &str, text: &str, traces: &mut [Trace]) {
    let (mut named, mut fence, mut tested) = (Vec::new(), None, false);
    let (mut owner, mut label) = (String::new(), String::new());
    for line in text.lines() {
        let trimmed = line.trim_start();
        if let Some(doc) = trimmed.strip_prefix("///") {
            named.extend(mentions(doc));
            if let Some(info) = doc.trim().strip_prefix("```") {
                tested |= fence.is_none() && info.is_empty();
                fence = fence.xor(Some(()));
            }
            continue;
        }
        if trimmed.starts_with("#[") || trimmed.starts_with("//") {
            continue;
        }
        if let Some(of) = owner_of(line) {
            owner = of;
        }
        if let Some(item) = item(trimmed) {
            label = if line.starts_with(' ') {
                format!("{owner}::{item}")
            } else {
                item
            };
        } else if let Some((_, comment)) = line.split_once("// ") {
            let computed = mentions(comment).into_iter();
            named = computed
                .map(|(number, _)| (number, Mention::Numbered))
                .collect();
        } else {
            named.clear(); // A comment above a field is not about a function.
        }
        for (number, mention) in named.drain(..) {
            if let Some(trace) = traces.get_mut(number - 1) {
                let code = format!("{package}::{label}");
                add(&mut trace.code, place(mention, &code, file));
                if tested {
                    let example = format!("example of {label}");
                    add(&mut trace.tests, place(mention, &example, file));
                }
            }
        }
        tested = false;
    }
}

/// The type of an `impl`, or the name of a trait; its functions follow, indented.
fn owner_of(line: &str) -> Option<String> {
    if let Some(name) = line.strip_prefix("pub trait ") {
        return Some(word(name));
    }
    let rest = line.strip_prefix("impl")?;
    let mut depth = 0;
    let end = rest.find(|c| {
        depth += i32::from(c == '<') - i32::from(c == '>');
        depth == 0 && c != '>'
    })?;
    let target = rest[end..].trim_start();
    Some(word(
        target.split_once(" for ").map_or(target, |(_, of)| of),
    ))
}

/// The name of a function or type that a line declares.
fn item(line: &str) -> Option<String> {
    let line = line.strip_prefix("pub(crate) ").unwrap_or(line);
    let line = line.strip_prefix("pub ").unwrap_or(line);
    let line = line
        .strip_prefix("const fn")
        .map_or(line, |_| &line["const ".len()..]);
    let kinds = ["fn ", "struct ", "enum ", "trait ", "const ", "type "];
    kinds
        .iter()
        .find_map(|kind| line.strip_prefix(kind))
        .map(word)
}

fn word(text: &str) -> String {
    text.chars()
        .take_while(|&c| c.is_alphanumeric() || c == '_')
        .collect()
}

/// Adds tests with a comment in or above them that names an equation, and test files whose first
/// comment does.
fn scan_tests(file: &str, text: &str, traces: &mut [Trace]) {
    if !text.contains("#[test]") {
        return;
    }
    let indent = |line: &str| line.len() - line.trim_start().len();
    let (mut above, mut is_test, mut test) = (Vec::new(), false, None::<(String, usize)>);
    for line in text.lines() {
        let comment = line.split_once("//").map_or("", |(_, comment)| comment);
        let mut named = mentions(comment);
        if line.starts_with("//!") {
            attach(named, file, file, traces, |trace| &mut trace.test_files);
            continue;
        }
        // Outside brackets, E3 may be a byte.
        named.retain(|(_, mention)| *mention != Mention::Named);
        let trimmed = line.trim_start();
        match &test {
            Some((name, at)) if indent(line) > *at => {
                attach(named, name, file, traces, |trace| &mut trace.tests);
            }
            _ if trimmed.starts_with("//") => above.extend(named),
            _ if trimmed.starts_with("#[") => is_test |= trimmed == "#[test]",
            _ => {
                if let Some(name) = trimmed.strip_prefix("fn ").filter(|_| is_test) {
                    let name = word(name);
                    let above = std::mem::take(&mut above);
                    attach(above, &name, file, traces, |trace| &mut trace.tests);
                    test = Some((name, indent(line)));
                } else if !trimmed.is_empty() {
                    test = None;
                }
                above.clear();
                is_test = false;
            }
        }
    }
}

fn attach(
    named: Vec<(usize, Mention)>,
    label: &str,
    file: &str,
    traces: &mut [Trace],
    column: fn(&mut Trace) -> &mut Vec<Place>,
) {
    for (number, mention) in named {
        if let Some(trace) = traces.get_mut(number - 1) {
            add(column(trace), place(mention, label, file));
        }
    }
}
