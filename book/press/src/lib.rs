//! Prints the book. Chapters are Markdown with three things that mdBook does not have: formulas in
//! TeX, numbered equations from one table, and drawings that take on the colours of the page.
//!
//! What happens to a chapter, in the order of reading:
//!
//! - [`lines`] says what each line is, and [`pieces`] what each part of a line of prose is;
//! - [`math`] turns TeX into MathML, so that the pages need neither script nor network;
//! - [`equations`] reads the table `book/equations.toml`, [`book`] finds where each is defined;
//! - [`figure`] puts a drawing into the page, and [`chapter`] does all of it for one chapter;
//! - [`preprocess`] speaks mdBook's protocol, and [`chinese`] builds the second language;
//! - [`parity`] holds the two languages to each other, [`check`] holds the finished pages to the
//!   promise that every link leads somewhere and nothing is loaded from elsewhere.

mod emphasis;
mod error;
mod joining;

pub mod lines;
pub mod pieces;

pub mod math;

pub mod equations;

pub mod book;
pub mod figure;

pub mod chapter;

pub mod preprocess;

pub mod chinese;

pub mod parity;

pub mod html;

pub mod check;

pub use error::Error;
