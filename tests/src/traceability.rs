//! From every equation to its code, its tests and its page: the table, and what is missing in it.
//!
//! Nothing is listed by hand but the equations. The rest is read from the sources:
//!
//! - *code*: a function or type of a crate whose documentation names the equation, or a function with
//!   a line that has its name behind it;
//! - *test*: a test with the name in brackets in a comment, a test file whose head names it, or the
//!   example in the documentation of such code;
//! - *page*: the first section of the book that names it.
//!
//! Only the closest mentions are listed: `(E6)` before E6, and that before a range such as E1–E9.

mod equations;
mod mention;
mod pages;
mod sources;

pub use equations::{EQUATIONS, Equation};
pub use mention::{Mention, mentions};

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// The equations that must have a page.
pub const WITH_PAGE: RangeInclusive<usize> = 1..=18;

/// Something that names an equation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// How the equation is named there.
    pub mention: Mention,
    /// What to call the place.
    pub label: String,
    /// Where it is: a section of the book, or a file of the workspace.
    pub link: String,
}

/// All that names one equation.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Functions and types.
    pub code: Vec<Place>,
    /// Tests and tested examples.
    pub tests: Vec<Place>,
    /// Whole files of tests.
    pub test_files: Vec<Place>,
    /// Sections of the book.
    pub pages: Vec<Place>,
}

/// The traces of [`EQUATIONS`], in their order.
pub fn traces() -> Vec<Trace> {
    let mut traces = vec![Trace::default(); EQUATIONS.len()];
    sources::scan(&root(), &mut traces);
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

/// What is missing, a line each.
pub fn gaps(traces: &[Trace]) -> Vec<String> {
    let mut gaps = Vec::new();
    for (Equation { number, formula }, trace) in EQUATIONS.iter().zip(traces) {
        let columns = [
            ("code", trace.code.is_empty()),
            (
                "test",
                trace.tests.is_empty() && trace.test_files.is_empty(),
            ),
            ("page", trace.pages.is_empty() && WITH_PAGE.contains(number)),
        ];
        for (column, missing) in columns {
            if missing {
                gaps.push(format!("E{number} has no {column}: {formula}"));
            }
        }
    }
    gaps
}

/// The page of the book.
pub fn table(traces: &[Trace]) -> String {
    let mut out = String::from(
        "# Traceability {#traceability}\n\n\
         Every equation, the code that computes it, the tests that hold the code to it, and the page that explains it.\n\
         The table is made from the sources by `cargo run -p lstm-tests --bin traceability`, and a test fails when it is stale or has a gap.\n\n\
         | | equation | code | tests | page |\n|---|---|---|---|---|\n",
    );
    for (Equation { number, formula }, trace) in EQUATIONS.iter().zip(traces) {
        let tests = [trace.tests.as_slice(), &trace.test_files].concat();
        out += &format!(
            "| <span id=\"trace-E{number}\"></span>E{number} | `{formula}` | {} | {} | {} |\n",
            sources(&trace.code),
            sources(&tests),
            links(&trace.pages)
        );
    }
    out
}

/// Where the page lies.
pub fn table_path() -> PathBuf {
    root().join("book/en/traceability.md")
}

/// Sources are not part of the rendered book, so they are named and not linked.
fn sources(places: &[Place]) -> String {
    let name = |place: &Place| match place.label.trim_matches('`') {
        label if label == place.link => place.label.clone(),
        _ => format!("{} in `{}`", place.label, place.link),
    };
    places.iter().map(name).collect::<Vec<_>>().join("<br>")
}

fn links(places: &[Place]) -> String {
    let link = |place: &Place| format!("[{}]({})", place.label, place.link);
    places.iter().map(link).collect::<Vec<_>>().join("<br>")
}

fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("the workspace is above").to_owned()
}
