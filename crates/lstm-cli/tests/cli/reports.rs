//! The report of a run, and what to try next.

use crate::tool::words;
use crate::tool::{Place, SMALL, train_args};
use std::fs;

/// Text of a stranger that would change a page or a terminal.
const HOSTILE: &str = "<script>alert(1)</script> & {{next}} \"'\n";

pub const PAIRS: &str = "the cat eats\tle chat mange\nthe dog eats\tle chien mange\n\
    the <b>cat</b> drinks\tle chat boit\nthe dog drinks\tle chien boit\n";

const SENTENCE: &str = r#"{"id": "1", "w": "the <b>cat</b> eats the fish", "f": [[2, "eat.01", "A0:0-1 V:2-2 A1:3-4"]]}"#;

pub fn text_of(place: &Place, path: &str) -> String {
    fs::read_to_string(place.path(path)).unwrap()
}

/// Runs the commands that a run proposes at its end.
fn try_commands(place: &Place, next: &str) {
    let mut tried = 0;
    for command in next.lines().filter(|line| line.starts_with("  lstm ")) {
        let command = command.replace("FILE", "text.txt");
        let command = command.replacen("lstm", "\"$0\"", 1);
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &command, env!("CARGO_BIN_EXE_lstm")]);
        let output = shell.current_dir(place.path("")).output().unwrap();
        assert!(output.status.success(), "{command}: {output:?}");
        tried += 1;
    }
    assert!(tried >= 2, "{next}");
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
            words("label train --sentences sentences --val sentences"),
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
        try_commands(&place, next);
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
    let told = place.told(&["train", "--resume", "out", "--steps", "6"]);
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
