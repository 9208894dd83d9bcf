//! The evaluations of a run, in memory and in their file.

use crate::toy::{Toy, ToyRun, ToySettings, begin, resume, settings};
use lstm_train::{METRICS, RunDir};
use std::fs;
use tempfile::tempdir;

#[test]
fn a_resumed_run_has_the_evaluations_of_all_its_sessions() {
    let dir = tempdir().unwrap();
    begin(dir.path(), settings(4, 1)).train(&mut ()).unwrap();
    let mut run = resume(dir.path(), 6);
    run.train(&mut ()).unwrap();
    let found = run.dir().metrics();
    assert_eq!(found, lstm_train::read_metrics(dir.path()).unwrap());
    let steps: Vec<u64> = found.iter().map(|e| e.step).collect();
    assert_eq!(steps, [2, 4, 6]);
    // The time goes on where the first session ended.
    assert!(found[0].seconds > 0.0);
    assert!(
        found.is_sorted_by(|a, b| a.seconds < b.seconds),
        "{found:?}"
    );
}

#[test]
fn metrics_are_named_after_what_is_predicted() {
    for (unit, per_token, per_second) in [
        ("char", "bpc", "chars_per_s"),
        ("word", "bits_per_word", "words_per_s"),
        ("label", "bits_per_label", "labels_per_s"),
    ] {
        let dir = tempdir().unwrap();
        let header = settings(2, 1).header("spec").unwrap();
        let new = RunDir::create::<ToySettings>(dir.path()).unwrap();
        let mut run = ToyRun::begin(new, Toy { classes: 3 }, None, header, &(), unit).unwrap();
        run.train(&mut ()).unwrap();
        let line = fs::read_to_string(dir.path().join(METRICS)).unwrap();
        let line: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&line).unwrap();
        let mut names: Vec<&str> = line.keys().map(String::as_str).collect();
        let mut expected = [
            "step",
            "seconds",
            "train_loss",
            "val_loss",
            per_token,
            "perplexity",
            per_second,
        ];
        names.sort_unstable();
        expected.sort_unstable();
        assert_eq!(names, expected);
        let found = run.dir().metrics()[0];
        assert_eq!(line[per_token].as_f64(), found.bpc);
        assert_eq!(line[per_second].as_f64(), Some(found.chars_per_s));
    }
}
