//! What a newcomer sees: progress, samples, the report, and what to try next.

use crate::tool::{LINE, Place, SMALL, train_args};
use serde_json::Value;
use std::fs;

/// Text of a stranger that would change a page or a terminal.
const HOSTILE: &str = "<script>alert(1)</script> & {{next}} \"'\n";

const PAIRS: &str = "the cat eats\tle chat mange\nthe dog eats\tle chien mange\n\
    the <b>cat</b> drinks\tle chat boit\nthe dog drinks\tle chien boit\n";

const SENTENCE: &str = r#"{"id": "1", "w": "the <b>cat</b> eats the fish", "f": [[2, "eat.01", "A0:0-1 V:2-2 A1:3-4"]]}"#;

fn text_of(place: &Place, path: &str) -> String {
    fs::read_to_string(place.path(path)).unwrap()
}

fn stderr_of(place: &Place, args: &[&str]) -> String {
    let output = place.run(args);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

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
    assert!((12..=16).contains(&evaluations), "{evaluations}: {shown}");
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
fn every_application_ends_with_its_report_and_with_commands_that_work() {
    let place = Place::new();
    place.write("pairs", PAIRS.repeat(20)).write("val", PAIRS);
    place.write("sentences", format!("{SENTENCE}\n").repeat(20));
    for (train, kind, shown_by) in [
        (
            vec!["train", "--text", "text.txt"],
            "train",
            "Gates of layer 1",
        ),
        (
            vec!["translate", "train", "--pairs", "pairs", "--val", "val"],
            "translate",
            "Attention to the source",
        ),
        (
            vec![
                "label",
                "train",
                "--sentences",
                "sentences",
                "--val",
                "sentences",
            ],
            "label",
            "Roles in a sentence",
        ),
    ] {
        let out = format!("my {kind}");
        let mut args = [
            &train[..],
            &["--out", &out, "--steps", "12", "--eval-every", "6"],
        ]
        .concat();
        let small = if kind == "train" {
            &SMALL[..]
        } else {
            &SMALL[..8]
        };
        args.extend(small);
        let shown = place.ok(&args);
        let (_, next) = shown.split_once("\nWhat to try next:\n").expect(&shown);
        assert!(next.contains(&format!("'{out}'/report.html")), "{next}");
        let commands = next.lines().filter(|line| line.starts_with("  lstm "));
        let mut tried = 0;
        for command in commands {
            let command = command
                .replace("FILE", "text.txt")
                .replacen("lstm", "\"$0\"", 1);
            let mut shell = std::process::Command::new("sh");
            shell.args(["-c", &command, env!("CARGO_BIN_EXE_lstm")]);
            let output = shell.current_dir(place.path("")).output().unwrap();
            assert!(output.status.success(), "{command}: {output:?}");
            tried += 1;
        }
        assert!(tried >= 2, "{next}");
        let page = text_of(&place, &format!("{out}/report.html"));
        for part in [
            "Content-Security-Policy",
            "<h2>Loss</h2>",
            "</svg>",
            "Samples over time",
            "<h3>step 6</h3>",
            "<h3>step 12</h3>",
            shown_by,
            "learning rate",
            "What to try next",
            &format!("eval --model &#39;{out}&#39;"),
        ] {
            assert!(page.contains(part), "{kind}: no {part} in {page}");
        }
        assert!(
            !page.contains("<script") && !page.contains("<b>"),
            "{kind}: {page}"
        );
    }
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
fn a_text_cannot_change_the_report() {
    let place = Place::new();
    place.write("<b>&'.txt", HOSTILE.repeat(60));
    let mut args = train_args("<i>out", &["--steps", "150", "--lr", "0.02"]);
    args[2] = "<b>&'.txt";
    place.ok(&args);
    let page = text_of(&place, "<i>out/report.html");
    for tag in ["<script", "<b>&", "<i>"] {
        assert!(!page.contains(tag), "{tag} in {page}");
    }
    assert!(page.contains("&lt;i&gt;out") && page.contains("&lt;b&gt;&amp;&#39;.txt"));
}

#[test]
fn a_report_of_somebody_else_stays_and_the_run_is_no_failure() {
    let place = Place::new();
    place.train("out", &["--steps", "3"]);
    let own = text_of(&place, "out/report.html");
    place.write("out/report.html", "my own report");
    let told = stderr_of(&place, &["train", "--resume", "out", "--steps", "6"]);
    let expected = "warning: out/report.html already exists";
    assert!(told.contains(expected), "{told}");
    assert_eq!(text_of(&place, "out/report.html"), "my own report");
    // The run's own report is replaced.
    place.write("out/report.html", own);
    place.ok(&["train", "--resume", "out", "--steps", "9"]);
    assert!(text_of(&place, "out/report.html").contains("9 steps in"));
    // A new run does not begin where there is one.
    fs::create_dir(place.path("new")).unwrap();
    place.write("new/report.html", "my own report");
    let message = place.fails(&train_args("new", &["--steps", "3"]));
    assert!(
        message.starts_with("new/report.html already exists"),
        "{message}"
    );
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
    place.train(
        "out",
        &[
            "--val-text",
            "val.txt",
            "--steps",
            "300",
            "--eval-every",
            "5",
            "--lr",
            "0.05",
        ],
    );
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
    let text = |model| {
        place.ok(&[
            "generate", "--model", model, "--length", "50", "--seed", "1",
        ])
    };
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
    place.ok(&[
        "train", "--resume", "out", "--steps", "305", "--keep", "last",
    ]);
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

#[test]
fn an_unknown_character_has_its_place_in_the_prime() {
    let place = Place::new();
    place.train("out", &["--steps", "1"]);
    for (prime, expected) in [
        ("Ж", "'Ж' (U+0416) at line 1, column 1 (character 0)"),
        ("the Ж", "'Ж' (U+0416) at line 1, column 5 (character 4)"),
        ("the\ncЖ", "'Ж' (U+0416) at line 2, column 2 (character 5)"),
    ] {
        let message = place.fails(&["generate", "--model", "out", "--prime", prime]);
        assert!(message.starts_with(expected), "{message}");
    }
}

#[test]
fn what_is_left_out_is_told_in_one_line() {
    let place = Place::new();
    place.train("out", &["--steps", "1"]);
    place.write("other.txt", "the cat, the cat, the qat 0123456789\n");
    let args = [
        "eval",
        "--model",
        "out",
        "--text",
        "other.txt",
        "--unknown",
        "skip",
    ];
    let told = stderr_of(&place, &args);
    let begin = "left out 13 characters of 12 kinds that the model does not know: \
        ',' (U+002C) 2 times, '0' (U+0030) 1 time, ";
    assert!(told.starts_with(begin), "{told}");
    assert!(
        told.ends_with(", …\n") && told.lines().count() == 1,
        "{told}"
    );
}

#[test]
fn gradcheck_compares_the_engine_that_trains_with_the_spec_engine() {
    let place = Place::new();
    for options in [
        &[][..],
        &["--embed", "0", "--hidden", "17", "--vocab", "33"],
    ] {
        let shown = place.ok(&[&["gradcheck", "--engine", "fast"], options].concat());
        assert!(shown.starts_with("the fast engine's gradient"), "{shown}");
        assert!(
            shown.contains("layers.1.f.w_h") && shown.contains("c_0 of layer 1"),
            "{shown}"
        );
        assert!(
            shown.contains("tensors agree\n") && !shown.contains("FAIL"),
            "{shown}"
        );
    }
}

#[test]
fn inspect_tells_programs_in_json_what_it_tells_people() {
    let place = Place::new();
    place.train("out", &["--steps", "3", "--eval-every", "1"]);
    let shown = place.ok(&["inspect", "--model", "out", "--json"]);
    let all: Value = serde_json::from_str(&shown).expect(&shown);
    assert_eq!(all["tokens"], "character");
    assert_eq!(all["file"], "out/best.safetensors");
    assert_eq!(all["network"]["hidden_size"], 8);
    assert_eq!(
        (&all["run"]["step"], &all["run"]["seed"]),
        (&3.into(), &1.into())
    );
    assert_eq!(
        all["run"]["best"]["val_loss"],
        place.metrics("out")[2]["val_loss"]
    );
    let tensors = all["tensors"].as_array().unwrap();
    let numbers = |tensor: &Value| -> u64 {
        let shape = tensor["shape"].as_array().unwrap().iter();
        shape.map(|n| n.as_u64().unwrap()).product()
    };
    let sum: u64 = tensors.iter().map(numbers).sum();
    assert_eq!(all["parameters"], sum);
    let bias = tensors
        .iter()
        .find(|tensor| tensor["name"] == "layers.0.f.b")
        .unwrap();
    assert_eq!(bias["shape"], serde_json::json!([8]));
    // A file has no run.
    let shown = place.ok(&["inspect", "--model", "out/model.safetensors", "--json"]);
    assert!(serde_json::from_str::<Value>(&shown).unwrap()["run"].is_null());
}

#[test]
fn a_program_that_reads_gets_plain_lines() {
    let place = Place::new();
    place.write("text.txt", LINE.repeat(40));
    for colours in ["NO_COLOR", "CLICOLOR_FORCE"] {
        let mut command = place.command(&train_args("out", &["--seconds", "1"]));
        let output = command.env(colours, "1").output().unwrap();
        assert!(output.status.success(), "{output:?}");
        for bytes in [&output.stdout, &output.stderr] {
            let is_control = |b: &&u8| b.is_ascii_control() && **b != b'\n';
            assert_eq!(bytes.iter().find(is_control), None);
        }
        fs::remove_dir_all(place.path("out")).unwrap();
    }
}

/// Output on a terminal of so many columns, with and without colours.
#[cfg(unix)]
mod terminal {
    use super::*;
    use std::process::{Command, Stdio};

    /// What `lstm` with these arguments writes to a terminal; `None` without `script`.
    fn on_terminal(place: &Place, columns: u32, colour: bool, args: &[&str]) -> Option<String> {
        if Command::new("script").arg("--version").output().is_err() {
            eprintln!("not tested: script (util-linux) is missing");
            return None;
        }
        let lstm = env!("CARGO_BIN_EXE_lstm");
        let command = format!("stty cols {columns}; '{lstm}' {}", args.join(" "));
        let mut script = Command::new("script");
        script
            .args(["-qec", &command, "/dev/null"])
            .env("TERM", "xterm-256color");
        script.current_dir(place.path("")).stdin(Stdio::null());
        script.env_remove("CLICOLOR_FORCE").env_remove("NO_COLOR");
        if !colour {
            script.env("NO_COLOR", "1");
        }
        let output = script.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        Some(String::from_utf8(output.stdout).unwrap())
    }

    /// The lines without what a terminal obeys.
    fn lines(shown: &str) -> Vec<String> {
        let plain = console::strip_ansi_codes(shown);
        let lines = plain.split(['\r', '\n']);
        lines.map(|line| line.trim_end().to_owned()).collect()
    }

    #[test]
    fn progress_evaluations_and_samples_fit_the_terminal() {
        let place = Place::new();
        for columns in [40, 80, 120] {
            let out = format!("out{columns}");
            let args = train_args(&out, &["--seconds", "2"]);
            let Some(shown) = on_terminal(&place, columns, true, &args) else {
                return;
            };
            let lines = lines(&shown);
            // The lines about the data and at the end are sentences, which the terminal wraps.
            let begin = lines
                .iter()
                .position(|line| line.starts_with("training:"))
                .unwrap();
            let end = lines
                .iter()
                .position(|line| line.starts_with("done:"))
                .unwrap();
            for line in &lines[begin + 1..end] {
                assert!(
                    console::measure_text_width(line) <= columns as usize,
                    "{line:?}"
                );
            }
            let bars: Vec<_> = lines
                .iter()
                .filter(|line| line.ends_with(" left"))
                .collect();
            assert!(bars.len() >= 3, "{lines:?}");
            assert!(
                bars.iter()
                    .any(|bar| bar.contains("loss ") && bar.contains('%')),
                "{bars:?}"
            );
            if columns >= 80 {
                assert!(
                    bars.iter()
                        .any(|bar| bar.contains('█') && bar.contains("chars/s"))
                );
            }
        }
    }

    #[test]
    fn colours_are_shown_unless_no_color_is_set() {
        let place = Place::new();
        for (out, colour) in [("a", true), ("b", false)] {
            let args = train_args(out, &["--seconds", "1"]);
            let Some(shown) = on_terminal(&place, 80, colour, &args) else {
                return;
            };
            assert_eq!(shown.contains("\x1b[32m"), colour, "{shown:?}");
            let codes = ["\x1b[1m", "\x1b[2m", "\x1b[36m"];
            assert_eq!(codes.iter().any(|code| shown.contains(code)), colour);
        }
    }

    #[test]
    fn the_time_left_of_a_resumed_run_counts_down_from_what_is_left() {
        let place = Place::new();
        place.train("out", &["--seconds", "2"]);
        let args = ["train", "--resume", "out", "--seconds", "5"];
        let Some(shown) = on_terminal(&place, 80, true, &args) else {
            return;
        };
        let left = |line: &String| -> Option<u64> {
            let (_, clock) = line.strip_suffix(" left")?.rsplit_once(' ')?;
            let (minutes, seconds) = clock.split_once(':')?;
            Some(60 * minutes.parse::<u64>().ok()? + seconds.parse::<u64>().ok()?)
        };
        let left: Vec<u64> = lines(&shown).iter().filter_map(left).collect();
        assert_eq!((left[0], left[left.len() - 1]), (3, 0), "{left:?}");
        assert!(left.is_sorted_by(|a, b| a >= b), "{left:?}");
    }

    #[test]
    fn open_shows_the_report_in_the_browser_and_no_browser_is_a_warning() {
        use std::os::unix::fs::PermissionsExt;
        let place = Place::new();
        let opener = if cfg!(target_os = "macos") {
            "open"
        } else {
            "xdg-open"
        };
        place.write(opener, "#!/bin/sh\nprintf '%s' \"$1\" > opened\n");
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(place.path(opener), executable).unwrap();
        let run = |out, path: &str| {
            let mut command = place.command(&train_args(out, &["--steps", "2", "--open"]));
            let output = command.env("PATH", path).output().unwrap();
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stderr).unwrap()
        };
        let path = format!("{}:/usr/bin:/bin", place.path("").display());
        assert!(!run("out", &path).contains("warning"));
        let opened = text_of(&place, "opened");
        assert_eq!(
            opened,
            place
                .path("out/report.html")
                .canonicalize()
                .unwrap()
                .to_str()
                .unwrap()
        );
        let told = run("other", "/nowhere");
        assert!(
            told.contains("warning: cannot open other/report.html"),
            "{told}"
        );
    }
}
