//! What one sees of a model that learns: samples, losses, the best model.

use crate::reports::{PAIRS, text_of};
use crate::tool::words;
use crate::tool::{Place, SMALL};
use serde_json::Value;
use std::fs;

/// The losses that a run keeps for its curve.
fn history(place: &Place, out: &str) -> Vec<(u64, f64)> {
    let losses = place.header(out)["state"]["history"]["losses"].clone();
    serde_json::from_value(losses).unwrap()
}

#[test]
fn a_run_by_the_clock_is_evaluated_fifteen_times_and_shows_a_sample_each_time() {
    let place = Place::new();
    let shown = place.train("out", &["--seconds", "4"]);
    let evaluations = place.metrics("out").len();
    // Fewer on a machine that is busy with something else.
    assert!((8..=16).contains(&evaluations), "{evaluations}: {shown}");
    let samples = text_of(&place, "out/samples.jsonl");
    assert_eq!(samples.lines().count(), evaluations);
    for line in samples.lines() {
        let sample: Value = serde_json::from_str(line).unwrap();
        let text = sample["text"].as_str().unwrap();
        let last = text.lines().last().unwrap();
        assert!(shown.contains(&format!("    {last}")), "{last:?}: {shown}");
    }
    // A longer run is evaluated less often, and --eval-every decides if it is given.
    place.ok(&["train", "--resume", "out", "--seconds", "6"]);
    assert!(place.metrics("out").len() <= evaluations + 7);
    place.train("steps", &["--seconds", "1", "--eval-every", "7"]);
    assert_eq!(place.metrics("steps")[0]["step"], 7);
}

#[test]
fn the_training_loss_is_kept_from_step_0_where_the_model_guesses() {
    let place = Place::new();
    place.train("out", &["--steps", "30", "--eval-every", "10"]);
    let losses = history(&place, "out");
    let steps: Vec<u64> = losses.iter().map(|point| point.0).collect();
    assert_eq!(steps, (0..30).collect::<Vec<_>>());
    // The text has 13 kinds of character.
    let guess = f64::from(13).ln();
    assert!(
        (losses[0].1 - guess).abs() < 0.3,
        "{} and {guess}",
        losses[0].1
    );
    assert!(losses[29].1 < losses[0].1);
    // A resumed run has the history of a run in one go.
    place.train("half", &["--steps", "13", "--eval-every", "10"]);
    place.ok(&["train", "--resume", "half", "--steps", "30"]);
    assert_eq!(history(&place, "half"), losses);
}

#[test]
fn an_example_shows_the_input_what_is_expected_and_the_output() {
    let place = Place::new();
    place.write("pairs", PAIRS.repeat(20)).write("val", PAIRS);
    let args = [
        "translate",
        "train",
        "--pairs",
        "pairs",
        "--val",
        "val",
        "--out",
        "out",
    ];
    let shown = place.ok(&[&args[..], &SMALL[..8], &["--steps", "3"]].concat());
    let expected = "\n    input     the cat eats\n    expected  le chat mange\n    output    ";
    assert!(shown.contains(expected), "{shown}");
}

#[test]
fn a_resumed_run_keeps_the_samples_of_its_first_session() {
    let place = Place::new();
    place.train("out", &["--steps", "10", "--eval-every", "5"]);
    place.ok(&["train", "--resume", "out", "--steps", "20"]);
    let samples = text_of(&place, "out/samples.jsonl");
    let steps: Vec<u64> = samples
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["step"]
                .as_u64()
                .unwrap()
        })
        .collect();
    assert_eq!(steps, [5, 10, 15, 20]);
}

#[test]
fn a_directory_means_its_best_model_and_a_file_means_itself() {
    let place = Place::new();
    // The validation text is unlike the training text, so learning more makes it less probable.
    place.write(
        "val.txt",
        "mat cat, not sat at the tan tea.\n"
            .replace(['n', ','], "m")
            .repeat(9),
    );
    let options = words("--val-text val.txt --steps 300 --eval-every 5 --lr 0.05");
    place.train("out", &options);
    let metrics = place.metrics("out");
    let losses: Vec<f64> = metrics
        .iter()
        .map(|m| m["val_loss"].as_f64().unwrap())
        .collect();
    let lowest = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let last = losses[losses.len() - 1];
    assert!(last > 1.1 * lowest, "{losses:?}");
    let loss = |model| {
        let shown = place.ok(&["eval", "--model", model, "--text", "val.txt"]);
        let line = shown.lines().find(|line| line.starts_with("loss")).unwrap();
        line.split_whitespace()
            .nth(1)
            .unwrap()
            .parse::<f64>()
            .unwrap()
    };
    assert!(
        (loss("out") - lowest).abs() < 1e-3,
        "{} {lowest}",
        loss("out")
    );
    assert!((loss("out/model.safetensors") - last).abs() < 1e-3);
    let generate = |model| format!("generate --model {model} --length 50 --seed 1");
    let text = |model| place.ok(&words(&generate(model)));
    assert_eq!(text("out"), text("out/best.safetensors"));
    assert_ne!(text("out"), text("out/model.safetensors"));
    for (model, file) in [("out", "a.onnx"), ("out/best.safetensors", "b.onnx")] {
        place.ok(&["export", "--model", model, "--to", "onnx", "--out", file]);
    }
    assert_eq!(
        fs::read(place.path("a.onnx")).unwrap(),
        fs::read(place.path("b.onnx")).unwrap()
    );
    assert!(
        place
            .ok(&["inspect", "--model", "out"])
            .contains("weights: out/best.safetensors")
    );
    // The best model of an earlier session is not that of a run which keeps only the last.
    place.ok(&words("train --resume out --steps 305 --keep last"));
    assert!(!place.files("out").contains(&"best.safetensors".to_owned()));
}

#[test]
fn overfitting_is_named_when_it_happens_and_the_minimum_is_marked() {
    let place = Place::new();
    place.write(
        "val.txt",
        "mat cat sat at the tea.\n".replace("tea", "tmm").repeat(9),
    );
    let options = [
        "--val-text",
        "val.txt",
        "--steps",
        "300",
        "--eval-every",
        "5",
        "--lr",
        "0.05",
    ];
    let shown = place.train("out", &options);
    assert!(
        shown.contains("\nThis is overfitting: since step "),
        "{shown}"
    );
    assert!(text_of(&place, "out/report.html").contains("This is overfitting"));
    assert!(text_of(&place, "out/loss.svg").contains("lowest: "));
    assert!(
        !place
            .train("short", &["--steps", "40", "--eval-every", "5"])
            .contains("overfitting")
    );
}

#[test]
fn a_second_tour_goes_elsewhere_and_says_so() {
    let place = Place::new();
    place.ok(&["tour", "--seconds", "0.5"]);
    let first = fs::read(place.path("lstm-out/model.safetensors")).unwrap();
    let shown = place.ok(&["tour", "--seconds", "0.5"]);
    assert!(shown.contains("this tour goes to lstm-out-2"), "{shown}");
    assert!(
        shown.contains("lstm generate --model lstm-out-2"),
        "{shown}"
    );
    assert_eq!(
        fs::read(place.path("lstm-out/model.safetensors")).unwrap(),
        first
    );
    let message = place.fails(&["tour", "--seconds", "0.5", "--out", "lstm-out"]);
    assert!(
        message.contains("lstm-out already holds a run"),
        "{message}"
    );
}
