//! The drawing of one step as a file of its own, for the README: forges show files and no drawings
//! inside a text.

use crate::chapter;
use std::io::{Error, Result};

/// The page that holds the drawing.
const PAGE: &str = "one-page";

/// Text and lines that belong to no stage.
const INK: &str = "#1f2328";

/// The colours of the four stages, forget, write, update and output, as on the page.
const STAGES: [(&str, &str); 4] = [
    ("stage-ink-1", "#c44e00"),
    ("stage-ink-2", "#007a5a"),
    ("stage-ink-3", "#0067a5"),
    ("stage-ink-4", "#7b3fa0"),
];

/// The page's first drawing, in colours that need no style sheet.
pub fn step() -> Result<String> {
    let page = chapter(PAGE)?;
    let drawing = page
        .split_once("<svg ")
        .and_then(|(_, rest)| rest.split_once("</svg>"))
        .ok_or_else(|| Error::other(format!("book/en/{PAGE}.md has no drawing")))?;
    let mut svg = String::from("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"520\" ");
    // Each line of the drawing belongs to one stage or to none.
    for (n, line) in drawing.0.lines().enumerate() {
        let stage = STAGES.iter().find(|(class, _)| line.contains(class));
        let colour = stage.map_or(INK, |(_, colour)| colour);
        let line = line.replace("currentColor", colour);
        svg += &line.replace("font-family=\"inherit\"", "font-family=\"sans-serif\"");
        svg.push('\n');
        if n == 0 {
            svg += "<rect width=\"520\" height=\"330\" fill=\"white\"/>\n";
        }
    }
    Ok(svg + "</svg>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_has_every_stage_in_its_colour_and_needs_no_page() {
        let svg = step().unwrap();
        for (_, colour) in STAGES {
            assert!(svg.contains(&format!("stroke=\"{colour}\"")), "{colour}");
        }
        for word in ["forget", "write", "update", "output"] {
            assert!(svg.contains(word), "{word}");
        }
        assert!(!svg.contains("currentColor") && !svg.contains("inherit") && !svg.contains("var("));
    }
}
