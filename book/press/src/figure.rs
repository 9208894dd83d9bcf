//! A drawing of `book/en/figures` as part of the page: it takes on the page's colours.

/// The colours that the drawings use, and what they become: the page's own, or one for each theme.
const COLOURS: &[(&str, &str)] = &[
    ("#222222", "currentColor"),
    ("#000000", "currentColor"),
    ("#646464", "var(--drawn-quiet)"),
    ("#DDD9D0", "var(--drawn-grid)"),
    ("#0067A5", "var(--drawn-blue)"),
    ("#C44E00", "var(--drawn-orange)"),
    ("#007A5A", "var(--drawn-green)"),
    ("#7B3FA0", "var(--drawn-purple)"),
];

/// The paper that plotters fills first.
const PAPER: &str = "#FBFAF7";

/// The SVG in one line, named by `alt`, with identifiers of its own.
pub fn inline(name: &str, svg: &str, alt: &str) -> Result<String, String> {
    let start = svg.find("<svg").ok_or("not an SVG: it has no <svg")?;
    let svg = &svg[start..];
    let one_line = svg.split_whitespace().collect::<Vec<_>>().join(" ");
    let one_line = one_line.replace("> ", ">").replace(" <", "<");
    let cells = cells(&one_line);
    let mut out = String::with_capacity(one_line.len());
    let mut rest = one_line.as_str();
    while let Some(end) = rest.find('>') {
        let (text, tag) = rest[..=end].split_at(rest.find('<').unwrap_or(0));
        rest = &rest[end + 1..];
        out += &shield(text);
        match tag_name(tag) {
            "svg" => out += &root(tag, alt),
            // The page names the drawing, in its own language.
            "title" => rest = rest.split_once("</title>").map_or(rest, |(_, after)| after),
            "rect" if attribute(tag, "fill") == Some(PAPER) => {}
            "text" if cells.iter().any(|cell| cell.holds(tag)) => out += &own_names(name, tag),
            _ => out += &own_names(name, &colours(tag)),
        }
    }
    Ok(out)
}

/// A filled rectangle: what is written on it keeps the colour it was given for it.
struct Cell {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl Cell {
    fn holds(&self, text: &str) -> bool {
        let at = |name| attribute(text, name).and_then(|v| v.parse::<f64>().ok());
        let (Some(x), Some(y)) = (at("x"), at("y")) else {
            return false;
        };
        (self.x..=self.x + self.width).contains(&x) && (self.y..=self.y + self.height).contains(&y)
    }
}

fn cells(svg: &str) -> Vec<Cell> {
    let filled = |tag: &&str| {
        let fill = attribute(tag, "fill");
        fill.is_some_and(|fill| fill != "none" && fill != PAPER)
    };
    svg.split_inclusive('>')
        .filter_map(|part| part.find("<rect ").map(|at| &part[at..]))
        .filter(filled)
        .filter_map(|tag| {
            let number = |name| attribute(tag, name)?.parse().ok();
            Some(Cell {
                x: number("x")?,
                y: number("y")?,
                width: number("width")?,
                height: number("height")?,
            })
        })
        .collect()
}

fn tag_name(tag: &str) -> &str {
    let name = tag.trim_start_matches('<');
    name.split([' ', '>', '/']).next().unwrap_or_default()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split('"').next()
}

/// `<svg …>` with the size it was drawn in, scaled by the page's style.
fn root(tag: &str, alt: &str) -> String {
    let mut out = String::from("<svg");
    for name in ["width", "height", "viewBox"] {
        if let Some(value) = attribute(tag, name) {
            out += &format!(" {name}=\"{value}\"");
        }
    }
    out + &format!(" role=\"img\" aria-label=\"{}\">", escape(alt))
}

fn colours(tag: &str) -> String {
    let mut tag = tag.to_owned();
    for (drawn, shown) in COLOURS {
        for drawn in [drawn.to_string(), drawn.to_lowercase()] {
            tag = tag.replace(&format!("\"{drawn}\""), &format!("\"{shown}\""));
        }
    }
    tag
}

/// Identifiers get the figure's name before them: several figures share a page.
fn own_names(name: &str, tag: &str) -> String {
    tag.replace(" id=\"", &format!(" id=\"{name}-"))
        .replace("url(#", &format!("url(#{name}-"))
        .replace("href=\"#", &format!("href=\"#{name}-"))
}

/// Text of the drawing, safe from Markdown if it is ever read as such.
fn shield(text: &str) -> String {
    text.replace('`', "&#96;").replace('$', "&#36;")
}

/// Text within an attribute.
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
<text id="t" x="99" y="15" fill="#222222">
a b
</text>
<use href="#t"/>
</svg>
"##;

    #[test]
    fn a_drawing_takes_on_the_colours_of_the_page() {
        assert_eq!(
            inline("gates", SVG, "a \"b\" & c").unwrap(),
            "<svg width=\"760\" height=\"360\" viewBox=\"0 0 6080 2880\" role=\"img\" \
             aria-label=\"a &quot;b&quot; &amp; c\">\
             <rect x=\"10\" y=\"10\" width=\"20\" height=\"20\" fill=\"#A9BECC\"/>\
             <text x=\"15\" y=\"15\" fill=\"#222222\">1.0</text>\
             <text id=\"gates-t\" x=\"99\" y=\"15\" fill=\"currentColor\">a b</text>\
             <use href=\"#gates-t\"/></svg>"
        );
    }

    #[test]
    fn what_is_no_drawing_is_said() {
        assert!(inline("x", "<html>", "").is_err());
    }
}
