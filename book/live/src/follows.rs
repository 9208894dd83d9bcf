//! Finds cells of the writer that follow a nameable feature of the text.

use crate::mailbox::CAPACITY;
use crate::writer::Writer;

/// A cell, and how closely it follows a feature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Follows {
    /// Counted from 0.
    pub unit: usize,
    /// Pearson's correlation of c with the feature, over a text.
    pub correlation: f64,
}

/// Gives a number for each character of a text.
type Feature = fn(&[char]) -> Vec<f64>;

/// The features, by name.
pub const FEATURES: [(&str, Feature); 3] = [
    ("sentence", |text| since(text, |c| c == '\n')),
    ("word", |text| since(text, |c| !c.is_ascii_alphabetic())),
    ("space", |text| {
        text.iter().map(|&c| f64::from(c == ' ')).collect()
    }),
];

/// The number of characters since the last one that ends something.
fn since(text: &[char], ends: fn(char) -> bool) -> Vec<f64> {
    let mut n = 0.0;
    text.iter()
        .map(|&c| {
            n = if ends(c) { 0.0 } else { n + 1.0 };
            n
        })
        .collect()
}

/// The cell whose c follows each feature best over `text`; `None` if the writer does not know a
/// character.
pub fn find(writer: &mut Writer, text: &str) -> Option<Vec<(&'static str, Follows)>> {
    let text: Vec<char> = text.chars().collect();
    let mut mailbox = vec![0.0; CAPACITY];
    let mut cells: Vec<Vec<f64>> = Vec::new();
    writer.reset();
    for &c in &text {
        let id = writer.vocabulary().iter().position(|&known| known == c)?;
        let len = writer.read(&mut mailbox, id)?;
        let hidden_size = len / 7;
        cells.resize(hidden_size, Vec::new());
        for (unit, cell) in cells.iter_mut().enumerate() {
            cell.push(mailbox[4 * hidden_size + unit]);
        }
    }
    let best = |feature: fn(&[char]) -> Vec<f64>| {
        let wanted = feature(&text);
        let follows = cells.iter().enumerate().map(|(unit, cell)| Follows {
            unit,
            correlation: correlation(cell, &wanted),
        });
        follows.max_by(|a, b| a.correlation.abs().total_cmp(&b.correlation.abs()))
    };
    FEATURES
        .into_iter()
        .map(|(name, feature)| best(feature).map(|follows| (name, follows)))
        .collect()
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a - mean_a, b - mean_b);
        ab += a * b;
        aa += a * a;
        bb += b * b;
    }
    ab / (aa * bb).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_from_the_last_end() {
        let text: Vec<char> = "ab c\nd".chars().collect();
        let of = |n: usize| FEATURES[n].1(&text);
        assert_eq!(of(0), [1.0, 2.0, 3.0, 4.0, 0.0, 1.0]);
        assert_eq!(of(1), [1.0, 2.0, 0.0, 1.0, 0.0, 1.0]);
        assert_eq!(of(2), [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
        assert!((correlation(&[1.0, 2.0, 3.0], &[-2.0, -4.0, -6.0]) + 1.0).abs() < 1e-15);
    }
}
