//! Bar charts, and dots where an axis is logarithmic: there a bar has no length that means anything.

use crate::card::{self, COLOURS, FONT, GRID, INK, text_width};
use crate::{Axis, PlotError, Scale};
use plotters::style::text_anchor::HPos;

/// One bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// The text to the left of the bar.
    pub name: String,
    /// The end of the bar on the axis.
    pub value: f64,
    /// The text to the right of the bar.
    pub note: String,
    /// Whether the bar is an upper limit and not a measurement: grey, with a dashed line across the
    /// chart.
    pub is_limit: bool,
}

/// Bars along one axis, from top to bottom.
#[derive(Clone, Debug, PartialEq)]
pub struct BarChart {
    /// The title for screen readers.
    pub title: String,
    /// The axis.
    pub axis: Axis,
    /// The heading of the notes.
    pub notes: String,
    /// The bars.
    pub bars: Vec<Bar>,
}

const WIDTH: f64 = 760.0;
const TOP: f64 = 34.0;
const PITCH: f64 = 34.0;
const THICKNESS: f64 = 20.0;
const DOT: f64 = 6.5;

/// Draws the chart, 760 wide and as high as its bars. On a logarithmic axis each bar is a dot on a line
/// across the chart.
///
/// # Errors
/// [`PlotError::Blank`] without bars; [`PlotError::Axis`] if the axis cannot be drawn;
/// [`PlotError::Empty`] with a bar whose value cannot be drawn; [`PlotError::Outside`] with a bar that
/// is longer than the axis.
pub fn bar_chart(chart: &BarChart) -> Result<String, PlotError> {
    if chart.bars.is_empty() {
        return Err(PlotError::Blank {
            title: chart.title.clone(),
        });
    }
    let along = chart.axis.place()?;
    for bar in &chart.bars {
        check(bar, &chart.axis, &along)?;
    }
    let widest = |text: fn(&Bar) -> &str| {
        let widths = chart.bars.iter().map(|bar| text_width(text(bar)));
        widths.fold(0.0, f64::max)
    };
    let left = 28.0 + widest(|bar| &bar.name);
    let notes = widest(|bar| &bar.note).max(text_width(&chart.notes));
    let right = WIDTH - 32.0 - notes;
    let bottom = TOP + PITCH * chart.bars.len() as f64;
    let px = |v: f64| left + (right - left) * along(v);
    card::draw((WIDTH, bottom + 56.0), &chart.title, |card| {
        for (v, text) in &chart.axis.ticks {
            let x = px(*v);
            card.path(&[(x, TOP), (x, bottom)], GRID, 1.0)?;
            card.write(text, (x, bottom + 15.0), HPos::Center, FONT, INK)?;
        }
        let middle = (f64::midpoint(left, right), bottom + 38.0);
        card.write(&chart.axis.label, middle, HPos::Center, FONT, INK)?;
        let end = WIDTH - 14.0;
        card.write(&chart.notes, (end, TOP - 14.0), HPos::Right, FONT, INK)?;
        let [measured, .., limit] = COLOURS;
        for (n, bar) in chart.bars.iter().enumerate() {
            let (x, y) = (px(bar.value), TOP + PITCH * (n as f64 + 0.5));
            let colour = if bar.is_limit { limit } else { measured };
            card.write(&bar.name, (left - 10.0, y), HPos::Right, FONT, INK)?;
            if chart.axis.scale == Scale::Log {
                card.path(&[(left, y), (right, y)], GRID, 1.0)?;
                card.dot((x, y), DOT, colour)?;
            } else {
                let corner = (left, y - THICKNESS / 2.0);
                card.rectangle(corner, (x - left, THICKNESS), colour)?;
            }
            card.write(&bar.note, (end, y), HPos::Right, FONT, colour)?;
        }
        for bar in chart.bars.iter().filter(|bar| bar.is_limit) {
            let x = px(bar.value);
            card.dashes(&[(x, TOP), (x, bottom)], limit, 1.0)?;
        }
        Ok(())
    })
}

fn check(bar: &Bar, axis: &Axis, along: impl Fn(f64) -> f64) -> Result<(), PlotError> {
    let (curve, x) = (bar.name.clone(), bar.value);
    if !x.is_finite() || (axis.scale == Scale::Log && x <= 0.0) {
        return Err(PlotError::Empty { curve });
    }
    if !(-1e-9..=1.0 + 1e-9).contains(&along(x)) {
        return Err(PlotError::Outside { curve, x, y: 0.0 });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(values: &[f64]) -> BarChart {
        let bar = |&value| Bar {
            name: format!("bar <{value}>"),
            value,
            note: format!("note {value}"),
            is_limit: value == 100.0,
        };
        BarChart {
            title: "bars".into(),
            axis: Axis::logarithmic("speed", &[1.0, 10.0, 100.0]),
            notes: "notes".into(),
            bars: values.iter().map(bar).collect(),
        }
    }

    #[test]
    fn every_bar_has_its_name_and_its_note() {
        let svg = bar_chart(&chart(&[1.0, 10.0, 100.0])).unwrap();
        let texts = ["bar &lt;10&gt;", "note 10", "notes", "speed", "<title>bars"];
        for text in texts {
            assert!(svg.contains(text), "{text} is not in {svg}");
        }
    }

    #[test]
    fn a_logarithmic_axis_has_dots_and_a_linear_one_has_bars() {
        let logarithmic = chart(&[1.0, 10.0, 100.0]);
        let linear = BarChart {
            axis: Axis::linear("speed", &[0.0, 50.0, 100.0]),
            ..logarithmic.clone()
        };
        let count = |chart: &BarChart| {
            let svg = bar_chart(chart).unwrap();
            // The card is a rectangle, too.
            (
                svg.matches("<rect").count() - 1,
                svg.matches("<circle").count(),
            )
        };
        assert_eq!(count(&logarithmic), (0, 3));
        assert_eq!(count(&linear), (3, 0));
    }

    #[test]
    fn equal_ratios_are_equally_far_apart() {
        let svg = bar_chart(&chart(&[1.0, 10.0, 100.0])).unwrap();
        let place = |line: &str| -> i32 {
            let (_, rest) = line.split_once(" cx=\"").unwrap();
            rest.split_once('"').unwrap().0.parse().unwrap()
        };
        let dots = svg.lines().filter(|line| line.starts_with("<circle"));
        let x: Vec<i32> = dots.map(place).collect();
        assert!(((x[2] - x[1]) - (x[1] - x[0])).abs() <= 1, "{x:?}");
    }

    #[test]
    fn undrawable_values_are_an_error() {
        let message = |values: &[f64]| bar_chart(&chart(values)).unwrap_err().to_string();
        assert_eq!(message(&[]), "picture \"bars\" has nothing to draw");
        let nothing = "curve bar <0> has no point that can be drawn";
        assert_eq!(message(&[0.0]), nothing);
        let outside = "curve bar <101> leaves the axes at (101, 0)";
        assert_eq!(message(&[101.0]), outside);
    }
}
