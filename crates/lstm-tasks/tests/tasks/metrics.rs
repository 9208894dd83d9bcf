//! Our metrics against the results of sacrebleu and rouge-score, recorded by tests/interop.

use lstm_tasks::metrics::*;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn tests_directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests")
}

/// The cases of a record, which must have been made by the current script.
fn cases(name: &str) -> Vec<Value> {
    let record = tests_directory().join(format!("vectors/metrics/{name}.json"));
    let record: Value = serde_json::from_str(&std::fs::read_to_string(record).unwrap()).unwrap();
    let script = tests_directory().join(format!("interop/{name}.py"));
    let script = std::fs::read(script).unwrap();
    assert_eq!(
        record["script_crc32"],
        crc32fast::hash(&script),
        "{name}.json is stale: run tests/interop/{name}.py again"
    );
    record["cases"].as_array().unwrap().clone()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    let numbers = value.as_array().unwrap();
    numbers.iter().map(|v| v.as_f64().unwrap()).collect()
}

#[test]
fn bleu_is_that_of_sacrebleu() {
    let cases = cases("bleu");
    assert_eq!(cases.len(), 16);
    for case in cases {
        let name = text(&case["name"]);
        let tokens = match text(&case["tokens"]) {
            "13a" => BleuTokens::Words,
            _ => BleuTokens::Characters,
        };
        let mut counts = BleuCounts::default();
        for sentence in case["corpus"].as_array().unwrap() {
            let mut texts = sentence.as_array().unwrap().iter().map(text);
            let hypothesis = tokens.split(texts.next().unwrap());
            let references: Vec<_> = texts.map(|t| tokens.split(t)).collect();
            counts.add(&hypothesis, &references);
        }
        let count = |value: &Value| value.as_u64().unwrap() as usize;
        for n in 0..4 {
            assert_eq!(
                counts.totals[n],
                count(&case["totals"][n]),
                "{name}: totals {n}"
            );
            assert_eq!(
                counts.matches[n],
                count(&case["matches"][n]),
                "{name}: matches {n}"
            );
        }
        let lengths = (counts.hypothesis_len, counts.reference_len);
        let expected = (count(&case["written"]), count(&case["meant"]));
        assert_eq!(
            lengths, expected,
            "{name}: lengths of hypothesis and reference"
        );
        let bleu = counts.bleu();
        let near = |found: f64, expected: f64, what: &str| {
            assert!(
                (found - expected).abs() < 1e-9,
                "{name}: {what} {found}, expected {expected}"
            );
        };
        near(bleu.score, case["score"].as_f64().unwrap(), "score");
        near(
            bleu.brevity_penalty,
            case["brevity_penalty"].as_f64().unwrap(),
            "brevity penalty",
        );
        // If nothing matches at all, sacrebleu does not smooth: the precisions stay 0.
        for (found, expected) in bleu.precisions.iter().zip(numbers(&case["precisions"])) {
            near(100.0 * found, expected, "precision");
        }
    }
}

#[test]
fn rouge_is_that_of_rouge_score_without_its_stemmer() {
    let cases = cases("rouge");
    assert_eq!(cases.len(), 15);
    for case in cases {
        let (written, meant) = (text(&case["written"]), text(&case["meant"]));
        let found = rouge(written, meant);
        let kinds = [
            ("rouge1", found.rouge_1),
            ("rouge2", found.rouge_2),
            ("rougeL", found.rouge_l),
        ];
        for (kind, found) in kinds {
            let found = [found.precision, found.recall, found.f];
            for (found, expected) in found.into_iter().zip(numbers(&case[kind])) {
                assert!(
                    (found - expected).abs() < 1e-12,
                    "{kind} of {written:?}: {found}, expected {expected}"
                );
            }
        }
    }
}
