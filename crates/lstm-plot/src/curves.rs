//! Line charts.

use crate::card::{self, COLOURS, Card, FONT, GRID, INK, Place};
use crate::{Axis, PlotError, Scale};
use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

/// One curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Written at its right end.
    pub name: String,
    /// From left to right; points that are not finite, or not positive on a logarithmic axis, are
    /// left out.
    pub points: Vec<(f64, f64)>,
    /// Broken instead of solid.
    pub dashed: bool,
}

/// Curves over one pair of axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// Drawn in this order, each in a colour of its own.
    pub curves: Vec<Curve>,
}

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 360.0;
const LINE_HEIGHT: f64 = 17.0;

/// Panels side by side, 760×360 in all; `title` is for those who cannot see it.
///
/// # Errors
/// [`PlotError::Empty`] naming a curve that has no point to draw.
///
/// # Panics
/// If an axis has fewer than two ticks.
pub fn line_charts(title: &str, panels: &[Panel]) -> Result<String, PlotError> {
    card::draw((WIDTH, HEIGHT), title, |card| {
        let width = WIDTH / panels.len().max(1) as f64;
        for (n, panel) in panels.iter().enumerate() {
            draw(card, panel, n as f64 * width, width)?;
        }
        Ok(())
    })
}

fn draw(card: &Card<'_>, panel: &Panel, x0: f64, width: f64) -> Result<(), PlotError> {
    let longest = panel.curves.iter().map(|c| c.name.chars().count()).max();
    let margin = 20.0 + 7.2 * longest.unwrap_or(0) as f64;
    let (left, right) = (x0 + 66.0, x0 + width - margin);
    let (top, bottom) = (20.0, HEIGHT - 56.0);
    let px = |v: f64| left + (right - left) * panel.x.place(v);
    let py = |v: f64| bottom - (bottom - top) * panel.y.place(v);
    for (v, text) in &panel.x.ticks {
        let x = px(*v);
        card.path(&[(x, top), (x, bottom)], GRID, 1.0)?;
        card.write(text, (x, bottom + 15.0), HPos::Center, FONT, INK)?;
    }
    for (v, text) in &panel.y.ticks {
        let y = py(*v);
        card.path(&[(left, y), (right, y)], GRID, 1.0)?;
        card.write(text, (left - 8.0, y), HPos::Right, FONT, INK)?;
    }
    let middle = (f64::midpoint(left, right), HEIGHT - 18.0);
    card.write(&panel.x.label, middle, HPos::Center, FONT, INK)?;
    card.write_upwards(&panel.y.label, (x0 + 14.0, f64::midpoint(top, bottom)))?;

    let mut ends = Vec::new();
    for (curve, colour) in panel.curves.iter().zip(COLOURS.into_iter().cycle()) {
        let points: Vec<Place> = curve
            .points
            .iter()
            .filter(|(x, y)| is_drawable(&panel.x, *x) && is_drawable(&panel.y, *y))
            .map(|&(x, y)| (px(x), py(y)))
            .collect();
        match points.as_slice() {
            [] => {
                return Err(PlotError::Empty {
                    curve: curve.name.clone(),
                });
            }
            [point] => card.dot(*point, colour)?,
            points if curve.dashed => card.dashes(points, colour, 2.0)?,
            points => card.path(points, colour, 2.0)?,
        }
        ends.push((points[points.len() - 1].1, colour, &curve.name));
    }
    write_names(card, ends, right + 8.0)
}

/// Names stand at the ends of their curves, moved up where they would cover one another.
fn write_names(
    card: &Card<'_>,
    mut ends: Vec<(f64, RGBColor, &String)>,
    x: f64,
) -> Result<(), PlotError> {
    ends.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut free = f64::INFINITY;
    for (y, colour, name) in ends {
        let y = y.min(free - LINE_HEIGHT);
        free = y;
        card.write(name, (x, y), HPos::Left, FONT, colour)?;
    }
    Ok(())
}

fn is_drawable(axis: &Axis, v: f64) -> bool {
    v.is_finite() && (axis.scale == Scale::Linear || v > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(points: &[(f64, f64)]) -> Panel {
        let curve = |name: &str, points: &[(f64, f64)], dashed| Curve {
            name: name.into(),
            points: points.to_vec(),
            dashed,
        };
        Panel {
            x: Axis::linear("step", &[0.0, 5.0, 10.0]),
            y: Axis::powers_of_ten("loss", &[-2, 0, 2]),
            curves: vec![
                curve("train", points, false),
                curve("val <&>", points, true),
            ],
        }
    }

    #[test]
    fn labels_names_and_title_are_in_the_picture() {
        let svg = line_charts("a \"title\"", &[panel(&[(0.0, 1.0), (10.0, 0.1)])]).unwrap();
        for text in [
            "step",
            "loss",
            "train",
            "val &lt;&amp;&gt;",
            "10⁻²",
            "<title>a &quot;title&quot;</title>",
        ] {
            assert!(svg.contains(text), "{text} is not in {svg}");
        }
        assert!(svg.starts_with("<svg role=\"img\"") && svg.trim_end().ends_with("</svg>"));
        assert!(svg.contains("width=\"760\" height=\"360\" viewBox=\"0 0 6080 2880\""));
    }

    #[test]
    fn the_same_numbers_draw_the_same_bytes() {
        let draw = || line_charts("", &[panel(&[(0.0, 1.0), (10.0, 0.1)])]).unwrap();
        assert_eq!(draw(), draw());
    }

    #[test]
    fn what_cannot_be_drawn_is_left_out_and_nothing_left_is_an_error() {
        let clean = line_charts("", &[panel(&[(1.0, 1.0), (9.0, 2.0)])]).unwrap();
        let dirty = [
            (1.0, 1.0),
            (2.0, f64::NAN),
            (3.0, 0.0),
            (4.0, -1.0),
            (9.0, 2.0),
        ];
        assert_eq!(line_charts("", &[panel(&dirty)]).unwrap(), clean);
        let error = line_charts("", &[panel(&[(1.0, f64::NAN)])]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "curve train has no point that can be drawn"
        );
    }

    #[test]
    fn a_single_point_is_a_dot() {
        let svg = line_charts("", &[panel(&[(5.0, 1.0)])]).unwrap();
        assert_eq!(svg.matches("<circle").count(), 2);
    }
}
