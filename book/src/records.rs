//! Numbers that scripts measure with real data stand in the chapters as they were recorded.

use lstm_plot::grouped;
use serde_json::Value;
use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Each record's row ends like this in the chapter, in both languages.
fn expect_rows(chapter: &str, rows: &[String], script: &str) {
    for language in ["en", "zh"] {
        let page = read(&format!("{language}/{chapter}.md"));
        let page = page.replace('（', " (").replace('）', ")");
        for row in rows {
            let has = page.lines().any(|line| line.ends_with(row.as_str()));
            assert!(
                has,
                "{language}/{chapter}.md has no row of {script} that ends with {row}"
            );
        }
    }
}

#[test]
fn the_series_of_the_chapter_have_the_errors_of_the_record() {
    let record: Value = serde_json::from_str(&read("records/series.json")).unwrap();
    let rows: Vec<String> = record.as_object().unwrap().values().map(mase_row).collect();
    assert_eq!(rows.len(), 5);
    expect_rows("forecasting", &rows, "series.sh");
}

/// The simple methods, then the mean, the lowest and the highest of the LSTM's seeds.
fn mase_row(scores: &Value) -> String {
    let simple = [
        "persistence",
        "seasonal naive",
        "exponential smoothing",
        "linear autoregression",
    ]
    .map(|name| match scores[name].as_f64() {
        Some(mase) => format!("{mase:.3}"),
        None => "–".to_owned(),
    });
    let seeds: Vec<f64> = scores["LSTM"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_f64().unwrap())
        .collect();
    let mean = seeds.iter().sum::<f64>() / seeds.len() as f64;
    let lowest = seeds.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = seeds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!(
        "| {} | {mean:.3} ({lowest:.3}–{highest:.3}) |",
        simple.join(" | ")
    )
}

#[test]
fn the_classifiers_of_the_chapter_have_the_scores_of_the_record() {
    let record: Value = serde_json::from_str(&read("records/classification.json")).unwrap();
    let rows: Vec<String> = record
        .as_object()
        .unwrap()
        .values()
        .map(score_row)
        .collect();
    assert_eq!(rows.len(), 4);
    expect_rows("classification", &rows, "classify.sh");
}

/// The numbers of sequences, then accuracy and macro F1 of every method.
fn score_row(of: &Value) -> String {
    let counts = ["training", "test"].map(|part| grouped(of[part].as_u64().unwrap()));
    let scores = [
        "frequencies only",
        "nearest class mean",
        "logistic regression",
        "LSTM",
    ]
    .map(|name| {
        // The command's table has two decimals, the chapter's one; a half is rounded up.
        let rounded = |n: usize| (10.0 * of[name][n].as_f64().unwrap() + 0.5).floor() / 10.0;
        let [accuracy, macro_f1] = [0, 1].map(rounded);
        format!("{accuracy:.1} / {macro_f1:.1}")
    });
    format!("| {} | {} |", counts.join(" | "), scores.join(" | "))
}
