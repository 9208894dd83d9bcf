//! A drawing of `book/en/figures` as part of the page, in the page's colours.

use crate::labels::Labels;
use roxmltree::{Document, Node};

/// The colours of the drawings, and the style's name for each, which depends on the theme.
const COLOURS: &[(&str, &str)] = &[
    ("#222222", "currentColor"),
    ("#000000", "currentColor"),
    ("#646464", "var(--drawn-quiet)"),
    ("#DDD9D0", "var(--drawn-grid)"),
    ("#0067A5", "var(--drawn-blue)"),
    ("#C44E00", "var(--drawn-orange)"),
    ("#007A5A", "var(--drawn-green)"),
    ("#7B3FA0", "var(--drawn-purple)"),
    ("#7D6200", "var(--drawn-gold)"),
];

/// The background of a drawing; the page has its own.
const PAPER: &str = "#FBFAF7";

/// The SVG on one line, with `alt` as its description and the words of `labels`.
///
/// # Errors
/// If it is not XML, or not an SVG.
pub fn inline(svg: &str, alt: &str, labels: &Labels) -> Result<String, String> {
    let document = Document::parse(svg).map_err(|e| format!("not an SVG: {e}"))?;
    let root = document.root_element();
    if root.tag_name().name() != "svg" {
        return Err("not an SVG: it has no <svg>".to_owned());
    }
    let cells: Vec<Cell> = document.descendants().filter_map(Cell::new).collect();
    let mut out = String::from("<svg");
    for name in ["width", "height", "viewBox"] {
        if let Some(value) = root.attribute(name) {
            push_attribute(&mut out, name, value);
        }
    }
    push_attribute(&mut out, "role", "img");
    push_attribute(&mut out, "aria-label", alt);
    out.push('>');
    for child in root.children() {
        push_node(&mut out, child, &cells, labels);
    }
    Ok(out + "</svg>")
}

/// A filled rectangle. Text on it keeps the colour that was chosen for it.
struct Cell {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl Cell {
    fn new(node: Node<'_, '_>) -> Option<Self> {
        let fill = node.attribute("fill")?;
        let is_cell = name(node) == "rect" && fill != "none" && fill != PAPER;
        is_cell.then_some(())?;
        Some(Self {
            x: number(node, "x")?,
            y: number(node, "y")?,
            width: number(node, "width")?,
            height: number(node, "height")?,
        })
    }

    fn holds(&self, text: Node<'_, '_>) -> bool {
        let (Some(x), Some(y)) = (number(text, "x"), number(text, "y")) else {
            return false;
        };
        (self.x..=self.x + self.width).contains(&x) && (self.y..=self.y + self.height).contains(&y)
    }
}

fn name<'a>(node: Node<'a, '_>) -> &'a str {
    node.tag_name().name()
}

fn number(node: Node<'_, '_>, attribute: &str) -> Option<f64> {
    node.attribute(attribute)?.parse().ok()
}

fn push_node(out: &mut String, node: Node<'_, '_>, cells: &[Cell], labels: &Labels) {
    let is_paper = name(node) == "rect" && node.attribute("fill") == Some(PAPER);
    // The page describes the drawing in its own language.
    if is_paper || name(node) == "title" {
        return;
    }
    if let Some(text) = node.text().filter(|_| node.is_text()) {
        let words: Vec<_> = text.split_whitespace().collect();
        // Markdown may not find code or a formula in it.
        *out += &escape(&labels.label(&words.join(" ")))
            .replace('`', "&#96;")
            .replace('$', "&#36;");
        return;
    }
    let keeps_colours = name(node) == "text" && cells.iter().any(|cell| cell.holds(node));
    *out += &format!("<{}", name(node));
    for attribute in node.attributes() {
        let value = attribute.value();
        let themed = COLOURS
            .iter()
            .find(|(drawn, _)| drawn.eq_ignore_ascii_case(value));
        let value = match themed {
            Some((_, themed)) if !keeps_colours => themed,
            _ => value,
        };
        push_attribute(out, attribute.name(), value);
    }
    if node.has_children() {
        out.push('>');
        for child in node.children() {
            push_node(out, child, cells, labels);
        }
        *out += &format!("</{}>", name(node));
    } else {
        *out += "/>";
    }
}

fn push_attribute(out: &mut String, name: &str, value: &str) {
    *out += &format!(" {name}=\"{}\"", escape(value));
}

/// Text for a page or an attribute.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SVG: &str = r##"<svg role="img" width="760" height="360" viewBox="0 0 6080 2880" xmlns="http://www.w3.org/2000/svg">
<title>σ</title>
<rect x="0" y="0" width="6080" height="2880" opacity="1" fill="#FBFAF7" stroke="none"/>
<rect x="10" y="10" width="20" height="20" fill="#A9BECC"/>
<text x="15" y="15" fill="#222222">
1.0
</text>
<text x="99" y="15" fill="#222222">
a  &lt; b
</text>
</svg>
"##;

    #[test]
    fn a_drawing_takes_on_the_colours_of_the_page() {
        assert_eq!(
            inline(SVG, "a \"b\" & c", &Labels::default()).unwrap(),
            "<svg width=\"760\" height=\"360\" viewBox=\"0 0 6080 2880\" role=\"img\" \
             aria-label=\"a &quot;b&quot; &amp; c\">\
             <rect x=\"10\" y=\"10\" width=\"20\" height=\"20\" fill=\"#A9BECC\"/>\
             <text x=\"15\" y=\"15\" fill=\"#222222\">1.0</text>\
             <text x=\"99\" y=\"15\" fill=\"currentColor\">a &lt; b</text></svg>"
        );
    }

    #[test]
    fn another_document_is_an_error() {
        assert!(inline("<html/>", "", &Labels::default()).is_err());
        assert!(inline("<svg>", "", &Labels::default()).is_err());
    }
}
