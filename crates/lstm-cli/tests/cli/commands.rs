//! What the commands do when all is well.

use crate::tool::{LINE, Place};
use std::fs;

#[test]
fn training_leaves_a_model_metrics_and_pictures() {
    let place = Place::new();
    let shown = place.train("out", &["--steps", "25", "--eval-every", "10"]);
    assert!(shown.contains("seed 1, engine fast, 1 thread\n"), "{shown}");
    let files = place.files("out");
    assert_eq!(
        files,
        [
            "best.safetensors",
            "gates.svg",
            "loss.svg",
            "metrics.jsonl",
            "model.safetensors",
            "report.html",
            "run.lock",
            "run.safetensors",
            "samples.jsonl"
        ]
    );
    let metrics = place.metrics("out");
    let steps: Vec<_> = metrics
        .iter()
        .map(|m| m["step"].as_u64().unwrap())
        .collect();
    assert_eq!(steps, [10, 20, 25]);
    for line in &metrics {
        let fields: Vec<_> = line
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let expected = [
            "bpc",
            "chars_per_s",
            "perplexity",
            "seconds",
            "step",
            "train_loss",
            "val_loss",
        ];
        assert_eq!(fields.len(), expected.len());
        for field in expected {
            assert!(
                line[field].as_f64().is_some_and(f64::is_finite),
                "{field} in {line}"
            );
        }
        let (loss, bpc) = (
            line["val_loss"].as_f64().unwrap(),
            line["bpc"].as_f64().unwrap(),
        );
        assert!((bpc - loss / 2.0_f64.ln()).abs() < 1e-9);
    }
    for picture in ["loss.svg", "gates.svg"] {
        let svg = fs::read_to_string(place.path("out").join(picture)).unwrap();
        assert!(
            svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"),
            "{picture}"
        );
    }
}

#[test]
fn a_model_writes_the_same_text_for_the_same_seed_and_streams_it_whole() {
    let place = Place::new();
    place.train("out", &["--steps", "150", "--lr", "0.03"]);
    let write = |seed| {
        place.ok(&[
            "generate", "--model", "out", "--prime", "the ", "--length", "80", "--seed", seed,
        ])
    };
    let text = write("5");
    assert_eq!(text.chars().count(), 4 + 80 + 1);
    assert!(text.starts_with("the "));
    let unprimed = place.ok(&[
        "generate", "--model", "out", "--length", "10", "--seed", "5",
    ]);
    assert_eq!(unprimed.chars().count(), 10 + 1);
    assert_eq!(text, write("5"));
    assert_ne!(text, write("6"));
    let greedy = |extra: &[&str]| {
        let mut args = vec![
            "generate", "--model", "out", "--prime", "the ", "--length", "40",
        ];
        args.extend(extra);
        place.ok(&args)
    };
    assert_eq!(greedy(&["--temperature", "0"]), greedy(&["--top-k", "1"]));
    assert_eq!(
        greedy(&["--temperature", "0"]),
        greedy(&["--top-p", "0.000001"])
    );
}

#[test]
fn eval_measures_what_training_measured() {
    let place = Place::new();
    place.train("out", &["--steps", "30", "--eval-every", "30"]);
    // The held-out tenth, as a file of its own.
    let text = LINE.repeat(40);
    place.write("val.txt", &text[text.len() - text.len() / 10..]);
    let shown = place.ok(&["eval", "--model", "out", "--text", "val.txt"]);
    let val_loss = place.metrics("out")[0]["val_loss"].as_f64().unwrap();
    assert!(
        shown.contains(&format!("loss        {val_loss:.4} nats/char")),
        "{val_loss}: {shown}"
    );
}

#[test]
fn eval_leaves_out_unknown_characters_only_when_asked() {
    let place = Place::new();
    place.train("out", &["--steps", "5"]).clear();
    place.write("other.txt", "the cat, the cat, the qat\n");
    let message = place.fails(&["eval", "--model", "out", "--text", "other.txt"]);
    assert!(
        message.contains("','") && message.contains("U+002C"),
        "{message}"
    );
}

#[test]
fn inspect_works_out_the_parameter_count() {
    let place = Place::new();
    place.train("out", &["--steps", "1", "--layers", "2"]);
    let shown = place.ok(&["inspect", "--model", "out"]);
    // V = 13, D = 4, H = 8.
    let kinds: std::collections::BTreeSet<char> = LINE.chars().collect();
    let v = kinds.len();
    let together = 4 * v + 4 * (8 * 4 + 64 + 8) + 4 * (64 + 64 + 8) + (8 * v + v);
    assert!(
        shown.contains("4(HD + H² + H) = 4(8·4 + 8² + 8) = 416"),
        "{shown}"
    );
    assert!(
        shown.contains("4(HD + H² + H) = 4(8·8 + 8² + 8) = 544"),
        "{shown}"
    );
    assert!(
        shown.contains(&format!("together   {together}").replace("1", "1"))
            || shown.contains(&grouped(together)),
        "{shown}"
    );
    for tensor in ["embedding.w", "layers.0.i.w_x", "layers.1.o.b", "head.w"] {
        assert!(shown.contains(tensor), "{tensor}: {shown}");
    }
}

fn grouped(n: usize) -> String {
    format!("together   {},{:03}", n / 1000, n % 1000)
}

#[test]
fn gradcheck_agrees_for_either_engine_and_for_one_hot_input() {
    let place = Place::new();
    for options in [
        &["--engine", "batched"][..],
        &["--engine", "spec"],
        &["--embed", "0", "--layers", "3"],
    ] {
        let mut args = vec!["gradcheck", "--hidden", "3", "--steps", "4"];
        args.extend(options);
        let shown = place.ok(&args);
        assert!(shown.contains("agree with both"), "{shown}");
        assert!(!shown.contains("FAIL"), "{shown}");
        assert!(
            shown.contains("layers.0.f.w_h") && shown.contains("c_0 of layer 0"),
            "{shown}"
        );
    }
}

#[test]
fn all_engines_train_to_the_same_losses() {
    let place = Place::new();
    let losses = |engine| {
        place.train(
            engine,
            &["--steps", "10", "--eval-every", "2", "--engine", engine],
        );
        let metrics = place.metrics(engine);
        metrics
            .iter()
            .map(|m| m["val_loss"].as_f64().unwrap())
            .collect::<Vec<_>>()
    };
    let spec = losses("spec");
    for engine in ["batched", "fast"] {
        for (spec, other) in spec.iter().zip(losses(engine)) {
            assert!((spec - other).abs() < 1e-4, "spec {spec}, {engine} {other}");
        }
    }
}

#[test]
fn the_article_s_preset_is_its_set_up_and_gives_way_to_options() {
    let place = Place::new();
    place.write("text.txt", LINE.repeat(10));
    let args = [
        "train", "--preset", "article", "--text", "text.txt", "--out", "out", "--steps", "1",
        "--hidden", "8",
    ];
    let shown = place.ok(&args);
    assert!(shown.contains("one-hot, 2 × 8 units"), "{shown}");
    assert!(
        shown.contains("128 overlapping windows, 100 steps long"),
        "{shown}"
    );
    let descent = &place.header("out")["state"]["descent"];
    assert_eq!(descent["optimizer"]["name"], "adam");
    assert_eq!(descent["learning_rate"], 1e-3);
    assert!(descent["max_norm"].is_null());
}

#[test]
fn subwords_are_read_as_well_as_characters() {
    let place = Place::new();
    let shown = place.train("out", &["--steps", "20", "--vocab", "300"]);
    assert!(shown.contains("in subwords of"), "{shown}");
    assert!(place.metrics("out")[0]["bits_per_token"].is_number());
    // A character that the text never had is written in its bytes.
    let generate = [
        "generate", "--model", "out", "--prime", "the 月", "--length", "30",
    ];
    let text = place.ok(&[&generate[..], &["--seed", "1"]].concat());
    assert!(text.starts_with("the 月"), "{text}");
    let most_probable = place.ok(&[&generate[..], &["--beam", "2"]].concat());
    assert!(most_probable.starts_with("the 月"), "{most_probable}");
    let measured = place.ok(&["eval", "--model", "out", "--text", "text.txt"]);
    assert!(
        measured.contains("nats/token") && measured.contains("per char"),
        "{measured}"
    );
    place.ok(&["train", "--resume", "out", "--steps", "22"]);
}

#[test]
fn a_text_comes_from_standard_input_too_and_chinese_is_text() {
    let place = Place::new();
    let poem = "白日依山尽，黄河入海流。\r\n欲穷千里目，更上一层楼。\r\n".repeat(20);
    place.write("poem.txt", &poem);
    let mut args = crate::tool::train_args("out", &["--steps", "3"]);
    args[2] = "-";
    let input = fs::File::open(place.path("poem.txt")).unwrap();
    let output = place.command(&args).stdin(input).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let shown = String::from_utf8(output.stdout).unwrap();
    // Line ends are one character: 13 characters a line.
    assert!(
        shown.contains("standard input: 520 characters of 23 kinds"),
        "{shown}"
    );
    let text = place.ok(&[
        "generate", "--model", "out", "--prime", "白日", "--length", "10",
    ]);
    assert_eq!(text.chars().count(), 2 + 10 + 1);
}

#[test]
fn the_tour_learns_shows_and_says_what_to_try_next() {
    let place = Place::new();
    let shown = place.ok(&["tour", "--seconds", "1"]);
    for next in [
        "What to try next",
        "lstm generate --model lstm-out --prime The",
        "lstm gradcheck",
    ] {
        assert!(shown.contains(next), "{shown}");
    }
    assert!(place.files("lstm-out").contains(&"gates.svg".to_owned()));
}

#[test]
fn bench_times_a_workload_for_programs_and_for_people() {
    let place = Place::new();
    let shown = place.ok(&["bench", "W4-H1", "--json", "--threads", "1"]);
    let line: serde_json::Value = serde_json::from_str(&shown).expect("one line of JSON");
    assert_eq!(line["workload"], "W4-H1");
    assert_eq!(
        (&line["engine"], &line["threads"]),
        (&"fast".into(), &1.into())
    );
    let number = |field: &str| line[field].as_f64().unwrap();
    assert!(number("step_s_median") >= number("step_s_min") && number("step_s_min") > 0.0);
    // 32 sequences of 100, and the peers' count of their operations.
    let rate = number("chars_per_s") * number("step_s_median");
    assert!((rate - 3200.0).abs() < 1e-6, "{rate}");
    let flops = number("gflops") * 1e9 * number("step_s_median");
    assert!((flops / (6.0 * 3200.0 * (4.0 * 65.0 + 64.0)) - 1.0).abs() < 1e-9);

    let shown = place.ok(&["bench", "W2", "W2-half"]);
    for part in ["FMA peak", "GB/s of weights read", "\nW2 ", "\nW2-half "] {
        assert!(shown.contains(part), "{part} is missing: {shown}");
    }
}
