//! Bad input: one clear line that names the cause and the remedy, a failing exit code, nothing lost
//! and nothing half-written.

use crate::tool::{Place, train_args};
use std::fs;

fn train_on(place: &Place, text: &str, options: &[&str]) -> String {
    let mut args = train_args("out", options);
    args[2] = text;
    let message = place.fails(&args);
    assert!(
        !place.path("out").exists(),
        "{message}: a directory was left behind"
    );
    message
}

#[test]
fn a_tolerance_that_accepts_nothing_or_nearly_everything_is_refused() {
    let place = Place::new();
    for given in ["nan", "-0.001", "0", "0.5", "inf"] {
        let message = place.fails(&["check", "recording.safetensors", "--tolerance", given]);
        assert!(message.contains("above 0 and at most 0.1"), "{message}");
    }
}

#[test]
fn texts_that_cannot_be_read_are_named() {
    let place = Place::new();
    place
        .write("empty.txt", "")
        .write("latin1.txt", b"caf\xe9\n")
        .write("image.png", b"\x89PNG\r\n\x1a\n\0\0\0");
    fs::create_dir(place.path("folder")).unwrap();
    for (text, cause) in [
        ("missing.txt", "missing.txt"),
        ("folder", "no .txt file"),
        ("empty.txt", "empty"),
        ("latin1.txt", "not UTF-8"),
        ("image.png", "binary"),
    ] {
        let message = train_on(&place, text, &[]);
        assert!(
            message.contains(text) && message.contains(cause),
            "{text}: {message}"
        );
    }
}

#[test]
fn a_text_shorter_than_one_window_or_than_its_streams_is_named_with_both_lengths() {
    let place = Place::new();
    place.write("short.txt", "abc");
    let message = train_on(&place, "short.txt", &["--windows", "--val-fraction", "0"]);
    assert!(message.contains('3') && message.contains("10"), "{message}");
    let message = train_on(&place, "short.txt", &["--val-fraction", "0"]);
    assert!(message.contains('3') && message.contains('4'), "{message}");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn sizes_of_zero_and_settings_out_of_range_are_named() {
    let place = Place::new();
    let cases: [(&[&str], &str); 14] = [
        (
            &["--layers", "0"],
            "number of layers is 0, expected at least 1",
        ),
        (&["--hidden", "0"], "hidden size is 0, expected at least 1"),
        (&["--batch", "0"], "batch size is 0, expected at least 1"),
        (
            &["--seq-len", "0"],
            "sequence length is 0, expected at least 1",
        ),
        (
            &["--threads", "0"],
            "number of threads is 0, expected at least 1",
        ),
        (&["--steps", "0"], "--steps 0: expected at least 1"),
        (&["--epochs", "0"], "--epochs 0: expected at least 1"),
        (
            &["--seconds", "0"],
            "--seconds 0: expected a positive number",
        ),
        (
            &["--eval-every", "0"],
            "--eval-every 0: expected at least 1",
        ),
        (
            &["--dropout", "1"],
            "dropout is 1, expected at least 0 and below 1",
        ),
        (
            &["--lr", "-1"],
            "learning rate is -1, expected a positive number",
        ),
        (
            &["--clip", "-1"],
            "norm to clip at is -1, expected a positive number",
        ),
        (
            &["--schedule", "cosine", "--seconds", "9"],
            "--schedule cosine: a cosine needs to know its end, so give --steps or --epochs",
        ),
        (&["--val-fraction", "1"], "validation"),
    ];
    for (options, expected) in cases {
        // The small options come first; clap takes none twice.
        let mut args = vec!["train", "--text", "text.txt", "--out", "out"];
        args.extend(options);
        let message = place.fails(&args);
        assert!(message.contains(expected), "{options:?}: {message}");
        assert!(
            !place.path("out").exists(),
            "{options:?}: a directory was left behind"
        );
    }
    for (options, expected) in [
        (["--hidden", "0"], "hidden size is 0"),
        (["--vocab", "0"], "vocabulary size is 0"),
        (["--steps", "0"], "sequence length is 0"),
        (["--batch", "0"], "batch size is 0"),
    ] {
        let message = place.fails(&[&["gradcheck"], &options[..]].concat());
        assert!(message.contains(expected), "{options:?}: {message}");
    }
}

#[test]
fn options_that_contradict_each_other_are_usage_errors() {
    let place = Place::new();
    for args in [
        vec!["train"],
        vec![
            "train",
            "--text",
            "text.txt",
            "--out",
            "out",
            "--stream",
            "--windows",
        ],
        vec![
            "train", "--text", "text.txt", "--out", "out", "--steps", "1", "--epochs", "1",
        ],
        vec!["train", "--resume", "out", "--preset", "article"],
        vec!["generate", "--model", "out", "--length", "many"],
        vec!["bench", "W4-H0"],
    ] {
        let output = place.run(&args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {output:?}");
    }
}

#[test]
fn a_character_outside_the_vocabulary_in_the_prime_is_named() {
    let place = Place::new();
    place.train("out", &["--steps", "1"]);
    let message = place.fails(&["generate", "--model", "out", "--prime", "the Zat"]);
    assert!(
        message.contains("'Z'") && message.contains("U+005A"),
        "{message}"
    );
}

#[test]
fn sampling_settings_out_of_range_are_named() {
    let place = Place::new();
    for (option, value, expected) in [
        ("--temperature", "-1", "temperature is -1"),
        ("--top-k", "0", "top-k is 0"),
        ("--top-p", "2", "top-p is 2"),
    ] {
        let message = place.fails(&["generate", "--model", "out", option, value]);
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn checkpoints_that_are_missing_truncated_corrupted_or_foreign_are_named() {
    let place = Place::new();
    place.train("out", &["--steps", "1"]);
    fs::create_dir(place.path("nothing")).unwrap();
    fs::create_dir(place.path("foreign")).unwrap();
    place.write(
        "foreign/checkpoint.json",
        r#"{"format": "other", "version": 7, "kind": "x"}"#,
    );
    for command in [
        &["generate"][..],
        &["inspect"],
        &["eval", "--text", "text.txt"],
    ] {
        let load = |dir| place.fails(&[command, &["--model", dir]].concat());
        assert!(load("absent").contains("absent holds no model"));
        assert!(load("nothing").contains("nothing holds no model"));
        assert!(load("foreign").contains("its format is other version 7"));
    }
    assert!(
        place
            .fails(&["train", "--resume", "absent"])
            .contains("absent holds no run")
    );
    let path = place.path("out/model.safetensors");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let message = place.fails(&["inspect", "--model", "out"]);
    assert!(
        message.contains("model.safetensors") && message.contains("truncated"),
        "{message}"
    );
    let mut changed = whole.clone();
    *changed.last_mut().unwrap() ^= 0x40;
    fs::write(&path, changed).unwrap();
    let message = place.fails(&["train", "--resume", "out", "--steps", "9"]);
    assert!(
        message.contains("model.safetensors") && message.contains("checksum"),
        "{message}"
    );
    fs::remove_file(&path).unwrap();
    let message = place.fails(&["inspect", "--model", "out"]);
    assert!(message.contains("model.safetensors"), "{message}");
}

#[test]
fn a_directory_that_cannot_be_written_is_named_before_any_training() {
    let place = Place::new();
    place.write("file", "in the way");
    let message = place.fails(&train_args("file/out", &[]));
    assert!(message.contains("cannot create file/out"), "{message}");
    assert_eq!(fs::read(place.path("file")).unwrap(), b"in the way");
}

#[test]
fn a_run_is_not_written_over() {
    let place = Place::new();
    place.train("out", &["--steps", "3"]);
    let before = place.files("out");
    let message = place.fails(&train_args("out", &["--steps", "3"]));
    assert!(
        message.contains("already holds a run, at step 3") && message.contains("--resume out"),
        "{message}"
    );
    assert_eq!(place.files("out"), before);
    assert_eq!(place.metrics("out").len(), 1);
    // Nor does the tour write over what is not a tour.
    let message = place.fails(&["tour", "--seconds", "1", "--out", "out"]);
    assert!(message.contains("already holds a run"), "{message}");
}

#[test]
fn a_resumed_run_wants_its_own_text() {
    let place = Place::new();
    place.train("out", &["--steps", "3"]);
    place.write("other.txt", "the cat sat on the mat!\n".repeat(40));
    let message = place.fails(&[
        "train",
        "--resume",
        "out",
        "--text",
        "other.txt",
        "--steps",
        "9",
    ]);
    assert!(
        message.contains("the text is not the one this run was trained on"),
        "{message}"
    );
    fs::rename(place.path("text.txt"), place.path("moved.txt")).unwrap();
    let message = place.fails(&["train", "--resume", "out", "--steps", "9"]);
    assert!(message.contains("text.txt"), "{message}");
    place.ok(&[
        "train",
        "--resume",
        "out",
        "--text",
        "moved.txt",
        "--steps",
        "9",
    ]);
    place.ok(&["train", "--resume", "out", "--steps", "12"]);
}

#[test]
fn a_resumed_run_keeps_its_settings_whether_they_are_given_again_or_not() {
    let place = Place::new();
    let options = [
        "--steps",
        "6",
        "--lr",
        "0.01",
        "--clip",
        "0",
        "--schedule",
        "plateau",
    ];
    place.train("out", &options);
    for (option, value) in [
        ("--hidden", "9"),
        ("--seed", "2"),
        ("--optimizer", "sgd"),
        ("--schedule", "constant"),
        ("--init", "pytorch"),
        ("--dropout", "0.1"),
        ("--batch", "5"),
    ] {
        let message = place.fails(&["train", "--resume", "out", option, value]);
        assert!(
            message.starts_with(option) && message.contains("keeps its settings"),
            "{message}"
        );
    }
    assert!(
        place
            .fails(&["train", "--resume", "out", "--windows"])
            .starts_with("--windows")
    );
    // The command that began the run, with --resume and a later end, goes on with it.
    let mut again = train_args(
        "out",
        &[
            "--steps",
            "9",
            "--lr",
            "0.01",
            "--clip",
            "0",
            "--schedule",
            "plateau",
        ],
    );
    again.extend(["--resume", "out"]);
    assert!(place.ok(&again).contains("done: step 9"));
}

#[test]
fn a_run_that_diverges_keeps_its_last_good_checkpoint_and_its_remedy_works() {
    let place = Place::new();
    let options = [
        "--optimizer",
        "sgd",
        "--lr",
        "1e38",
        "--clip",
        "0",
        "--steps",
        "50",
        "--eval-every",
        "1",
    ];
    let message = place.fails(&train_args("out", &options));
    assert!(
        message.contains("not finite at step") && message.contains("lower learning rate"),
        "{message}"
    );
    place.ok(&["inspect", "--model", "out"]);
    let shown = place.ok(&["train", "--resume", "out", "--lr", "0.1", "--clip", "1"]);
    assert!(shown.contains("done: step 50"), "{shown}");
}

#[test]
fn a_run_at_its_end_or_with_a_cosine_is_not_resumed_in_vain() {
    let place = Place::new();
    place.train("out", &["--steps", "3", "--schedule", "cosine"]);
    let message = place.fails(&["train", "--resume", "out", "--steps", "2"]);
    assert!(message.contains("already at step 3"), "{message}");
    assert!(
        place
            .ok(&["train", "--resume", "out"])
            .contains("done: step 3")
    );
    let message = place.fails(&["train", "--resume", "out", "--steps", "9"]);
    assert!(message.contains("cosine over 3 steps"), "{message}");
    let message = place.fails(&train_args(
        "new",
        &["--schedule", "plateau", "--val-fraction", "0"],
    ));
    assert!(message.contains("--val-fraction"), "{message}");
}

#[test]
fn a_tour_that_cannot_begin_leaves_the_last_one_alone() {
    let place = Place::new();
    place.ok(&["tour", "--seconds", "0.2"]);
    place.fails(&["tour", "--seconds", "-1"]);
    place.ok(&["inspect", "--model", "lstm-out"]);
    place.ok(&["train", "--resume", "lstm-out", "--seconds", "4"]);
}
