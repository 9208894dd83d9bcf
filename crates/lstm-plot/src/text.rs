//! Text in which every character has a colour.

use crate::PlotError;
use crate::card::{self, FONT, Font, INK, text_width};
use crate::heatmap::{ZERO, mix};
use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

/// Lines of text with a number for each character.
#[derive(Clone, Debug, PartialEq)]
pub struct ColouredText {
    /// The title for screen readers.
    pub title: String,
    /// The caption above the text.
    pub caption: String,
    /// The lines. The colours of −1, 0 and 1 are blue, light and orange; numbers that are not finite are
    /// grey.
    pub lines: Vec<Vec<(char, f64)>>,
}

const LEFT: f64 = 20.0;
const TOP: f64 = 44.0;
const CELL: (f64, f64) = (12.0, 22.0);
const PITCH: f64 = 24.0;
const LETTER: Font = ("monospace", 18.0);

/// Draws the text, each character on the colour of its number.
///
/// # Errors
/// [`PlotError::Blank`] without characters.
pub fn coloured_text(text: &ColouredText) -> Result<String, PlotError> {
    let longest = text.lines.iter().map(Vec::len).max().unwrap_or(0);
    if longest == 0 {
        return Err(PlotError::Blank {
            title: text.title.clone(),
        });
    }
    let across = text_width(&text.caption).max(CELL.0 * longest as f64);
    let size = (
        2.0 * LEFT + across,
        TOP + PITCH * text.lines.len() as f64 + 20.0,
    );
    card::draw(size, &text.title, |card| {
        card.write(&text.caption, (LEFT, 22.0), HPos::Left, FONT, INK)?;
        for (row, line) in text.lines.iter().enumerate() {
            for (column, &(c, value)) in line.iter().enumerate() {
                let (x, y) = (LEFT + CELL.0 * column as f64, TOP + PITCH * row as f64);
                card.rectangle((x, y), CELL, colour(value))?;
                let middle = (x + CELL.0 / 2.0, y + CELL.1 / 2.0);
                card.write(&c.to_string(), middle, HPos::Center, LETTER, INK)?;
            }
        }
        Ok(())
    })
}

/// The colour of a number, light enough for a dark letter.
fn colour(value: f64) -> RGBColor {
    const BLUE: [f64; 3] = [90.0, 150.0, 205.0];
    const ORANGE: [f64; 3] = [225.0, 130.0, 50.0];
    const MISSING: RGBColor = RGBColor(120, 120, 120);
    if !value.is_finite() {
        return MISSING;
    }
    let end = if value > 0.0 { ORANGE } else { BLUE };
    mix(ZERO, end, value.abs().min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(lines: &[&[(char, f64)]]) -> ColouredText {
        ColouredText {
            title: "text".into(),
            caption: "a & b".into(),
            lines: lines.iter().map(|line| line.to_vec()).collect(),
        }
    }

    #[test]
    fn every_character_has_its_colour() {
        let lines: [&[_]; 3] = [
            &[('门', -1.0), ('<', 0.0)],
            &[],
            &[('b', 2.0), ('c', f64::NAN)],
        ];
        let svg = coloured_text(&text(&lines)).unwrap();
        // The card and four characters.
        assert_eq!(svg.matches("<rect").count(), 1 + 4);
        for shown in [
            "\n门\n",
            "\n&lt;\n",
            "a &amp; b",
            "#5A96CD",
            "#E8E6E0",
            "#E18232",
            "#787878",
        ] {
            assert!(svg.contains(shown), "{shown} is not in {svg}");
        }
    }

    #[test]
    fn text_without_characters_is_an_error() {
        for lines in [&[][..], &[&[][..]]] {
            let error = coloured_text(&text(lines)).unwrap_err();
            assert_eq!(error.to_string(), "picture \"text\" has nothing to draw");
        }
    }
}
