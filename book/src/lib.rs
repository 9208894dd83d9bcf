//! Draws the book's figures, each from a run of the crates.
pub mod measure;
