//! Where a translator looks while it writes.
//!
//! To train one takes minutes, so what it looked at is recorded in `attention.txt`, once:
//!
//! ```text
//! lstm translate train --out translator
//! cargo run -p lstm-book -- translator
//! ```

use lstm_model::{Batched, ModelError};
use lstm_plot::{HeatMap, PlotError, Range, Rows, heat_map};
use lstm_tasks::Transducer;
use std::path::Path;

const RECORD: &str = include_str!("attention.txt");

/// What is translated for the picture; training has not seen it.
const SOURCE: &str = "They did not look for this red letter yesterday.";

/// The parts of the source in one line; then for each part of the translation, and for its end, a line
/// with it and α.
///
/// # Errors
/// [`ModelError`] if the directory holds no translator.
pub fn record(dir: &Path) -> Result<String, ModelError> {
    let model = Transducer::<Batched<f32>>::load(dir)?;
    let written = model.write(SOURCE, 5, 0.6).remove(0);
    let (source, mut target, alpha) = model.attention_map(SOURCE, &written.tokens);
    if let Some(end) = target.last_mut() {
        "(end)".clone_into(end);
    }
    let mut record = source.join("\t") + "\n";
    for (part, weights) in target.iter().zip(alpha.column_iter()) {
        let weights = weights.iter().map(|weight| format!("\t{weight:.4}"));
        record += &(part.trim().to_owned() + &weights.collect::<String>() + "\n");
    }
    Ok(record)
}

fn recorded() -> (Vec<String>, Vec<(String, Vec<f64>)>) {
    let mut lines = RECORD.lines().map(|line| line.split('\t'));
    let source = lines.next().expect("the source comes first");
    let row = |mut line: std::str::Split<'_, char>| {
        let part = line.next().expect("a line is not empty").to_owned();
        let weights = line.map(|weight| weight.parse().expect("a number"));
        (part, weights.collect())
    };
    let source = source.map(|part| part.trim().to_owned()).collect();
    (source, lines.map(row).collect())
}

/// The attention map of one sentence.
pub fn attention_map() -> Result<String, PlotError> {
    let (source, rows) = recorded();
    let group = |(name, values)| Rows {
        name,
        range: Range::Unit,
        values: vec![values],
    };
    heat_map(&HeatMap {
        title: "Where the decoder looks (columns) while it writes each part (rows)".to_owned(),
        columns: source,
        groups: rows.into_iter().map(group).collect(),
        cell_width: 72.0,
        cell_height: 20.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the page says of its figure.
    #[test]
    fn noun_and_adjective_are_looked_up_where_they_stood() {
        let (source, rows) = recorded();
        assert_eq!(source.join(" "), SOURCE.replace('.', " ."));
        for (part, weights) in &rows {
            assert_eq!(weights.len(), source.len());
            assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-3, "{part}");
        }
        let most = |written: &str| {
            let (_, weights) = rows.iter().find(|(part, _)| part == written).unwrap();
            let most = (0..source.len()).max_by(|&a, &b| weights[a].total_cmp(&weights[b]));
            source[most.unwrap()].as_str()
        };
        assert_eq!(
            ["lettre", "rouge", "cherché", "Hier"].map(most),
            ["letter", "red", "for", "did"]
        );
    }
}
