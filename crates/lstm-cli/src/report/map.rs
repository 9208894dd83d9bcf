//! Numbers over a sequence, each of which is told when the pointer is on it.

use super::html::escaped;
use console::measure_text_width;
use std::fmt::Write;

/// A map with a column for every token.
pub struct Map {
    pub title: String,
    pub columns: Vec<String>,
    pub groups: Vec<Group>,
}

/// Rows of one quantity.
pub struct Group {
    pub name: String,
    /// The class of its cells: `i`, `f`, `g`, `o`, `c` or `a`.
    pub tone: &'static str,
    pub rows: Vec<Row>,
}

pub struct Row {
    pub name: String,
    pub values: Vec<f64>,
}

const TOP: usize = 24;
const GAP: usize = 8;
const LETTER: usize = 8;

impl Map {
    /// The map as SVG. The page's style has the colours; a cell is the more opaque, the larger its number
    /// is.
    pub fn html(&self) -> String {
        let characters = |texts: &mut dyn Iterator<Item = &String>| {
            let widths = texts.map(|text| measure_text_width(text));
            widths.max().unwrap_or(0)
        };
        let left = 12 + LETTER * characters(&mut self.groups.iter().map(|group| &group.name));
        let width = 5 + LETTER * characters(&mut self.columns.iter());
        let height = self.row_height();
        let rows: usize = self.groups.iter().map(|group| group.rows.len()).sum();
        let gaps = GAP * self.groups.len();
        let size = (
            left + width * self.columns.len() + 8,
            TOP + height * rows + gaps,
        );
        let mut svg = format!(
            "<div class=\"map\"><svg role=\"img\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\">",
            size.0, size.1
        );
        for (n, column) in self.columns.iter().enumerate() {
            let x = left + width * n + width / 2;
            text(&mut svg, "middle", (x, TOP - 8), column);
        }
        let mut y = TOP;
        for group in &self.groups {
            let middle = y + height * group.rows.len() / 2 + 4;
            text(&mut svg, "end", (left - 8, middle), &group.name);
            let _ = write!(svg, "<g class=\"{}\">", group.tone);
            for row in &group.rows {
                self.cells(&mut svg, group, row, (left, y, width, height));
                y += height;
            }
            svg += "</g>";
            y += GAP;
        }
        svg + "</svg></div>\n<p>Point at a cell to read its number.</p>"
    }

    fn row_height(&self) -> usize {
        let is_single = self.groups.iter().all(|group| group.rows.len() == 1);
        if is_single { 20 } else { 8 }
    }

    fn cells(
        &self,
        svg: &mut String,
        group: &Group,
        row: &Row,
        (left, y, width, height): (usize, usize, usize, usize),
    ) {
        let names = [group.name.as_str(), row.name.as_str()];
        let names = names.into_iter().filter(|name| !name.is_empty());
        let names = escaped(&names.collect::<Vec<_>>().join(", "));
        for (n, (value, column)) in row.values.iter().zip(&self.columns).enumerate() {
            let x = left + width * n;
            let (class, opacity) = match value {
                value if !value.is_finite() => (" class=\"x\"", 1.0),
                value if *value < 0.0 => (" class=\"n\"", value.abs().min(1.0)),
                value => ("", value.min(1.0)),
            };
            let column = escaped(column);
            let _ = write!(
                svg,
                "<rect{class} x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" \
                 fill-opacity=\"{opacity:.2}\"><title>{names}, {column}: {value:.2}</title></rect>"
            );
        }
    }
}

fn text(svg: &mut String, anchor: &str, (x, y): (usize, usize), text: &str) {
    let text = escaped(text);
    let _ = write!(
        svg,
        "<text text-anchor=\"{anchor}\" x=\"{x}\" y=\"{y}\">{text}</text>"
    );
}
