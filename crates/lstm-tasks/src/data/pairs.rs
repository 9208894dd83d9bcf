//! Sentence pairs in the format of Tatoeba and manythings.org.

mod columns;

use super::{Malformed, Rows, rows};
use crate::TasksError;
use columns::{PairColumns, is_header};
use lstm_text::InputLimit;
use std::collections::HashMap;
use std::path::Path;

/// A source text and a target text: its translation or its summary.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pair {
    /// The text that a model reads.
    pub source: String,
    /// The text that it should generate.
    pub target: String,
}

impl Pair {
    /// The same pair with source and target exchanged.
    pub fn reversed(self) -> Self {
        Self {
            source: self.target,
            target: self.source,
        }
    }
}

/// A source text and all its reference texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referenced {
    /// The text that a model reads.
    pub source: String,
    /// The targets in the order of the file, without repetitions.
    pub references: Vec<String>,
}

/// Reads tab-separated pairs: source, target and, optionally, an attribution, which is not kept; or
/// Tatoeba's id, source, id, target. A header in the first row is reported as malformed.
///
/// # Errors
/// If the file cannot be read as text, is larger than the limit, is empty, has other columns, or has no good pair.
pub fn read_pairs(path: &Path, limit: InputLimit) -> Result<Rows<Pair>, TasksError> {
    let (name, text) = rows::read(path, limit)?;
    let rows: Vec<(usize, Vec<&str>)> = rows::numbered(&text)
        .map(|(line, row)| (line, row.split('\t').map(str::trim).collect()))
        .collect();
    let columns = PairColumns::of(&rows).map_err(|why| TasksError::PairColumns {
        name: name.clone(),
        why,
    })?;
    let pairs = rows.iter().enumerate().map(|(n, (line, cells))| {
        let pair = if n == 0 && is_header(cells) {
            Err(format!("a header and not a pair: {}", cells.join(", ")))
        } else {
            columns.pair(cells)
        };
        pair.map_err(|why| Malformed { line: *line, why })
    });
    let expected = "two columns, source<TAB>target, or three with an attribution";
    rows::sort(name, "sentence pair", expected, pairs)
}

/// Groups the targets of equal sources, in the order in which each source first occurs.
///
/// ```
/// use lstm_tasks::data::{Pair, group_references};
///
/// let pair = |s: &str, t: &str| Pair { source: s.into(), target: t.into() };
/// let grouped = group_references(&[pair("Run!", "Cours !"), pair("Go.", "Va !"), pair("Run!", "Courez !")]);
/// assert_eq!(grouped[0].references, ["Cours !", "Courez !"]);
/// assert_eq!(grouped[1].source, "Go.");
/// ```
pub fn group_references(pairs: &[Pair]) -> Vec<Referenced> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut grouped: Vec<Referenced> = Vec::new();
    for pair in pairs {
        let place = *places.entry(&pair.source).or_insert_with(|| {
            grouped.push(Referenced {
                source: pair.source.clone(),
                references: Vec::new(),
            });
            grouped.len() - 1
        });
        let references = &mut grouped[place].references;
        if !references.contains(&pair.target) {
            references.push(pair.target.clone());
        }
    }
    grouped
}
