//! Traces every equation to its code, its tests, its theorem and its page.
//!
//! Only the equations are listed by hand, in `book/equations.toml`. The rest is read from the sources:
//!
//! - *code*: a function or type of a crate whose documentation names the equation, or a function with
//!   a line whose comment names it;
//! - *test*: a test with the name in brackets in a comment, a test file whose first comment names it,
//!   or the example in the documentation of such code;
//! - *theorem*: a claim of `proofs/` that is proved and whose comment names the equation; most
//!   equations after E17 have none;
//! - *page*: the section of the book that defines it, or else the first that names it.
//!
//! Of code, tests and pages only the most specific mentions are listed: `(E6)` rather than E6, and E6 rather than a range such
//! as E1–E9.

mod equations;
mod mention;
mod pages;
mod sources;
mod theorems;

pub use equations::{LANGUAGES, Language};
pub use lstm_press::equations::Equation;
pub use mention::{Mention, mentions};

use lstm_press::equations::parts;
use lstm_press::sources::FOLDER;
use std::path::{Path, PathBuf};

/// Something that names an equation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// How the place names the equation.
    pub mention: Mention,
    /// The name of the place.
    pub label: String,
    /// A section of the book, or a file of the workspace.
    pub link: String,
}

/// All places that name one equation.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Functions and types.
    pub code: Vec<Place>,
    /// Tests and tested examples.
    pub tests: Vec<Place>,
    /// Whole files of tests.
    pub test_files: Vec<Place>,
    /// Claims that are proved.
    pub theorems: Vec<Place>,
    /// Sections of the book.
    pub pages: Vec<Place>,
}

/// The equations of the book, E1 first.
pub fn equations() -> Vec<Equation> {
    equations::equations(&root())
}

/// The trace of each of the [`equations`], in the same order.
pub fn traces() -> Vec<Trace> {
    let mut traces = vec![Trace::default(); equations().len()];
    sources::scan(&root(), &mut traces);
    theorems::scan(&root(), &mut traces);
    pages::scan(&root(), &mut traces);
    for trace in &mut traces {
        for places in [&mut trace.code, &mut trace.tests, &mut trace.pages] {
            let best = places.iter().map(|place| place.mention).max();
            places.retain(|place| Some(place.mention) == best);
        }
        trace.pages.truncate(1);
    }
    traces
}

/// The columns of the table that are empty, a line for each.
pub fn gaps(traces: &[Trace]) -> Vec<String> {
    let mut gaps = Vec::new();
    for (Equation { number, tex }, trace) in equations().iter().zip(traces) {
        let columns = [
            ("code", trace.code.is_empty()),
            (
                "test",
                trace.tests.is_empty() && trace.test_files.is_empty(),
            ),
            ("page", trace.pages.is_empty()),
        ];
        for (column, missing) in columns {
            if missing {
                gaps.push(format!("E{number} has no {column}: {tex}"));
            }
        }
    }
    gaps
}

/// The page of the book with a card for each equation, in one language.
pub fn table(language: Language, traces: &[Trace]) -> String {
    let mut out = String::from(language.head);
    let labels = equations::labels(&root(), language);
    for (Equation { number, tex }, trace) in equations().iter().zip(traces) {
        let mut code = trace.code.clone();
        code.sort_by_key(|place| order(&place.link));
        let tests = [trace.tests.as_slice(), &trace.test_files].concat();
        out += &format!(
            "\n<div class=\"trace\">\n\n<span id=\"trace-E{number}\"></span>**E{number}** {}\n",
            formulas(&labels.formula(tex))
        );
        let [in_code, in_tests, in_theorems, in_pages] = language.rows;
        out += &row(in_code, &sources(&code, language), language);
        out += &row(in_tests, &sources(&tests, language), language);
        out += &row(in_theorems, &sources(&trace.theorems, language), language);
        out += &row(in_pages, &links(&trace.pages, language), language);
        out += "\n</div>\n";
    }
    out
}

/// The crates in the order of reading: the functions that read like their equations come first.
fn order(file: &str) -> usize {
    const CRATES: [&str; 7] = ["gates", "cell", "bptt", "text", "model", "train", "tasks"];
    let is_of = |name: &str| file.starts_with(&format!("crates/lstm-{name}/"));
    let found = CRATES.iter().position(|name| is_of(name));
    found.unwrap_or(CRATES.len())
}

/// The first place, and the others folded.
fn row(name: &str, places: &[String], language: Language) -> String {
    let Some((first, others)) = places.split_first() else {
        return String::new();
    };
    let mut out = format!("\n*{name}* {first}\n");
    if !others.is_empty() {
        let [before, after] = language.more;
        out += &format!(
            "\n<details>\n<summary>{before}{}{after}</summary>\n\n{}\n\n</details>\n",
            others.len(),
            others.join("<br>\n")
        );
    }
    out
}

/// The file of that page.
pub fn table_path(language: Language) -> PathBuf {
    chapters(language).join("traceability.md")
}

/// The formulas of an equation.
fn formulas(tex: &str) -> String {
    let formulas = parts(tex).into_iter().map(|part| format!("${part}$"));
    formulas.collect::<Vec<_>>().join(" ")
}

/// Names, each linked to the copy of its source in the book.
fn sources(places: &[Place], language: Language) -> Vec<String> {
    let link =
        |Place { label, link, .. }: &Place| format!("[{label}]({}{FOLDER}{link}.txt)", language.up);
    places.iter().map(link).collect()
}

fn links(places: &[Place], language: Language) -> Vec<String> {
    let link = |place: &Place| {
        let file = place.link.split('#').next().unwrap_or_default();
        let title = pages::title(&chapters(language).join(file));
        format!("[{}]({})", title.unwrap_or(place.label.clone()), place.link)
    };
    places.iter().map(link).collect()
}

fn chapters(language: Language) -> PathBuf {
    root().join("book").join(language.folder)
}

fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("the workspace is above").to_owned()
}
