//! Holds the finished pages to what they promise: every link leads somewhere, nothing is loaded
//! from elsewhere, every formula is set, every equation is defined once and can be reached, and
//! both languages are whole.

mod page;

use crate::Error;
use page::{Link, Page};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the second language within the pages of the first.
const SECOND: &str = "zh-CN";

/// The pages of a folder, by their path in it, and its other files.
struct Site {
    pages: BTreeMap<String, Page>,
    files: BTreeSet<String>,
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Pages of HTML.
    pub pages: usize,
    /// Links within the book.
    pub links: usize,
    /// Formulas.
    pub formulas: usize,
    /// Equations that the table traces, in both languages.
    pub equations: usize,
}

/// All that is wrong with the pages in `folder`, or in its folder `html`, where mdBook puts them.
pub fn check(folder: &Path) -> Result<(Counts, Vec<Error>), Error> {
    let inner = folder.join("html");
    let folder = if inner.join("index.html").exists() {
        inner
    } else {
        folder.to_owned()
    };
    let site = Site::read(&folder)?;
    let mut counts = Counts {
        pages: site.pages.len(),
        ..Counts::default()
    };
    let mut errors = Vec::new();
    for (path, page) in &site.pages {
        counts.links += page.links.len();
        counts.formulas += page.formulas;
        let shown = folder.join(path).display().to_string();
        errors.extend(
            page.errors
                .iter()
                .map(|(line, what)| Error::new(&shown, *line, what)),
        );
        for link in &page.links {
            if let Err(what) = site.follow(path, page, link) {
                errors.push(Error::new(&shown, link.line, what));
            }
        }
    }
    let shown = folder.display().to_string();
    for language in ["", SECOND] {
        let found = site.equations(language);
        counts.equations += found.0;
        errors.extend(found.1.into_iter().map(|what| Error::new(&shown, 0, what)));
    }
    errors.extend(
        site.parity()
            .into_iter()
            .map(|what| Error::new(&shown, 0, what)),
    );
    Ok((counts, errors))
}

impl Site {
    fn read(folder: &Path) -> Result<Self, Error> {
        let mut site = Self {
            pages: BTreeMap::new(),
            files: BTreeSet::new(),
        };
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            let fail = |e: std::io::Error| {
                let what = format!("{e}: build the book first, with `mdbook build book`");
                Error::new(next.display().to_string(), 0, what)
            };
            for entry in fs::read_dir(&next).map_err(fail)? {
                let path = entry.map_err(fail)?.path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let name = slashed(path.strip_prefix(folder).unwrap_or(&path));
                if name.ends_with(".html") {
                    let text = fs::read_to_string(&path).map_err(fail)?;
                    site.pages.insert(name.clone(), Page::read(&text));
                } else if name.ends_with(".css") {
                    let text = fs::read_to_string(&path).map_err(fail)?;
                    site.pages.insert(name.clone(), Page::style(&text));
                }
                site.files.insert(name);
            }
        }
        Ok(site)
    }

    /// Whether a link within the book arrives.
    fn follow(&self, from: &str, page: &Page, link: &Link) -> Result<(), String> {
        let (path, anchor) = match link.target.split_once('#') {
            Some((path, anchor)) => (path, Some(anchor)),
            None => (link.target.as_str(), None),
        };
        let path = path.split('?').next().unwrap_or_default();
        let to = match (path, page.base.as_deref()) {
            ("", _) => from.to_owned(),
            (path, None) => join(from, path),
            // 404.html is served for any address, and so it starts from the root.
            (path, Some(base)) => join(base.trim_start_matches('/'), path),
        };
        let to = if to.is_empty() || to.ends_with('/') {
            to + "index.html"
        } else {
            to
        };
        if !self.files.contains(&to) {
            return Err(format!("leads to `{}`, but there is no {to}", link.target));
        }
        match anchor {
            Some(anchor) if !anchor.is_empty() => {
                let known = self
                    .pages
                    .get(&to)
                    .is_some_and(|page| page.ids.contains(&decoded(anchor)));
                known.then_some(()).ok_or_else(|| {
                    format!("leads to `{}`, but {to} has no id `{anchor}`", link.target)
                })
            }
            _ => Ok(()),
        }
    }

    /// The chapters of one language, without the copies that mdBook makes of them.
    fn chapters(&self, language: &str) -> impl Iterator<Item = (&str, &Page)> {
        let copies = ["index.html", "print.html", "404.html", "toc.html"];
        let prefix = if language.is_empty() {
            String::new()
        } else {
            format!("{language}/")
        };
        self.pages.iter().filter_map(move |(path, page)| {
            let name = path.strip_prefix(&prefix)?;
            let own = prefix.is_empty() && path.starts_with(&format!("{SECOND}/"));
            let chapter = name.ends_with(".html") && !copies.contains(&name) && !own;
            chapter.then_some((name, page))
        })
    }

    /// Every row of the traceability table has one definition, and links to it.
    fn equations(&self, language: &str) -> (usize, Vec<String>) {
        let shown = if language.is_empty() { "en" } else { language };
        let mut errors = Vec::new();
        let mut places: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (path, page) in self.chapters(language) {
            for equation in &page.equations {
                places.entry(equation).or_default().push(path);
            }
        }
        for (equation, pages) in &places {
            if pages.len() > 1 {
                let pages = pages.join(", ");
                errors.push(format!("{shown}: {equation} is defined in {pages}"));
            }
        }
        let table = self
            .chapters(language)
            .find(|(path, _)| *path == "traceability.html");
        let Some((_, table)) = table else {
            errors.push(format!("{shown}: there is no traceability.html"));
            return (0, errors);
        };
        let rows: Vec<_> = table
            .ids
            .iter()
            .filter_map(|id| id.strip_prefix("trace-"))
            .collect();
        if rows.is_empty() {
            errors.push(format!("{shown}: traceability.html has no rows"));
        }
        for row in &rows {
            let Some(pages) = places.get(row) else {
                errors.push(format!("{shown}: no page defines {row}"));
                continue;
            };
            let target = format!("{}#{row}", pages[0]);
            if !table.links.iter().any(|link| link.target == target) {
                errors.push(format!(
                    "{shown}: traceability.html does not link to {target}"
                ));
            }
        }
        (rows.len(), errors)
    }

    /// The same pages in both languages, with the same things in the same order.
    fn parity(&self) -> Vec<String> {
        let [ours, theirs] = ["", SECOND].map(|l| self.chapters(l).collect::<BTreeMap<_, _>>());
        let mut errors = Vec::new();
        for name in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
            let (Some(a), Some(b)) = (ours.get(name), theirs.get(name)) else {
                errors.push(format!("{name} is in one language only"));
                continue;
            };
            let length = a.outline.len().max(b.outline.len());
            let parts = (0..length).find(|n| a.outline.get(*n) != b.outline.get(*n));
            if let Some(n) = parts {
                let of = |page: &Page| {
                    page.outline
                        .get(n)
                        .cloned()
                        .unwrap_or("nothing more".into())
                };
                errors.push(format!(
                    "{name} and {SECOND}/{name} part: `{}` against `{}`",
                    of(a),
                    of(b)
                ));
            }
        }
        errors
    }
}

fn slashed(path: &Path) -> String {
    let parts = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

/// A link's path, from the page that has it.
fn join(from: &str, path: &str) -> String {
    let start = match path.strip_prefix('/') {
        Some(_) => PathBuf::new(),
        None => PathBuf::from(from.rsplit_once('/').map_or("", |(folder, _)| folder)),
    };
    let mut parts: Vec<String> = start.iter().map(|p| p.to_string_lossy().into()).collect();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            "" => {}
            part => parts.push(decoded(part)),
        }
    }
    let folder = if path.ends_with('/') && !parts.is_empty() {
        "/"
    } else {
        ""
    };
    parts.join("/") + folder
}

/// `%E9` and its kin as letters.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).replace("&amp;", "&")
}

#[cfg(test)]
mod tests;
