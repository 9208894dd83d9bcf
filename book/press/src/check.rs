//! Tests the finished pages: every link has a target, nothing is loaded from another site, every page
//! has the content-security policy and nothing that it forbids, every formula is MathML, every
//! equation is defined once and linked from the table, and both languages have the same pages.

mod page;

use crate::Error;
use page::{Link, Page};
use percent_encoding::percent_decode_str;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// The folder of the Chinese pages, below the English ones.
const SECOND: &str = "zh-CN";

/// The pages, style sheets and scripts of a folder, by their path in it, and the paths of all files.
struct Site {
    pages: BTreeMap<String, Page>,
    files: BTreeSet<String>,
}

/// The number of things that were checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Pages.
    pub pages: usize,
    /// Links within the book.
    pub links: usize,
    /// Formulas.
    pub formulas: usize,
    /// Rows of the traceability tables of both languages.
    pub equations: usize,
}

/// Checks the pages in `folder`, and returns all mistakes.
///
/// # Errors
/// [`Error`] if a file cannot be read.
pub fn check(folder: &Path) -> Result<(Counts, Vec<Error>), Error> {
    let site = Site::read(folder)?;
    let mut counts = Counts {
        pages: site.pages.keys().filter(|p| p.ends_with(".html")).count(),
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
        for entry in WalkDir::new(folder) {
            let fail = |e: &dyn Display| {
                let what = format!("{e}: build the book first, with `mdbook build book`");
                Error::new(folder.display().to_string(), 0, what)
            };
            let entry = entry.map_err(|e| fail(&e))?;
            if !entry.file_type().is_file() {
                continue;
            }
            let path = entry.path();
            let name = slashed(path.strip_prefix(folder).unwrap_or(path));
            let read = || fs::read_to_string(path).map_err(|e| fail(&e));
            if name.ends_with(".html") {
                site.pages.insert(name.clone(), Page::read(&read()?));
            } else if name.ends_with(".css") {
                site.pages.insert(name.clone(), Page::style(&read()?));
            } else if name.ends_with(".js") {
                site.pages.insert(name.clone(), Page::script(&read()?));
            }
            site.files.insert(name);
        }
        Ok(site)
    }

    /// Looks for the target of a link within the book; an error says what is missing.
    fn follow(&self, from: &str, page: &Page, link: &Link) -> Result<(), String> {
        let (path, anchor) = match link.target.split_once('#') {
            Some((path, anchor)) => (path, Some(anchor)),
            None => (link.target.as_str(), None),
        };
        let path = path.split('?').next().unwrap_or_default();
        let to = match (path, page.base.as_deref()) {
            ("", _) => from.to_owned(),
            (path, None) => join(from, path),
            // 404.html is served at any address, so its links are relative to the root.
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

    /// The chapters of one language, without the copies of them that mdBook makes.
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

    /// Checks that every row of the traceability table links to the only definition of its equation.
    /// Returns the number of rows and the mistakes.
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

    /// Checks that both languages have the same pages with the same outlines.
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
                    "{name} and {SECOND}/{name} differ: `{}` against `{}`",
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

/// The path of a link's target, from the page that has the link.
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

/// `%E9%97%A8` as 门.
fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests;
