//! A mistake and its place.

use std::fmt;

/// A mistake in a source of the book, or in a page made from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The file, by a path that a reader can open.
    pub path: String,
    /// The line, from 1; 0 if the mistake has no line.
    pub line: usize,
    /// What is wrong, and how to correct it.
    pub what: String,
}

impl Error {
    /// A mistake in this line of this file.
    pub fn new(path: impl Into<String>, line: usize, what: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            line,
            what: what.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.what),
            line => write!(f, "{}:{line}: {}", self.path, self.what),
        }
    }
}

impl std::error::Error for Error {}
