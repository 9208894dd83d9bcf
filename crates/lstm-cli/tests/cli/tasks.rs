//! `lstm translate`, `summarize` and `label`, on files so small that a step takes a millisecond.

use crate::interruptions::{outcome, send, start, wait_for};
use crate::tool::Place;
use std::fs;
use std::thread::sleep;
use std::time::Duration;

const PAIRS: &str = "the cat sleeps\tle chat dort\n\
    the dog sleeps\tle chien dort\tby nobody\n\
    a cat eats\tun chat mange\n\
    the dog eats\tle chien mange\n\
    a dog sleeps\tun chien dort\n";

const RECORDS: &str = r#"{"source": "A fire destroyed a hotel in Moraby.", "headline": "Fire in Moraby"}
{"source": "A fire destroyed a school in Peliby.", "headline": "Fire in Peliby"}
{"source": "The team of Moraby beat Peliby 3-0.", "headline": "Moraby beats Peliby 3-0"}
"#;

const SENTENCES: &str = r#"{"id": "1", "w": "the cat sees the dog .", "f": [[2, "see.01", "A0:0-1 V:2-2 A1:3-4"]]}
{"id": "2", "w": "the dog sees a cat today .", "f": [[2, "see.01", "A0:0-1 V:2-2 A1:3-4 AM-TMP:5-5"]]}
{"id": "3", "w": "a cat eats the fish .", "f": [[2, "eat.01", "A0:0-1 V:2-2 A1:3-4"]]}
"#;

const SMALL: [&str; 10] = [
    "--hidden",
    "8",
    "--embed",
    "4",
    "--batch",
    "2",
    "--threads",
    "1",
    "--dropout",
    "0.1",
];

/// The command, the option with its data, its files, and a text for it.
struct Kind {
    command: &'static str,
    data: &'static str,
    text: &'static str,
}

const KINDS: [Kind; 3] = [
    Kind {
        command: "translate",
        data: "--pairs",
        text: "the cat eats",
    },
    Kind {
        command: "summarize",
        data: "--records",
        text: "A fire destroyed a hotel in Peliby.",
    },
    Kind {
        command: "label",
        data: "--sentences",
        text: "the dog eats the fish .",
    },
];

impl Kind {
    fn train<'a>(&self, out: &'a str, options: &[&'a str]) -> Vec<&'a str> {
        let mut args = vec![self.command, "train", self.data, self.command, "--out", out];
        args.extend(["--val", self.command]);
        args.extend(SMALL);
        args.extend(options);
        args
    }
}

/// Every kind's data under the name of its command.
fn place() -> Place {
    let place = Place::new();
    place
        .write("translate", PAIRS)
        .write("summarize", RECORDS)
        .write("label", SENTENCES);
    place
}

#[test]
fn each_task_trains_measures_and_runs() {
    let place = place();
    for kind in &KINDS {
        let command = kind.command;
        let shown = place.ok(&kind.train(command_out(command), &["--steps", "60", "--lr", "0.02"]));
        assert!(shown.contains("seed 1, engine fast, 1 thread\n"), "{shown}");
        let files = place.files(command_out(command));
        for name in ["model.safetensors", "loss.svg", "metrics.jsonl"] {
            assert!(files.iter().any(|file| file == name), "{files:?}");
        }
        let metrics = place.metrics(command_out(command));
        let loss = |n: usize| metrics[n]["val_loss"].as_f64().unwrap();
        assert!(loss(metrics.len() - 1) < 0.8 * loss(0), "{metrics:?}");
        let measured = place.ok(&[command, "eval", "--model", command_out(command)]);
        let measure = match command {
            "translate" => "BLEU",
            "summarize" => "ROUGE",
            _ => "F1",
        };
        assert!(measured.contains(measure), "{measured}");
        let generated = place.ok(&[command, "run", "--model", command_out(command), kind.text]);
        assert_eq!(generated.lines().count(), 1, "{generated:?}");
    }
}

fn command_out(command: &str) -> &'static str {
    match command {
        "translate" => "translator",
        "summarize" => "summarizer",
        _ => "labeler",
    }
}

#[cfg(unix)]
#[test]
fn a_run_stopped_by_ctrl_c_goes_on_as_if_nothing_had_been() {
    let place = place();
    for kind in &KINDS {
        let command = kind.command;
        let options = ["--steps", "1500", "--eval-every", "100"];
        place.ok(&kind.train("whole", &options));
        let mut child = start(&place, &kind.train("parts", &options));
        wait_for(&place.path("parts").join("model.safetensors"));
        sleep(Duration::from_millis(150));
        send("-INT", &child);
        assert!(child.wait().unwrap().success());
        let (resumed, step) = (["train", "--resume", "parts"], steps(&place, "parts"));
        assert!(step < 1500, "{command} was done before it was stopped");
        place.ok(&[&[command][..], &resumed].concat());
        assert_eq!(
            outcome(&place, "parts"),
            outcome(&place, "whole"),
            "{command}"
        );
        for out in ["whole", "parts"] {
            fs::remove_dir_all(place.path(out)).unwrap();
        }
    }
}

/// The step that a run was saved at.
fn steps(place: &Place, out: &str) -> u64 {
    place.header(out)["state"]["progress"]["step"]
        .as_u64()
        .unwrap()
}

#[test]
fn the_attention_is_drawn() {
    let place = place();
    let kind = &KINDS[0];
    place.ok(&kind.train("out", &["--steps", "40"]));
    place.ok(&[
        "translate",
        "run",
        "--model",
        "out",
        "--plot",
        "map.svg",
        "the cat eats",
    ]);
    let svg = fs::read_to_string(place.path("map.svg")).unwrap();
    assert!(svg.starts_with("<svg") && svg.contains("cat"), "{svg}");
}

#[test]
fn malformed_rows_are_counted_and_named_by_their_lines() {
    let place = place();
    let pairs = format!("{PAIRS}no tab at all\n\nthe cat eats\t\n");
    place.write("translate", pairs);
    let output = place.run(&KINDS[0].train("out", &["--steps", "1"]));
    assert!(output.status.success());
    let told = String::from_utf8(output.stderr).unwrap();
    for part in [
        "2 of 7 rows are malformed and left out",
        "line 6: 1 column, expected 2 or 3",
        "line 8: the target is empty",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn what_cannot_be_is_said_in_one_line() {
    let place = place();
    place.ok(&KINDS[0].train("translator", &["--steps", "1"]));
    place.ok(&KINDS[2].train("labeler", &["--steps", "1"]));
    place.write("empty", "").write("other", "{}\n[]\n");
    let train = |command, option, file| [command, "train", option, file, "--out", "new"];
    let cases: [(&[&str], &str); 9] = [
        (&train("translate", "--pairs", "empty"), "empty is empty"),
        (
            &train("translate", "--pairs", "other"),
            "other has no sentence pair: 2 rows are malformed, the first at line 1",
        ),
        (
            &train("summarize", "--records", "other"),
            "other has no record",
        ),
        (
            &train("label", "--sentences", "other"),
            "other has no sentence with roles",
        ),
        (&train("label", "--sentences", "absent"), "absent"),
        (
            &["summarize", "run", "--model", "translator", "a text"],
            "it translates: use `lstm translate`",
        ),
        (
            &["translate", "run", "--model", "labeler", "a text"],
            "it holds a model of kind labeler, expected encoder-decoder",
        ),
        (
            &[
                "translate",
                "run",
                "--model",
                "translator",
                "--beam",
                "0",
                "x",
            ],
            "--beam 0: expected at least 1",
        ),
        (
            &[
                "label",
                "run",
                "--model",
                "labeler",
                "--predicate",
                "swims",
                "the cat sees",
            ],
            "--predicate swims: the sentence has no such word",
        ),
    ];
    for (args, expected) in cases {
        let message = place.fails(args);
        assert!(message.contains(expected), "{args:?}: {message}");
    }
    assert!(
        !place.path("new").exists(),
        "a run that cannot be leaves nothing"
    );
}

#[test]
fn a_new_run_does_not_write_over_another() {
    let place = place();
    for kind in &KINDS {
        let out = command_out(kind.command);
        place.ok(&kind.train(out, &["--steps", "1"]));
        let message = place.fails(&kind.train(out, &["--steps", "1"]));
        let remedy = format!("`lstm {} train --resume", kind.command);
        assert!(message.contains(&remedy), "{message}");
    }
}

#[test]
fn roles_come_as_the_json_that_training_reads() {
    let place = place();
    place.ok(&KINDS[2].train("out", &["--steps", "60", "--lr", "0.02"]));
    let run = [
        "label",
        "run",
        "--model",
        "out",
        "--json",
        "the dog sees a cat .",
    ];
    let json = place.ok(&run);
    place.write("again", &json);
    let row: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(row["f"][0][0], 2);
    let measured = place.ok(&["label", "eval", "--model", "out", "--sentences", "again"]);
    let all = measured
        .lines()
        .find(|line| line.starts_with("all"))
        .unwrap();
    assert!(
        all.ends_with("100.00"),
        "what it said itself it finds again: {measured}"
    );
}

#[test]
fn a_model_of_any_task_can_be_trained_further_on_other_data() {
    let place = place();
    for kind in &KINDS {
        let out = command_out(kind.command);
        place.ok(&kind.train(out, &["--steps", "20"]));
        let model = format!("{out}/model.safetensors");
        let mut args = vec![
            kind.command,
            "train",
            kind.data,
            kind.command,
            "--out",
            "new",
        ];
        args.extend([
            "--val",
            kind.command,
            "--from",
            &model,
            "--batch",
            "2",
            "--steps",
            "30",
        ]);
        let shown = place.ok(&args);
        assert!(shown.contains("done: step 30"), "{shown}");
        args.extend(["--hidden", "8"]);
        let refused = place.fails(&args);
        assert!(
            refused.contains("--hidden is decided by the model"),
            "{refused}"
        );
        fs::remove_dir_all(place.path("new")).unwrap();
    }
}

#[test]
fn run_uses_as_many_threads_as_it_is_told_to() {
    let place = place();
    let kind = &KINDS[0];
    place.ok(&kind.train("out", &["--steps", "20"]));
    let run = |threads: &str| {
        let args = [
            "translate",
            "run",
            "--model",
            "out",
            "--threads",
            threads,
            "the cat eats",
            "a dog",
            "the dog",
        ];
        place.run(&args)
    };
    let one = run("1");
    assert!(one.status.success());
    assert_eq!(run("3").stdout, one.stdout);
    let none = String::from_utf8(run("0").stderr).unwrap();
    assert!(none.contains("number of threads is 0"), "{none}");
}
