//! What is wrong, and where.

use std::fmt;

/// A mistake in a source of the book, or in a page made from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The file, as a reader of the message would open it.
    pub path: String,
    /// The line, from 1; 0 when it is the file as a whole.
    pub line: usize,
    /// What is wrong and what to do.
    pub what: String,
}

impl Error {
    /// Names the place and the mistake.
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
