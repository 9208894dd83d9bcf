//! A module for the README and for each chapter of the book. The build script writes them.

include!(concat!(env!("OUT_DIR"), "/book.rs"));
