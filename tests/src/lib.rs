//! Tests that need more than one crate: the recorded vectors, the README and the book as doctests,
//! and the table that traces every equation to its code, its tests and its page.

#[cfg(doctest)]
pub mod book;
pub mod traceability;
