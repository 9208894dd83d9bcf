//! The attention of a translator.
//!
//! Training one takes minutes, so its attention has been recorded in `attention.txt`:
//!
//! ```text
//! lstm translate train --out translator
//! cargo run -p lstm-book -- translator
//! ```

use lstm_model::Batched;
use lstm_plot::{HeatMap, PlotError, Range, Rows, Tone, heat_map};
use lstm_tasks::Transducer;
use lstm_train::TrainError;
use std::path::Path;

const RECORD: &str = include_str!("attention.txt");

/// The sentence that is translated for the figure. It is not in the training data.
const SOURCE: &str = "They did not look for this red letter yesterday.";

/// The record: a line with the subword tokens of the source, then a line for each token of the
/// translation and for its end, with the token and its α.
///
/// # Errors
/// [`TrainError`] if the directory holds no translator.
pub fn record(dir: &Path) -> Result<String, TrainError> {
    let model = Transducer::<Batched<f32>>::load(dir)?;
    let mut found = model.generate(SOURCE, 5, 0.6).map_err(TrainError::data)?;
    let written = found.remove(0);
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
    let source = lines.next().expect("the first line is the source");
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
        range: Range::Unit(Tone::Blue),
        values: vec![values],
    };
    heat_map(&HeatMap {
        title: "Attention: source tokens in columns, generated tokens in rows".to_owned(),
        columns: source,
        groups: rows.into_iter().map(group).collect(),
        cell_width: 72.0,
        cell_height: 20.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The statement of the page about its figure.
    #[test]
    fn each_word_attends_most_to_its_source() {
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
