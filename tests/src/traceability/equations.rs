//! The book's equations, and the languages of the table.

use lstm_press::equations::{Equation, equations as read};
use lstm_press::labels::Labels;
use std::fs;
use std::path::Path;

/// A language of the book, and the words of the page in that language.
#[derive(Clone, Copy, Debug)]
pub struct Language {
    /// The folder of its chapters.
    pub folder: &'static str,
    /// The text above the table, and the table's head.
    pub head: &'static str,
    /// The words between a place and its file.
    pub within: &'static str,
}

/// English first. Only its chapters are searched for equations.
pub const LANGUAGES: &[Language] = &[
    Language {
        folder: "en",
        head: "# Traceability {#traceability}\n\n\
            Every equation, the code that computes it, the tests that hold the code to it, the [theorem](proofs.md) about it if there is one, and the page that explains it.\n\
            The table is made from the sources by `cargo run -p lstm-tests --bin traceability`, and a test fails when it is stale or has a gap.\n\n\
            | | equation | code | tests | theorem | page |\n|---|---|---|---|---|---|\n",
        within: " in ",
    },
    Language {
        folder: "zh",
        head: "# 公式追溯表 {#traceability}\n\n\
            每一个公式、计算它的代码、检验这些代码的测试、关于它的[定理](proofs.md)（如果有），以及讲解它的页面。\n\
            本表由 `cargo run -p lstm-tests --bin traceability` 从源文件生成；表若过时或有缺漏，就有测试失败。\n\n\
            | | 公式 | 代码 | 测试 | 定理 | 页面 |\n|---|---|---|---|---|---|\n",
        within: " · ",
    },
];

/// The equations in their order.
pub fn equations(root: &Path) -> Vec<Equation> {
    let path = root.join("book/equations.toml");
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    read("book/equations.toml", &text).unwrap_or_else(|e| panic!("{e}"))
}

/// The words of the equations in a language.
pub fn labels(root: &Path, language: Language) -> Labels {
    let path = root.join("book/words.toml");
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    Labels::read("book/words.toml", &text, language.folder).unwrap_or_else(|e| panic!("{e}"))
}
