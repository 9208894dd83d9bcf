use super::*;
use crate::equations::equations;
use std::path::Path;

const TABLE: &str = "E1 = 'a = b, \\quad c = d'\nE2 = '\\foo'\nE3 = 'x'";

/// The last of some chapters, in a book with three equations.
fn printed(texts: &[(&str, &str)]) -> Result<String, Error> {
    let chapters: Vec<_> = texts
        .iter()
        .map(|(path, text)| Chapter {
            path: path.to_string(),
            shown: format!("book/en/{path}"),
            text: text.to_string(),
        })
        .collect();
    let figures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../en/figures");
    let book = Book::new(
        equations("e.toml", TABLE).unwrap(),
        &chapters,
        figures,
        "../en/",
    )?;
    render(chapters.last().unwrap(), &book)
}

/// A page with the hints of one exercise.
fn with_hints(shared: &'static str, text: &str) -> Result<String, Error> {
    let chapter = Chapter {
        path: "a.md".into(),
        shown: "book/en/a.md".into(),
        text: text.into(),
    };
    let chapters = std::slice::from_ref(&chapter);
    let table = "[a.f]\nen = ['one', 'two', 'three']\nzh = ['一', '二', '三']";
    let book = Book::new(Vec::new(), chapters, Default::default(), shared)?;
    let hints = crate::hints::Hints::read("h", table)?;
    render(&chapter, &book.with_hints(hints))
}

#[test]
fn each_hint_is_folded_within_the_one_before_it() {
    let text = with_hints("", "Implement it.\n\n{{#hints a::f}}\n\nNext.\n").unwrap();
    assert_eq!(
        text.split_whitespace().collect::<Vec<_>>().join(" "),
        "Implement it. <details class=\"hint\"> \
         <summary>Hint 1 for <code>f</code>: what to think about</summary> one \
         <details class=\"hint\"> <summary>Hint 2: the formula or the call</summary> two \
         <details class=\"hint\"> <summary>Hint 3: nearly the code</summary> three \
         </details> </details> </details> Next."
    );
    let chinese = with_hints("../en/", "{{#hints a::f}}").unwrap();
    assert!(chinese.contains("提示 1（<code>f</code>）：从哪里想起</summary>\n\n一\n"));
}

#[test]
fn an_exercise_without_hints_is_an_error() {
    for (text, what) in [
        ("\n{{#hints a::g}}", "has no hints for `a::g`"),
        ("\n{{#hints}}", "needs the name of an exercise"),
    ] {
        let error = with_hints("", text).unwrap_err();
        assert!(error.line == 2 && error.what.contains(what), "{error}");
    }
}

fn page(text: &str) -> String {
    printed(&[("a.md", text)]).unwrap()
}

fn mistake(text: &str) -> String {
    printed(&[("a.md", text)]).unwrap_err().to_string()
}

#[test]
fn other_markdown_stays_as_it_is() {
    let text = "# A `$` {#a}\n\nE9, `E1`, \\$ and <b title=\"E1\">x</b>.\n\n```text\n$E1$\n$$\n```\n\n<p>\nE1\n</p>\n";
    assert_eq!(page(text), text);
}

#[test]
fn a_paragraph_or_item_goes_on_after_a_formula() {
    let all = page("- so\n  $$\n  x\n  = y\n  $$\n  on");
    let lines: Vec<_> = all.lines().collect();
    assert_eq!(lines[0], "- so");
    assert!(lines[1].starts_with("  <div class=\"formula\"><math display=\"block\">"));
    assert_eq!(lines[2..], ["", "  on"]);
}

#[test]
fn a_formula_keeps_the_punctuation_around_it() {
    let math = "<math display=\"inline\"><mi>x</mi></math>";
    for (text, kept) in [
        (
            "$x$, and",
            format!("<span class=\"kept\">{math},</span> and\n"),
        ),
        (
            "门（$x$）。它",
            format!("门<span class=\"kept\">（{math}）。</span>它\n"),
        ),
        ("of $x$ and", format!("of {math} and\n")),
        (
            "of $x$, see E3",
            format!("of <span class=\"kept\">{math},</span> see E3\n"),
        ),
        ("$x$`.`", format!("{math}`.`\n")),
    ] {
        assert_eq!(page(text), kept, "{text}");
    }
}

#[test]
fn an_equation_is_defined_once_and_recalled_anywhere() {
    let table = ("traceability.md", "# T {#t}");
    let gates = ("gates.md", "{{#equation E1}}\n\nE1 here.");
    let all = printed(&[table, gates]).unwrap();
    assert!(all.starts_with("<div class=\"equation\" id=\"E1\"><div class=\"formula\"><math"));
    assert_eq!(all.matches("<math").count(), 2, "two formulas on one line");
    assert!(all.contains("href=\"traceability.html#trace-E1\">(E1)</a>"));
    assert!(all.ends_with("[E1](#E1) here.\n"));
    let all = printed(&[gates, ("b.md", "{{#recall E1}}\nE1–E3, [E1](x.md), **E1**")]).unwrap();
    assert!(all.contains("<div class=\"equation\" data-recall=\"\">"));
    assert!(all.contains("href=\"gates.html#E1\">(E1)</a>"));
    assert!(all.ends_with("[E1](gates.md#E1)–E3, [E1](x.md), **[E1](gates.md#E1)**\n"));
}

#[test]
fn a_drawing_has_its_caption() {
    let all =
        page("{{#live gates}}\n\n![seen](figures/activations.svg)\n*The $x$\nof E1.*\n\nNext.");
    assert!(all.starts_with("<div class=\"live\" data-live=\"gates\" hidden></div>\n\n"));
    assert!(all.contains("<figure class=\"drawn\" data-figure=\"activations\">"));
    assert!(all.contains("role=\"img\" aria-label=\"seen\""));
    assert!(all.contains("<figcaption>\n\nThe <math"));
    assert!(all.contains("\nof E1.\n\n</figcaption></figure>\n\n\nNext.\n"));
    assert!(!page("![a](figures/latch.svg)\n\n**Not** a caption").contains("figcaption"));
}

#[test]
fn listings_of_another_language_are_the_english_ones() {
    let all = page("```rust\n{{#include stubs/a.txt}}\n{{#include ../../b.rs:c}}\n```");
    assert!(all.contains("{{#include ../en/stubs/a.txt}}\n{{#include ../../b.rs:c}}"));
}

#[test]
fn chinese_sentences_have_no_space_between_them() {
    assert_eq!(
        page("门有四个。\n它们不是开关。\n\n- 一。\n- 二。\n  三。"),
        "门有四个。它们不是开关。\n\n- 一。\n- 二。三。\n"
    );
    for text in ["如下：\n1. 一。\n2. 二。\n", "| 门 |\n|---|\n| 一 |\n"] {
        assert_eq!(page(text), text);
    }
}

#[test]
fn emphasis_survives_the_joining() {
    assert_eq!(
        page("**注意。**\n下面。\n**再来**。"),
        "**注意。**<!---->下面。<!---->**再来**。\n"
    );
}

#[test]
fn mistakes_are_reported_with_their_lines() {
    for (text, told) in [
        ("x\n$a", "book/en/a.md:2: a `$` without a partner"),
        ("x\n\n$\\foo$", "book/en/a.md:3: "),
        ("$$\n\\foo\n$$", "book/en/a.md:2: "),
        (
            "{{#equation E2}}",
            "book/en/a.md:1: E2 of book/equations.toml: ",
        ),
        (
            "{{#recall E3}}",
            "book/en/a.md:1: E3 is recalled, but no chapter defines it",
        ),
        ("## $x$ {#x}", "book/en/a.md:1: no `$` in a heading"),
        ("</details>\n$x$", "book/en/a.md:2: no formula in HTML"),
        ("{{#live}}", "book/en/a.md:1: {{#live}} needs"),
        (
            "![](figures/latch.svg)",
            "book/en/a.md:1: the brackets of a figure",
        ),
        ("![x](figures/no.svg)", "book/en/a.md:1: "),
    ] {
        let message = mistake(text);
        assert!(message.starts_with(told), "{message}");
    }
}

#[test]
fn the_section_on_the_article_is_folded_up_to_the_next() {
    let text = page("# A {#a}\n\n## The article {#article}\n\nx\n\n### B {#b}\n\ny\n\n## C {#c}\n");
    let (section, rest) = text.split_once("</details>").unwrap();
    let (heading, folded) = section.split_once("<details>").unwrap();
    assert!(
        heading.ends_with("## The article {#article}\n\n"),
        "{heading}"
    );
    assert!(folded.contains("\n\nx\n\n### B {#b}\n\ny\n"), "{folded}");
    assert_eq!(rest, "\n\n## C {#c}\n");
    let last = page("## The article {#article}\n\nx\n");
    assert!(last.ends_with("x\n\n\n</details>\n\n"), "{last}");
}

#[test]
fn a_listing_is_folded_if_an_exercise_of_any_chapter_asks_for_it() {
    let listing = |anchor: &str| format!("```rust\n{{{{#include ../../x.rs:{anchor}}}}}\n```\n");
    let solution = format!(
        "## Exercises {{#exercises}}\n\n{}\n<details>\n<summary>Solution</summary>\n\n{}\n</details>\n",
        listing("types"),
        listing("step")
    );
    let lesson = format!("x\n\n{}\ny\n\n{}", listing("step"), listing("types"));
    let text = printed(&[("b.md", &solution), ("a.md", &lesson)]).unwrap();
    assert_eq!(
        text.matches("<details class=\"listing\">").count(),
        1,
        "{text}"
    );
    let folded = text
        .split_once("</summary>")
        .unwrap()
        .1
        .split_once("</details>")
        .unwrap()
        .0;
    assert!(
        folded.contains("x.rs:step") && !folded.contains("x.rs:types"),
        "{folded}"
    );
    // The solution itself is folded already.
    let text = printed(&[("a.md", &lesson), ("b.md", &solution)]).unwrap();
    assert_eq!(text.matches("<details").count(), 1, "{text}");
}
