//! Heat maps over a sequence, with a column for each step and a row for each unit.

use crate::PlotError;
use crate::card::{self, Card, FONT, Font, INK, Place, text_width};
use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

/// The range of the colours of a group of rows. A number outside the range has the colour of the nearer
/// end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// 0 to 1: light to this tone.
    Unit(Tone),
    /// −1 to 1: blue, light, orange.
    Signed,
}

/// The colours of the gates of an LSTM, the same in all pictures.
impl Range {
    /// i, between 0 and 1.
    pub const INPUT_GATE: Self = Self::Unit(Tone::Green);
    /// f, between 0 and 1.
    pub const FORGET_GATE: Self = Self::Unit(Tone::Purple);
    /// g, between −1 and 1.
    pub const CANDIDATE: Self = Self::Signed;
    /// o, between 0 and 1.
    pub const OUTPUT_GATE: Self = Self::Unit(Tone::Gold);
}

/// The colour of 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Blue.
    Blue,
    /// Green.
    Green,
    /// Purple.
    Purple,
    /// A dark yellow.
    Gold,
}

/// A group of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// The name, written to the left of the group. The key to the colours repeats it up to `: `.
    pub name: String,
    /// The range of the colours.
    pub range: Range,
    /// The rows, each with a number for every column. Numbers that are not finite are dark grey.
    pub values: Vec<Vec<f64>>,
}

/// Groups of rows over the same columns.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMap {
    /// The title above the map, which screen readers also read.
    pub title: String,
    /// One short label for every column.
    pub columns: Vec<String>,
    /// The groups from top to bottom.
    pub groups: Vec<Rows>,
    /// The width of a cell in pixels.
    pub cell_width: f64,
    /// The height of a cell in pixels.
    pub cell_height: f64,
}

/// The smallest width of the column with the names of the groups.
const LEFT: f64 = 58.0;
const TOP: f64 = 62.0;
const GAP: f64 = 10.0;
/// The colour of numbers that are not finite, a grey unlike all colours of the ranges.
const MISSING: RGBColor = RGBColor(48, 48, 48);
/// The colour of 0.
pub const ZERO: [f64; 3] = [232.0, 230.0, 224.0];
const SMALL: Font = ("monospace", 12.0);

/// Draws the map with the labels of the columns above and below it and a key to the colours.
///
/// # Errors
/// [`PlotError::Blank`] without columns or rows; [`PlotError::Cell`] if the size of the cells is not
/// positive; [`PlotError::Ragged`] with the first row that does not fit the columns.
pub fn heat_map(map: &HeatMap) -> Result<String, PlotError> {
    for group in &map.groups {
        for (row, values) in group.values.iter().enumerate() {
            if values.len() != map.columns.len() {
                return Err(PlotError::Ragged {
                    group: group.name.clone(),
                    row,
                    found: values.len(),
                    expected: map.columns.len(),
                });
            }
        }
    }
    let rows: usize = map.groups.iter().map(|group| group.values.len()).sum();
    if rows == 0 || map.columns.is_empty() {
        return Err(PlotError::Blank {
            title: map.title.clone(),
        });
    }
    let (width, height) = (map.cell_width, map.cell_height);
    if !(is_size(width) && is_size(height)) {
        return Err(PlotError::Cell { width, height });
    }
    let names = map.groups.iter().map(|group| text_width(&group.name));
    let left = names.fold(LEFT - 20.0, f64::max) + 20.0;
    let gaps = GAP * map.groups.len().saturating_sub(1) as f64;
    let bottom = TOP + rows as f64 * map.cell_height + gaps;
    let keys = keys(&map.groups);
    let across = (map.columns.len() as f64 * map.cell_width).max(text_width(&map.title));
    let across = across.max(keys.iter().map(|(_, names)| key_width(names)).sum());
    let width = (left + across + 20.0).max(480.0);
    card::draw((width, bottom + 58.0), &map.title, |card| {
        card.write(&map.title, (left, 22.0), HPos::Left, FONT, INK)?;
        write_columns(card, map, left, TOP - 12.0)?;
        write_columns(card, map, left, bottom + 12.0)?;
        let mut y = TOP;
        for group in &map.groups {
            let height = group.values.len() as f64 * map.cell_height;
            let middle = (left - 10.0, y + height / 2.0);
            card.write(&group.name, middle, HPos::Right, FONT, INK)?;
            for values in &group.values {
                for (n, &v) in values.iter().enumerate() {
                    let at = (left + n as f64 * map.cell_width, y);
                    let size = (map.cell_width, map.cell_height);
                    card.rectangle(at, size, colour(group.range, v))?;
                }
                y += map.cell_height;
            }
            y += GAP;
        }
        let mut x = left;
        for (range, names) in &keys {
            key(card, *range, names, (x, bottom + 38.0))?;
            x += key_width(names);
        }
        Ok(())
    })
}

fn is_size(v: f64) -> bool {
    v.is_finite() && v > 0.0
}

fn write_columns(card: &Card<'_>, map: &HeatMap, left: f64, y: f64) -> Result<(), PlotError> {
    for (n, label) in map.columns.iter().enumerate() {
        let x = left + (n as f64 + 0.5) * map.cell_width;
        card.write(label, (x, y), HPos::Center, SMALL, INK)?;
    }
    Ok(())
}

/// Each range with the beginnings of the names of its groups; without names if there is one range.
fn keys(groups: &[Rows]) -> Vec<(Range, String)> {
    let mut keys: Vec<(Range, String)> = Vec::new();
    for Rows { name, range, .. } in groups {
        let name = name.split(": ").next().unwrap_or_default();
        match keys.iter_mut().find(|key| key.0 == *range) {
            Some((_, names)) => *names = format!("{names}, {name}"),
            None => keys.push((*range, name.to_owned())),
        }
    }
    if let [(_, names)] = keys.as_mut_slice() {
        names.clear();
    }
    keys
}

fn key_width(names: &str) -> f64 {
    text_width(names) + 176.0
}

/// Draws the key to the colours of a range.
fn key(card: &Card<'_>, range: Range, names: &str, (x, y): Place) -> Result<(), PlotError> {
    card.write(names, (x, y), HPos::Left, FONT, INK)?;
    let x = x + text_width(names);
    let (low, written) = match range {
        Range::Unit(_) => (0.0, "0"),
        Range::Signed => (-1.0, "−1"),
    };
    card.write(written, (x + 14.0, y), HPos::Right, FONT, INK)?;
    for n in 0..12 {
        let v = low + (1.0 - low) * f64::from(n) / 11.0;
        let at = (x + 20.0 + 10.0 * f64::from(n), y - 6.0);
        card.rectangle(at, (10.0, 12.0), colour(range, v))?;
    }
    card.write("1", (x + 146.0, y), HPos::Left, FONT, INK)
}

/// The colour of a number.
pub(crate) fn colour(range: Range, v: f64) -> RGBColor {
    const ORANGE: [f64; 3] = [200.0, 80.0, 0.0];
    if !v.is_finite() {
        return MISSING;
    }
    let end = match range {
        Range::Signed if v > 0.0 => ORANGE,
        Range::Signed => Tone::Blue.rgb(),
        Range::Unit(tone) => tone.rgb(),
    };
    let part = match range {
        Range::Unit(_) => v.clamp(0.0, 1.0),
        Range::Signed => v.abs().min(1.0),
    };
    mix(ZERO, end, part)
}

impl Tone {
    fn rgb(self) -> [f64; 3] {
        match self {
            Self::Blue => [0.0, 84.0, 150.0],
            Self::Green => [0.0, 110.0, 80.0],
            Self::Purple => [110.0, 50.0, 150.0],
            Self::Gold => [125.0, 98.0, 0.0],
        }
    }
}

/// The mixture of two colours with the weights 1 − `part` and `part`.
pub fn mix(from: [f64; 3], to: [f64; 3], part: f64) -> RGBColor {
    let mix = |k: usize| (from[k] + (to[k] - from[k]) * part).round() as u8;
    RGBColor(mix(0), mix(1), mix(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: [Range; 5] = [
        Range::Signed,
        Range::Unit(Tone::Blue),
        Range::INPUT_GATE,
        Range::FORGET_GATE,
        Range::OUTPUT_GATE,
    ];

    fn map() -> HeatMap {
        let group = |name: &str, range, values| Rows {
            name: name.into(),
            range,
            values,
        };
        HeatMap {
            title: "gates".into(),
            columns: ["门", "<", "␣"].map(String::from).to_vec(),
            groups: vec![
                group("i", Range::Unit(Tone::Blue), vec![vec![0.0, 0.5, 1.0]; 2]),
                group("g", Range::Signed, vec![vec![-1.0, f64::NAN, 1.0]]),
            ],
            cell_width: 10.0,
            cell_height: 6.0,
        }
    }

    #[test]
    fn every_number_is_a_cell_and_every_label_is_written_twice() {
        let svg = heat_map(&map()).unwrap();
        // The card, 9 cells, and 12 colours in each of the two keys.
        assert_eq!(svg.matches("<rect").count(), 1 + 9 + 24);
        for label in ["\n门\n", "\n&lt;\n", "\n␣\n"] {
            assert_eq!(svg.matches(label).count(), 2, "{label:?} in {svg}");
        }
    }

    #[test]
    fn colours_run_from_one_end_to_the_other() {
        assert_eq!(
            colour(Range::Unit(Tone::Blue), 0.0),
            colour(Range::Signed, 0.0)
        );
        assert_eq!(
            colour(Range::Unit(Tone::Blue), 1.0),
            colour(Range::Signed, -1.0)
        );
        assert_ne!(colour(Range::Signed, 1.0), colour(Range::Signed, -1.0));
        assert_eq!(
            colour(Range::Unit(Tone::Blue), 9.0),
            colour(Range::Unit(Tone::Blue), 1.0)
        );
    }

    #[test]
    fn numbers_that_are_not_finite_have_their_own_colour() {
        for range in EVERY {
            for v in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                assert_eq!(colour(range, v), MISSING);
            }
            for n in -100..=100 {
                let v = f64::from(n) / 100.0;
                let RGBColor(r, g, b) = colour(range, v);
                let far = |a: u8, b: u8| a.abs_diff(b) >= 40;
                let RGBColor(r0, g0, b0) = MISSING;
                assert!(far(r, r0) || far(g, g0) || far(b, b0), "{range:?} {v}");
            }
        }
        let svg = heat_map(&map()).unwrap();
        assert_eq!(svg.matches("fill=\"#303030\"").count(), 1);
    }

    #[test]
    fn the_same_numbers_draw_the_same_bytes() {
        assert_eq!(heat_map(&map()).unwrap(), heat_map(&map()).unwrap());
    }

    #[test]
    fn the_gates_have_different_colours_and_the_key_names_them() {
        let ends: Vec<_> = EVERY[1..].iter().map(|range| colour(*range, 1.0)).collect();
        for (n, end) in ends.iter().enumerate() {
            assert!(!ends[..n].contains(end) && *end != colour(Range::Signed, 1.0));
        }
        let rows = |name: &str, range| Rows {
            name: name.into(),
            range,
            values: vec![vec![0.5]],
        };
        let groups = [
            rows("i: input gate", Range::INPUT_GATE),
            rows("g: candidate", Range::CANDIDATE),
            rows("tanh c: cell", Range::Signed),
        ];
        let expected = [
            (Range::INPUT_GATE, "i".to_owned()),
            (Range::Signed, "g, tanh c".to_owned()),
        ];
        assert_eq!(keys(&groups), expected);
        assert_eq!(keys(&groups[1..])[0].1, "");
    }

    #[test]
    fn an_empty_map_is_an_error() {
        let blank = PlotError::Blank {
            title: "gates".into(),
        };
        let no_groups = HeatMap {
            groups: Vec::new(),
            ..map()
        };
        assert_eq!(heat_map(&no_groups).unwrap_err(), blank);
        let mut no_columns = map();
        no_columns.columns.clear();
        for group in &mut no_columns.groups {
            group.values.fill(Vec::new());
        }
        assert_eq!(heat_map(&no_columns).unwrap_err(), blank);
        for cell_width in [0.0, -3.0, f64::INFINITY] {
            let map = HeatMap {
                cell_width,
                ..map()
            };
            let (width, height) = (cell_width, 6.0);
            let error = heat_map(&map).unwrap_err();
            assert_eq!(error, PlotError::Cell { width, height });
        }
    }

    #[test]
    fn the_error_names_a_row_of_another_length() {
        let mut ragged = map();
        ragged.groups[0].values[1].pop();
        let message = heat_map(&ragged).unwrap_err().to_string();
        assert_eq!(message, "row 1 of i has 2 numbers for 3 columns");
    }
}
