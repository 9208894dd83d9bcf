//! A chapter line by line: what is prose, what is code, what is mathematics, what is an order to us.

use crate::Error;

/// What a line of a chapter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// Nothing but white space.
    Blank,
    /// The fence above a code block, with what stands behind it.
    Open(&'a str),
    /// A line of a code block.
    Code,
    /// The fence below a code block.
    Close,
    /// A line of an HTML block.
    Html,
    /// `## Words {#id}`
    Heading,
    /// A `$$` alone on its line.
    MathFence,
    /// TeX between two of them.
    Math,
    /// `{{#name arguments}}` alone on its line, outside code.
    Directive {
        /// `equation`, `recall`, `live` or `include`.
        name: &'a str,
        /// What stands behind the name.
        arguments: &'a str,
    },
    /// Prose, lists, tables.
    Text,
}

/// One line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// From 1.
    pub number: usize,
    /// As it stands in the file.
    pub text: &'a str,
    /// What it is.
    pub kind: Kind<'a>,
}

impl<'a> Line<'a> {
    /// The white space that it starts with.
    pub fn indent(&self) -> &'a str {
        &self.text[..self.text.len() - self.text.trim_start().len()]
    }
}

/// What a line may order; anything else behind `{{#` is a mistake.
pub const DIRECTIVES: &[&str] = &["equation", "recall", "live", "include"];

/// Where the scanner stands.
enum Inside<'a> {
    Prose,
    Code { fence: &'a str, from: usize },
    Math { from: usize },
    Html { until: &'static str },
}

/// All lines of a chapter; `path` is for messages.
pub fn lines<'a>(path: &str, text: &'a str) -> Result<Vec<Line<'a>>, Error> {
    let mut inside = Inside::Prose;
    let mut lines = Vec::new();
    for (n, text) in text.lines().enumerate() {
        let number = n + 1;
        let trimmed = text.trim();
        let kind = match inside {
            Inside::Code { fence, .. } => {
                let closes = trimmed.starts_with(fence)
                    && trimmed.trim_start_matches(&fence[..1]).is_empty();
                if closes {
                    inside = Inside::Prose;
                    Kind::Close
                } else {
                    Kind::Code
                }
            }
            Inside::Math { .. } if trimmed == "$$" => {
                inside = Inside::Prose;
                Kind::MathFence
            }
            Inside::Math { .. } => Kind::Math,
            Inside::Html { until } => {
                if until.is_empty() && trimmed.is_empty() {
                    inside = Inside::Prose;
                    Kind::Blank
                } else {
                    if !until.is_empty() && text.contains(until) {
                        inside = Inside::Prose;
                    }
                    Kind::Html
                }
            }
            Inside::Prose if trimmed.is_empty() => Kind::Blank,
            Inside::Prose if trimmed == "$$" => {
                inside = Inside::Math { from: number };
                Kind::MathFence
            }
            Inside::Prose => {
                if let Some(fence) = fence(trimmed) {
                    inside = Inside::Code {
                        fence,
                        from: number,
                    };
                    Kind::Open(trimmed[fence.len()..].trim())
                } else if let Some(until) = html_block(trimmed) {
                    if until.is_empty() || !text.contains(until) {
                        inside = Inside::Html { until };
                    }
                    Kind::Html
                } else {
                    prose(trimmed).map_err(|what| Error::new(path, number, what))?
                }
            }
        };
        lines.push(Line { number, text, kind });
    }
    match inside {
        Inside::Code { from, .. } => Err(Error::new(path, from, "this code block is not closed")),
        Inside::Math { from } => Err(Error::new(
            path,
            from,
            "this `$$` has no partner: close the formula with `$$` alone on a line",
        )),
        Inside::Prose | Inside::Html { .. } => Ok(lines),
    }
}

/// The path and anchor of an include; a line of code may be one.
pub fn include(line: &str) -> Option<&str> {
    let rest = line.trim().strip_prefix("{{#include ")?;
    rest.strip_suffix("}}").map(str::trim)
}

fn prose(trimmed: &str) -> Result<Kind<'_>, String> {
    let marks = trimmed.trim_start_matches('#');
    if (1..=6).contains(&(trimmed.len() - marks.len())) && marks.starts_with(' ') {
        return Ok(Kind::Heading);
    }
    let Some(rest) = trimmed.strip_prefix("{{#") else {
        return Ok(Kind::Text);
    };
    let Some(order) = rest.strip_suffix("}}").filter(|o| !o.contains("}}")) else {
        return Err(format!("stands not alone on its line: {trimmed}"));
    };
    let (name, arguments) = order.split_once(' ').unwrap_or((order, ""));
    if !DIRECTIVES.contains(&name) {
        let known = DIRECTIVES.join(", ");
        return Err(format!("there is no {{{{#{name}}}}}, only {known}"));
    }
    Ok(Kind::Directive {
        name,
        arguments: arguments.trim(),
    })
}

/// The three or more marks that open a code block.
fn fence(trimmed: &str) -> Option<&str> {
    let mark = trimmed.chars().next().filter(|c| "`~".contains(*c))?;
    let info = trimmed.trim_start_matches(mark);
    let fence = &trimmed[..trimmed.len() - info.len()];
    (fence.len() >= 3 && !info.contains('`')).then_some(fence)
}

/// Whether a line opens an HTML block, and what ends it: a blank line, or that text.
fn html_block(trimmed: &str) -> Option<&'static str> {
    const BLOCKS: &[&str] = &[
        "address",
        "article",
        "aside",
        "blockquote",
        "details",
        "dialog",
        "dd",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "iframe",
        "li",
        "link",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ];
    let rest = trimmed.strip_prefix('<')?;
    if rest.starts_with("!--") {
        return Some("-->");
    }
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric());
    let name = rest[..end.unwrap_or(rest.len())].to_ascii_lowercase();
    match name.as_str() {
        "" => None,
        "script" => Some("</script>"),
        "style" => Some("</style>"),
        "pre" => Some("</pre>"),
        name if BLOCKS.contains(&name) => Some(""),
        // Any other tag, if it stands alone on its line.
        _ => (trimmed.find('>') == Some(trimmed.len() - 1)).then_some(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind<'_>> {
        let lines = lines("page.md", text).unwrap();
        lines.into_iter().map(|line| line.kind).collect()
    }

    #[test]
    fn a_fence_closes_with_as_many_marks_and_no_words() {
        use Kind::{Close, Code, Open, Text};
        assert_eq!(
            kinds("````rust\n```\n$$\n````\nx"),
            [Open("rust"), Code, Code, Close, Text]
        );
        assert_eq!(
            kinds("- item\n  ```\n  x\n  ```"),
            [Text, Open(""), Code, Close]
        );
        assert_eq!(kinds("```code``` in a line"), [Text]);
    }

    #[test]
    fn a_formula_stands_between_two_lines_of_dollars() {
        use Kind::{Heading, Math, MathFence, Text};
        assert_eq!(
            kinds("## A {#a}\n$$\n# x\n$$\n#no"),
            [Heading, MathFence, Math, MathFence, Text]
        );
        let error = lines("page.md", "a\n$$\nx").unwrap_err();
        assert_eq!((error.path.as_str(), error.line), ("page.md", 2));
    }

    #[test]
    fn html_goes_on_to_a_blank_line() {
        use Kind::{Blank, Html, Text};
        assert_eq!(
            kinds("<details>\n<summary>$</summary>\n\n$x$\n\n</details>"),
            [Html, Html, Blank, Text, Blank, Html]
        );
        assert_eq!(kinds("<kbd>s</kbd> searches"), [Text]);
        assert_eq!(kinds("<!-- a\n\nb -->\nx"), [Html, Html, Html, Text]);
    }

    #[test]
    fn an_order_is_known_and_alone() {
        assert_eq!(
            kinds("{{#equation E2 E3}}"),
            [Kind::Directive {
                name: "equation",
                arguments: "E2 E3"
            }]
        );
        let of = |text| lines("page.md", text).unwrap_err().what;
        assert_eq!(
            of("{{#recal E6}}"),
            "there is no {{#recal}}, only equation, recall, live, include"
        );
        assert!(of("{{#recall E6}} again").contains("alone"));
        assert_eq!(include("  {{#include a.rs:b }}"), Some("a.rs:b"));
    }
}
