//! Line charts.

use crate::card::{self, COLOURS, Card, FONT, GRID, INK, Place, text_width};
use crate::{Axis, PlotError, Scale};
use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

/// One curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// The name, written at the right end of the curve.
    pub name: String,
    /// The points from left to right. Points that are not finite, or not positive on a logarithmic axis,
    /// are not drawn.
    pub points: Vec<(f64, f64)>,
    /// Whether the curve is dashed.
    pub dashed: bool,
    /// A point of the curve that has a dot and a text.
    pub mark: Option<Mark>,
}

/// A point with a text. A dashed line leads up from the point to the text at the top.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// The point.
    pub at: (f64, f64),
    /// The text.
    pub text: String,
}

/// Curves over one pair of axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// The curves in drawing order. The first five have different colours. Without curves, only the axes
    /// are drawn.
    pub curves: Vec<Curve>,
}

/// The area between the lower and the upper ends of intervals, under all curves.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// The lower ends from left to right.
    pub low: Vec<(f64, f64)>,
    /// The upper ends from left to right.
    pub high: Vec<(f64, f64)>,
    /// The curve that has the colour of the band.
    pub curve: usize,
}

/// The radius of a point.
const DOT: f64 = 3.0;
const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 360.0;
const LINE_HEIGHT: f64 = 17.0;

/// Draws panels side by side, 760×360 pixels in total. Screen readers read `title`.
///
/// # Errors
/// [`PlotError::Blank`] without panels; [`PlotError::Axis`] with an axis that cannot be drawn;
/// [`PlotError::Empty`] with a curve that has no point to draw; [`PlotError::Outside`] with a curve
/// that has a point outside the axes.
pub fn line_charts(title: &str, panels: &[Panel]) -> Result<String, PlotError> {
    if panels.is_empty() {
        return Err(PlotError::Blank {
            title: title.to_owned(),
        });
    }
    card::draw((WIDTH, HEIGHT), title, |card| {
        let width = WIDTH / panels.len() as f64;
        for (n, panel) in panels.iter().enumerate() {
            draw(card, panel, &[], n as f64 * width, width)?;
        }
        Ok(())
    })
}

/// Draws one panel as [`line_charts`] does, over bands.
///
/// # Errors
/// As [`line_charts`]; a band outside the axes is an error, too.
pub fn band_chart(title: &str, bands: &[Band], panel: &Panel) -> Result<String, PlotError> {
    card::draw((WIDTH, HEIGHT), title, |card| {
        draw(card, panel, bands, 0.0, WIDTH)
    })
}

fn draw(
    card: &Card<'_>,
    panel: &Panel,
    bands: &[Band],
    x0: f64,
    width: f64,
) -> Result<(), PlotError> {
    let names = widest(panel.curves.iter().map(|curve| &curve.name));
    let numbers = widest(panel.y.ticks.iter().map(|tick| &tick.1));
    let left = x0 + f64::max(66.0, 30.0 + numbers);
    let right = x0 + width - 20.0 - names;
    let (top, bottom) = (20.0, HEIGHT - 56.0);
    let (along, up) = (panel.x.place()?, panel.y.place()?);
    let px = |v: f64| left + (right - left) * along(v);
    let py = |v: f64| bottom - (bottom - top) * up(v);
    // A computed tick may differ from its value by a rounding error.
    let is_inside = |place: f64| (-1e-9..=1.0 + 1e-9).contains(&place);
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

    let place = |&(x, y): &(f64, f64)| {
        let is_inside = is_inside(along(x)) && is_inside(up(y));
        is_inside.then(|| (px(x), py(y)))
    };
    for band in bands {
        fill(card, band, place)?;
    }
    let mut ends = Vec::new();
    for (curve, colour) in panel.curves.iter().zip(COLOURS.into_iter().cycle()) {
        let drawable = curve.points.iter().copied();
        let drawable: Vec<(f64, f64)> = drawable
            .filter(|(x, y)| is_drawable(&panel.x, *x) && is_drawable(&panel.y, *y))
            .collect();
        let placed = drawable
            .iter()
            .map(|at| place(at).ok_or_else(|| outside(&curve.name, *at)));
        let points = placed.collect::<Result<Vec<Place>, _>>()?;
        trace(card, curve, &points, colour)?;
        ends.push((points[points.len() - 1].1, colour, &curve.name));
        if let Some(Mark { at, text }) = &curve.mark {
            let at = place(at).ok_or_else(|| outside(&curve.name, *at))?;
            mark(card, text, at, (left, right, top), colour)?;
        }
    }
    write_names(card, ends, right + 8.0)
}

fn trace(
    card: &Card<'_>,
    curve: &Curve,
    points: &[Place],
    colour: RGBColor,
) -> Result<(), PlotError> {
    match points {
        [] => Err(PlotError::Empty {
            curve: curve.name.clone(),
        }),
        [point] => card.dot(*point, DOT, colour),
        points if curve.dashed => card.dashes(points, colour, 2.0),
        points => card.path(points, colour, 2.0),
    }
}

fn outside(curve: &str, (x, y): (f64, f64)) -> PlotError {
    let curve = curve.to_owned();
    PlotError::Outside { curve, x, y }
}

/// Fills a band. `place` says where a point inside the axes is on the card.
fn fill(
    card: &Card<'_>,
    band: &Band,
    place: impl Fn(&(f64, f64)) -> Option<Place>,
) -> Result<(), PlotError> {
    let outline = band.low.iter().chain(band.high.iter().rev());
    let placed = outline.map(|at| place(at).ok_or_else(|| outside("of a band", *at)));
    let outline = placed.collect::<Result<Vec<Place>, _>>()?;
    card.area(&outline, COLOURS[band.curve % COLOURS.len()])
}

fn mark(
    card: &Card<'_>,
    text: &str,
    at: Place,
    (left, right, top): (f64, f64, f64),
    colour: RGBColor,
) -> Result<(), PlotError> {
    card.dot(at, DOT, colour)?;
    card.dashes(&[at, (at.0, top)], colour, 1.0)?;
    // On the side where there is more room.
    let (x, anchor) = if at.0 > f64::midpoint(left, right) {
        (at.0 - 6.0, HPos::Right)
    } else {
        (at.0 + 6.0, HPos::Left)
    };
    card.write(text, (x, top + 8.0), anchor, FONT, colour)
}

/// Writes names at the ends of their curves. Names that would overlap are moved up, and names that
/// would leave the card are moved down.
fn write_names(
    card: &Card<'_>,
    mut ends: Vec<(f64, RGBColor, &String)>,
    x: f64,
) -> Result<(), PlotError> {
    ends.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut free = f64::INFINITY;
    for (y, ..) in &mut ends {
        *y = y.min(free - LINE_HEIGHT);
        free = *y;
    }
    let mut free = LINE_HEIGHT / 2.0;
    for (y, ..) in ends.iter_mut().rev() {
        *y = y.max(free);
        free = *y + LINE_HEIGHT;
    }
    for (y, colour, name) in ends {
        card.write(name, (x, y), HPos::Left, FONT, colour)?;
    }
    Ok(())
}

fn widest<'a>(texts: impl Iterator<Item = &'a String>) -> f64 {
    texts.map(|text| text_width(text)).fold(0.0, f64::max)
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
            mark: None,
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
    fn undrawable_points_are_left_out_and_a_curve_without_points_is_an_error() {
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
    fn points_outside_the_axes_are_an_error() {
        let message = |panels: &[Panel]| line_charts("t", panels).unwrap_err().to_string();
        assert_eq!(message(&[]), "picture \"t\" has nothing to draw");
        assert_eq!(
            message(&[panel(&[(0.0, 1.0), (11.0, 1.0)])]),
            "curve train leaves the axes at (11, 1)"
        );
        assert_eq!(
            message(&[panel(&[(0.0, 1.0), (5.0, 101.0)])]),
            "curve train leaves the axes at (5, 101)"
        );
        let mut one_tick = panel(&[(0.0, 1.0)]);
        one_tick.x.ticks.truncate(1);
        let error = line_charts("t", &[one_tick]).unwrap_err();
        assert_eq!(
            error,
            PlotError::Axis {
                label: "step".into()
            }
        );
    }

    #[test]
    fn names_stay_on_the_card_and_apart() {
        let mut crowded = panel(&[(0.0, 100.0), (10.0, 100.0)]);
        crowded.curves = vec![crowded.curves[0].clone(); 5];
        let svg = line_charts("", &[crowded]).unwrap();
        let coloured = |line: &&str| COLOURS.iter().any(|c| line.contains(&hex(*c)));
        let texts = svg.lines().filter(|line| line.starts_with("<text"));
        let mut heights: Vec<i32> = texts.filter(coloured).map(y_of).collect();
        heights.sort_unstable();
        assert_eq!(heights.len(), 5);
        let line = (8.0 * LINE_HEIGHT) as i32;
        assert!(heights[0] >= line / 2, "{heights:?}");
        assert!(
            heights.windows(2).all(|w| w[1] - w[0] >= line),
            "{heights:?}"
        );
    }

    fn hex(RGBColor(r, g, b): RGBColor) -> String {
        format!("#{r:02X}{g:02X}{b:02X}")
    }

    fn y_of(line: &str) -> i32 {
        let (_, rest) = line.split_once(" y=\"").unwrap();
        rest.split_once('"').unwrap().0.parse().unwrap()
    }

    #[test]
    fn a_mark_is_a_dot_with_its_text_and_lies_inside_the_axes() {
        let mut marked = panel(&[(0.0, 1.0), (10.0, 0.1)]);
        let text = "lowest <0.1>".to_owned();
        let at = (8.0, 0.1);
        marked.curves[1].mark = Some(Mark { at, text });
        let svg = line_charts("", &[marked.clone()]).unwrap();
        assert_eq!(svg.matches("<circle").count(), 1);
        assert!(svg.contains("lowest &lt;0.1&gt;"), "{svg}");
        marked.curves[1].mark.as_mut().unwrap().at.0 = 10.5;
        let error = line_charts("", &[marked]).unwrap_err().to_string();
        assert_eq!(error, "curve val <&> leaves the axes at (10.5, 0.1)");
    }

    #[test]
    fn a_band_is_a_light_area_of_its_curve_s_colour_inside_the_axes() {
        let flat = panel(&[(0.0, 1.0), (10.0, 1.0)]);
        let mut band = Band {
            low: vec![(5.0, 0.1), (10.0, 0.1)],
            high: vec![(5.0, 10.0), (10.0, 10.0)],
            curve: 1,
        };
        let svg = band_chart("t", &[band.clone()], &flat).unwrap();
        let area = svg.lines().find(|line| line.starts_with("<polygon"));
        let area = area.unwrap();
        assert!(area.contains("opacity=\"0.2\" fill=\"#C44E00\""), "{area}");
        assert_eq!(
            band_chart("t", &[], &flat),
            line_charts("t", std::slice::from_ref(&flat))
        );
        band.high[1].0 = 11.0;
        let error = band_chart("t", &[band], &flat).unwrap_err().to_string();
        assert_eq!(error, "curve of a band leaves the axes at (11, 10)");
    }

    #[test]
    fn a_single_point_is_a_dot() {
        let svg = line_charts("", &[panel(&[(5.0, 1.0)])]).unwrap();
        assert_eq!(svg.matches("<circle").count(), 2);
    }
}
