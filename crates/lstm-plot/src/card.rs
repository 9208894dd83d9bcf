//! The card on which every picture is drawn, and the shapes that the pictures use.
//!
//! Positions are fractions of pixels. The SVG backend of plotters has only whole numbers, so it draws on
//! a canvas that is [`SCALE`] times as large, and the view box of the SVG scales the picture down.

use crate::PlotError;
use plotters::coord::Shift;
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::FontTransform;
use plotters::style::text_anchor::{HPos, Pos, VPos};

const SCALE: f64 = 8.0;

pub const PAPER: RGBColor = RGBColor(251, 250, 247);
pub const INK: RGBColor = RGBColor(34, 34, 34);
pub const GRID: RGBColor = RGBColor(221, 217, 208);

/// Colours that colour-blind readers can distinguish, dark enough for text on the card.
pub const COLOURS: [RGBColor; 5] = [
    RGBColor(0, 103, 165),
    RGBColor(196, 78, 0),
    RGBColor(0, 122, 90),
    RGBColor(123, 63, 160),
    RGBColor(100, 100, 100),
];

/// A position or a size in pixels.
pub type Place = (f64, f64);

/// A typeface and its size in pixels.
pub type Font = (&'static str, f64);

pub const FONT: Font = ("sans-serif", 14.0);

/// The drawing area of a card.
pub struct Card<'a>(DrawingArea<SVGBackend<'a>, Shift>);

/// Draws on a card of `size` and returns the SVG. Screen readers read `title`.
pub fn draw(
    size: Place,
    title: &str,
    paint: impl FnOnce(&Card<'_>) -> Result<(), PlotError>,
) -> Result<String, PlotError> {
    let mut svg = String::new();
    let (width, height) = canvas(size);
    {
        let backend = SVGBackend::with_string(&mut svg, (width as u32, height as u32));
        let card = Card(backend.into_drawing_area());
        card.0.fill(&PAPER).map_err(PlotError::drawing)?;
        paint(&card)?;
        card.0.present().map_err(PlotError::drawing)?;
    }
    let from = format!("<svg width=\"{width}\" height=\"{height}\"");
    let to = format!(
        "<svg role=\"img\" style=\"max-width:100%;height:auto\" width=\"{}\" height=\"{}\"",
        size.0, size.1
    );
    let (open, body) = svg.split_at(svg.find('>').map_or(0, |end| end + 1));
    let title = escape(title);
    Ok(format!(
        "{}\n<title>{title}</title>{body}",
        open.replacen(&from, &to, 1)
    ))
}

/// An upper estimate of the width of a text in [`FONT`].
pub fn text_width(text: &str) -> f64 {
    // Chinese characters, and others of the same width.
    let width = |c: char| if c >= '\u{2e80}' { 14.0 } else { 7.2 };
    text.chars().map(width).sum()
}

impl Card<'_> {
    /// Writes text that is centred vertically on `at`; `anchor` is the side of the text at `at`.
    pub fn write(
        &self,
        text: &str,
        at: Place,
        anchor: HPos,
        font: Font,
        colour: RGBColor,
    ) -> Result<(), PlotError> {
        self.text(text, at, anchor, font, colour, FontTransform::None)
    }

    /// Writes text that runs upwards, centred on `at`.
    pub fn write_upwards(&self, text: &str, at: Place) -> Result<(), PlotError> {
        self.text(text, at, HPos::Center, FONT, INK, FontTransform::Rotate270)
    }

    fn text(
        &self,
        text: &str,
        at: Place,
        anchor: HPos,
        (family, size): Font,
        colour: RGBColor,
        turn: FontTransform,
    ) -> Result<(), PlotError> {
        let font = (family, size * SCALE).into_font().transform(turn);
        let style = font.color(&colour).pos(Pos::new(anchor, VPos::Center));
        self.0
            .draw(&Text::new(legal(text), canvas(at), style))
            .map_err(PlotError::drawing)
    }

    /// Draws a path through `points`, `width` wide.
    pub fn path(&self, points: &[Place], colour: RGBColor, width: f64) -> Result<(), PlotError> {
        let points: Vec<_> = points.iter().copied().map(canvas).collect();
        self.0
            .draw(&PathElement::new(points, stroke(colour, width)))
            .map_err(PlotError::drawing)
    }

    /// Draws a dashed path through `points`, `width` wide.
    pub fn dashes(&self, points: &[Place], colour: RGBColor, width: f64) -> Result<(), PlotError> {
        let points: Vec<_> = points.iter().copied().map(canvas).collect();
        let (dash, gap) = ((6.0 * SCALE) as i32, (5.0 * SCALE) as i32);
        let style = stroke(colour, width);
        let path = DashedPathElement::new(points, dash, gap, style);
        self.0.draw(&path).map_err(PlotError::drawing)
    }

    /// Fills the area inside `outline` lightly.
    pub fn area(&self, outline: &[Place], colour: RGBColor) -> Result<(), PlotError> {
        let outline: Vec<_> = outline.iter().copied().map(canvas).collect();
        self.0
            .draw(&Polygon::new(outline, colour.mix(0.2).filled()))
            .map_err(PlotError::drawing)
    }

    /// Draws a dot at `at`.
    pub fn dot(&self, at: Place, radius: f64, colour: RGBColor) -> Result<(), PlotError> {
        let circle = Circle::new(canvas(at), (radius * SCALE) as i32, colour.filled());
        self.0.draw(&circle).map_err(PlotError::drawing)
    }

    /// Draws a filled rectangle.
    pub fn rectangle(&self, at: Place, size: Place, colour: RGBColor) -> Result<(), PlotError> {
        let corners = [canvas(at), canvas((at.0 + size.0, at.1 + size.1))];
        self.0
            .draw(&Rectangle::new(corners, colour.filled()))
            .map_err(PlotError::drawing)
    }
}

fn canvas((x, y): Place) -> (i32, i32) {
    ((x * SCALE).round() as i32, (y * SCALE).round() as i32)
}

fn stroke(colour: RGBColor, width: f64) -> ShapeStyle {
    colour.stroke_width((width * SCALE) as u32)
}

fn escape(text: &str) -> String {
    let escaped = legal(text).replace('&', "&amp;").replace('<', "&lt;");
    let escaped = escaped.replace('>', "&gt;").replace('"', "&quot;");
    escaped.replace('\'', "&apos;")
}

/// Replaces control characters, most of which XML does not allow.
fn legal(text: &str) -> String {
    text.replace(
        |c: char| (c < ' ' && !"\t\n\r".contains(c)) || "\u{fffe}\u{ffff}".contains(c),
        "\u{fffd}",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        let text = "<&>\"'\u{1}";
        let svg = draw((60.0, 30.0), text, |card| {
            card.write(text, (30.0, 15.0), HPos::Center, FONT, INK)
        });
        let svg = svg.unwrap();
        assert_eq!(svg.matches("&lt;&amp;&gt;&quot;&apos;\u{fffd}").count(), 2);
        assert!(!svg.contains('\u{1}'));
    }

    #[test]
    fn chinese_text_is_wider() {
        assert!(text_width("训练") > text_width("ab"));
    }
}
