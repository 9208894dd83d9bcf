//! The README and the chapters of the book, a module each; the build script writes them.

include!(concat!(env!("OUT_DIR"), "/book.rs"));
