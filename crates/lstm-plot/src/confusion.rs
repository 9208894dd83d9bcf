//! Confusion matrices: a row for every true class, a column for every class that was found.

use crate::card::{self, FONT, Font, INK, PAPER, text_width};
use crate::heatmap::{Range, Tone, colour};
use crate::{PlotError, grouped};
use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

/// A confusion matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfusionMatrix {
    /// The title above the matrix, which screen readers also read.
    pub title: String,
    /// The names of the classes.
    pub classes: Vec<String>,
    /// How often each class was taken for each: a row for every true class.
    pub counts: Vec<Vec<usize>>,
}

const TOP: f64 = 82.0;
const HEIGHT: f64 = 28.0;
const NUMBER: Font = ("sans-serif", 12.0);
/// From this part of a row on, the colour of a cell is so dark that its number is light.
const DARK: f64 = 0.5;

/// Draws the matrix: every cell has its count, and the colour of its part of the row, so that the diagonal
/// shows the recall of each class.
///
/// # Errors
/// [`PlotError::Blank`] without classes; [`PlotError::Ragged`] with the first row that does not fit the
/// classes.
pub fn confusion_matrix(matrix: &ConfusionMatrix) -> Result<String, PlotError> {
    expect_fitting(matrix)?;
    let ConfusionMatrix {
        title,
        classes,
        counts,
    } = matrix;
    let widest = classes
        .iter()
        .map(|name| text_width(name))
        .fold(0.0, f64::max);
    let left = widest.max(text_width("true class")) + 40.0;
    let width = (widest + 16.0).max(56.0);
    let right = left + width * classes.len() as f64;
    let size = (
        right.max(left + text_width(title)).max(480.0) + 20.0,
        TOP + HEIGHT * classes.len() as f64 + 20.0,
    );
    card::draw(size, title, |card| {
        card.write(title, (left, 22.0), HPos::Left, FONT, INK)?;
        card.write("found as", (left, 44.0), HPos::Left, NUMBER, INK)?;
        card.write(
            "true class",
            (left - 12.0, TOP - 14.0),
            HPos::Right,
            NUMBER,
            INK,
        )?;
        for (k, name) in classes.iter().enumerate() {
            let x = left + (k as f64 + 0.5) * width;
            card.write(name, (x, TOP - 14.0), HPos::Center, FONT, INK)?;
        }
        let mut y = TOP;
        for (name, row) in classes.iter().zip(counts) {
            let middle = y + HEIGHT / 2.0;
            card.write(name, (left - 12.0, middle), HPos::Right, FONT, INK)?;
            let all: usize = row.iter().sum();
            for (k, &count) in row.iter().enumerate() {
                let part = count as f64 / all.max(1) as f64;
                let (x, fill) = (
                    left + k as f64 * width,
                    colour(Range::Unit(Tone::Blue), part),
                );
                card.rectangle((x, y), (width - 1.0, HEIGHT - 1.0), fill)?;
                let at = (x + width / 2.0, middle);
                card.write(&grouped(count as u64), at, HPos::Center, NUMBER, ink(part))?;
            }
            y += HEIGHT;
        }
        Ok(())
    })
}

/// Checks that there is a row and a column for every class.
fn expect_fitting(matrix: &ConfusionMatrix) -> Result<(), PlotError> {
    let (title, expected) = (matrix.title.clone(), matrix.classes.len());
    if expected == 0 || matrix.counts.len() != expected {
        return Err(PlotError::Blank { title });
    }
    let mut rows = matrix.counts.iter().map(Vec::len).enumerate();
    match rows.find(|(_, found)| *found != expected) {
        None => Ok(()),
        Some((row, found)) => Err(PlotError::Ragged {
            group: title,
            row,
            found,
            expected,
        }),
    }
}

fn ink(part: f64) -> RGBColor {
    if part >= DARK { PAPER } else { INK }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix() -> ConfusionMatrix {
        ConfusionMatrix {
            title: "classes".into(),
            classes: ["en", "中", "<"].map(String::from).to_vec(),
            counts: vec![vec![1234, 0, 7], vec![3, 40, 0], vec![0, 0, 0]],
        }
    }

    #[test]
    fn every_count_is_a_cell_and_every_class_is_named_twice() {
        let svg = confusion_matrix(&matrix()).unwrap();
        assert_eq!(svg.matches("<rect").count(), 1 + 9);
        for (text, times) in [
            ("\n1,234\n", 1),
            ("\n7\n", 1),
            ("\n0\n", 5),
            ("\n中\n", 2),
            ("\n&lt;\n", 2),
        ] {
            assert_eq!(svg.matches(text).count(), times, "{text:?} in {svg}");
        }
    }

    #[test]
    fn a_matrix_that_does_not_fit_its_classes_is_refused() {
        let mut ragged = matrix();
        ragged.counts[1].pop();
        let message = confusion_matrix(&ragged).unwrap_err().to_string();
        assert_eq!(message, "row 1 of classes has 2 numbers for 3 columns");
        let empty = ConfusionMatrix {
            classes: Vec::new(),
            counts: Vec::new(),
            ..matrix()
        };
        assert!(matches!(
            confusion_matrix(&empty),
            Err(PlotError::Blank { .. })
        ));
    }
}
