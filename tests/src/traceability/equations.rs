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
    /// The text above the cards.
    pub head: &'static str,
    /// The names of a card's rows: code, tests, theorems, page.
    pub rows: [&'static str; 4],
    /// The words around the number of folded places.
    pub more: [&'static str; 2],
    /// The way from this language's pages to the English ones.
    pub up: &'static str,
}

/// English first. Only its chapters are searched for equations.
pub const LANGUAGES: &[Language] = &[
    Language {
        folder: "en",
        head: "# Traceability {#traceability}\n\n\
            This page lists, for every equation, the code that computes it, the tests that compare the code with it, the [theorem](proofs.md) about it if there is one, and the page that explains it.\n\
            One name of each kind is shown, the others are folded; every name leads to its source. “Example of” a function is the example in its documentation, which runs as a test; a name that ends in .rs is a whole file of tests.\n\
            The page is made from the sources by `cargo run -p lstm-tests --bin traceability`, and a test fails if the page is out of date or an equation has no code, no test or no page.\n",
        rows: ["code", "tests", "theorem", "page"],
        more: ["", " more"],
        up: "",
    },
    Language {
        folder: "zh",
        head: "# 公式追溯表 {#traceability}\n\n\
            每一个公式、计算它的代码、检验这些代码的测试、关于它的[定理](proofs.md)（如果有），以及讲解它的页面。\n\
            每一类只列第一个，其余折叠；点击名称可以查看源文件。“example of”加函数名，指该函数文档里的示例，作为测试运行；以 .rs 结尾的是整个测试文件。\n\
            本页由 `cargo run -p lstm-tests --bin traceability` 从源文件生成；内容若过时或有缺漏，就有测试失败。\n",
        rows: ["代码", "测试", "定理", "页面"],
        more: ["另有 ", " 个"],
        up: "../",
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
