//! Prints the book. Chapters are Markdown with three things that mdBook does not have: formulas in
//! TeX, numbered equations from one table, and drawings in the colours of the page.
//!
//! In the order of reading:
//!
//! - [`markdown`] cuts a chapter into parts: code, formulas, directives, words;
//! - [`math`] turns TeX into MathML, so that the pages need no script and no network;
//! - [`equations`] reads `book/equations.toml`, and [`book`] finds the chapter that defines each
//!   equation;
//! - [`tracks`] reads `book/tracks.toml`, the ways through the book and the times of its chapters;
//! - [`hints`] reads `book/exercises/hints.toml`, the hints of the programming exercises;
//! - [`labels`] has the words of equations and drawings in another language than English;
//! - [`figure`] puts a drawing into the page, and [`chapter`] renders one chapter;
//! - [`preprocess`] and [`languages`] are the programs that mdBook calls, [`sources`] puts the linked
//!   sources beside the pages, and [`policy`] says what the finished pages may load and do;
//! - [`parity`] compares the two languages, and [`words`] finds words that make a reader stop;
//! - [`check`] tests the finished pages: every link has a target, and nothing is loaded from another
//!   site.

mod emphasis;
mod error;
mod joining;

pub mod markdown;

pub mod math;

pub mod equations;

pub mod tracks;

pub mod hints;

pub mod labels;

pub mod book;
pub mod figure;

pub mod chapter;

pub mod preprocess;

pub mod languages;

pub mod sources;

pub mod policy;

pub mod parity;

pub mod words;

pub mod check;

pub use error::Error;

use std::fs;
use std::path::Path;

/// The text of a file.
fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|e| Error::new(path.display().to_string(), 0, e.to_string()))
}
