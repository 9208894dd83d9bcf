use super::Kind::*;
use super::*;

/// The kinds of a page's parts with their texts, without white space between parts.
fn cut(text: &str) -> Vec<(Kind<'_>, &str)> {
    let parts = parts("page.md", text).unwrap();
    let parts = parts.into_iter().map(|part| (part.kind, part.text));
    parts.filter(|(_, text)| !text.trim().is_empty()).collect()
}

fn mistake(text: &str) -> String {
    parts("page.md", text).unwrap_err().to_string()
}

const WORDS: Kind<'_> = Words { in_link: false };

#[test]
fn formulas_are_between_dollars_and_not_in_code_tags_or_escapes() {
    assert_eq!(
        cut(r"a $h_{t-1}$, `$x$`, \$5 and <a title='$'>b</a>"),
        [
            (WORDS, "a "),
            (Math("h_{t-1}"), "$h_{t-1}$"),
            (WORDS, ", "),
            (Verbatim, "`$x$`"),
            (WORDS, ", "),
            (Verbatim, r"\$"),
            (WORDS, "5 and "),
            (Verbatim, "<a title='$'>"),
            (WORDS, "b"),
            (Verbatim, "</a>"),
        ]
    );
    assert_eq!(cut(r"$a\$b$"), [(Math(r"a\$b"), r"$a\$b$")]);
    assert_eq!(cut("1 < 2 `open"), [(WORDS, "1 < 2 `open")]);
}

#[test]
fn a_label_is_kept_apart_from_its_address() {
    let label = Words { in_link: true };
    assert_eq!(
        cut("see [E6 *and* `a]`](cell.md#E6) or [x], ![E1 $](f.svg)"),
        [
            (WORDS, "see ["),
            (label, "E6 *and* "),
            (Verbatim, "`a]`"),
            (Verbatim, "](cell.md#E6)"),
            (WORDS, " or [x], "),
            (Verbatim, "![E1 $](f.svg)"),
        ]
    );
}

#[test]
fn a_fence_closes_with_as_many_marks_and_no_words() {
    let block = "````rust\n```\n$$\n````";
    assert_eq!(cut(&format!("{block}\nx")), [(Code, block), (WORDS, "\nx")]);
    let block = "```\n  x\n  ```";
    let list = format!("- item\n  {block}");
    assert_eq!(cut(&list), [(WORDS, "- item\n  "), (Code, block)]);
    assert_eq!(cut("```code``` in a line")[0].0, Verbatim);
    for open in ["a\n\n```rust\nx", "a\n\n````", "a\n\n- ~~~\n  x\n\nb"] {
        assert_eq!(mistake(open), "page.md:3: this code block is not closed");
    }
    assert!(mistake("a\n\n    b").contains("page.md:3: four spaces"));
}

#[test]
fn a_formula_stands_between_two_lines_of_dollars() {
    let formula = "$$\nx\n= y\n$$";
    let heading = Heading {
        level: 2,
        id: Some("a".into()),
    };
    assert_eq!(
        cut(&format!("## A {{#a}}\n{formula}\n#no")),
        [
            (heading, "## A {#a}\n"),
            (Formula("\nx\n= y\n".into()), formula),
            (WORDS, "#no"),
        ]
    );
    for open in ["a\n$$\nx", "a\n$$\n- x\n$$"] {
        let what = mistake(open);
        assert!(
            what.starts_with("page.md:2: this `$$` has no partner"),
            "{what}"
        );
    }
}

#[test]
fn html_goes_on_to_an_empty_line() {
    assert_eq!(
        cut("<details>\n<summary>E1</summary>\n\n$x$\n\n</details>"),
        [
            (Html, "<details>\n<summary>E1</summary>\n"),
            (Math("x"), "$x$"),
            (Html, "</details>"),
        ]
    );
    assert_eq!(cut("<kbd>s</kbd> searches")[1], (WORDS, "s"));
    assert_eq!(cut("<!-- a\n\nb -->\nx")[0].1, "<!-- a\n\nb -->\n");
    assert!(mistake("<p>\n$x$").starts_with("page.md:2: no formula in HTML"));
}

#[test]
fn a_directive_is_known_and_alone() {
    let found = cut("- a\n  {{#equation E2 E3}}\n\n{{#include a_b_c.rs:d_e }}");
    let directive = |name, arguments| Directive { name, arguments };
    assert_eq!(
        found[1],
        (directive("equation", "E2 E3"), "{{#equation E2 E3}}")
    );
    assert_eq!(found[2].0, directive("include", "a_b_c.rs:d_e"));
    assert_eq!(
        mistake("{{#recal E6}}"),
        "page.md:1: there is no {{#recal}}, only equation, recall, live, tracks, hints, include"
    );
    for text in ["so {{#recall E1}}", "{{#recall E6}} again", "{{#recall E6"] {
        assert!(mistake(text).contains("must be alone"), "{text}");
    }
    assert_eq!(include("  {{#include a.rs:b }}"), Some("a.rs:b"));
}

#[test]
fn a_caption_is_emphasised_and_follows_its_drawing() {
    let drawing = "![A b](figures/x.svg)";
    let kinds = |text: &str| -> Vec<bool> {
        let found = cut(text);
        assert!(matches!(
            found[0].0,
            Drawing {
                alt: "A b",
                file: "x.svg"
            }
        ));
        found
            .iter()
            .map(|(kind, _)| *kind == CaptionStart)
            .collect()
    };
    for caption in ["\n*One **line**.*", "\n\n*Two\nlines.*\n\nNext."] {
        assert!(kinds(&format!("{drawing}{caption}"))[1], "{caption}");
    }
    for none in ["\n\n**Not** one.", "\n\n*Not* one.", "\n\nNot\n*one.*", ""] {
        assert!(
            !kinds(&format!("{drawing}{none}")).contains(&true),
            "{none}"
        );
    }
    assert_eq!(cut("a ![A](figures/x.svg)")[1].0, Verbatim);
}

#[test]
fn nothing_is_lost() {
    let text = "误差 **E9 至 E17** [在`x`](a.md#b) \\* <b>!</b> ![图](x.svg) ``a`b``\n\
                > 引用[^1]\n> 两行\n\n| a | $b$ |\n|---|---|\n| c | [**d**](e.md) |\n\n\
                ![A](figures/x.svg)\n*B.*\n\n1. <https://a.b>\\\n   {{#live gates}}\n";
    let joined: String = parts("", text)
        .unwrap()
        .iter()
        .map(|part| part.text)
        .collect();
    assert_eq!(joined, text);
}

#[test]
fn a_lonely_dollar_is_an_error() {
    for text in ["costs $5", "$5 and\n$6", "so $ x$"] {
        assert!(mistake(text).contains(r"`\$`"), "{text}");
    }
    assert!(mistake("so $$x$$").contains("must be alone"));
    for heading in ["# $x$ {#x}", "# at $5 {#x}"] {
        assert!(mistake(heading).contains("no `$` in a heading"));
    }
}

#[test]
fn links_are_found_in_order() {
    assert_eq!(
        links("- [A](a.md)\n  - [B *c*](b.md)\n[D]()"),
        ["a.md", "b.md", ""]
    );
}
