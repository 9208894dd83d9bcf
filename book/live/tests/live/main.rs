//! Tests the live pages: the committed files, and what a page gets from them.

mod page;
mod translator;
mod wasm;
