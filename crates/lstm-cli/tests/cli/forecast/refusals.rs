//! What `lstm forecast` refuses, and what it counts and goes on with.

use super::{SMALL, fed, place, table, train};
use crate::tool::Place;
use crate::tool::words;
use std::fs;

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn what_cannot_be_is_said_in_one_line() {
    let place = Place::new();
    let rows = |n: usize| -> String { (0..n).map(|t| format!("{t},{}\n", t % 5)).collect() };
    place.write("data", format!("day,sales\n{}", rows(120)));
    place.ok(&words(&train("out", "--steps 1")));
    place.ok(&words(&train("untested", "--steps 1 --test-fraction 0")));
    fs::copy(place.path("out/model.safetensors"), place.path("alone")).unwrap();
    let by_shop = |shop: &str| -> String {
        let row = |t: usize| format!("{t},{shop},{}\n", t % 5);
        (0..60).map(row).collect()
    };
    place.write("pairs", "a\tb\nc\td\n");
    place.ok(&words(
        "translate train --pairs pairs --val pairs --hidden 4 --embed 2 --steps 1 --out tr",
    ));
    let constant: String = (0..50).map(|t| format!("{t},7\n")).collect();
    place
        .write("constant", format!("day,sales\n{constant}"))
        .write("one", "day,sales\n1,5\n")
        .write("three", "day,sales\n1,5\n2,6\n3,4\n")
        .write("backwards", "day,sales\n3,5\n2,6\n1,4\n")
        .write(
            "twice",
            "day,sales\n2024-10-27T02:00,5\n2024-10-27T02:00,6\n",
        )
        .write("comma", "day;sales\n1;5,5\n2;6,5\n")
        .write("text", "day,sales\n1,5\n2,many\n")
        .write("infinite", "day,sales\n1,inf\n")
        .write(
            "hours",
            "day,sales\n2024-01-01T00:00,1\n2024-01-01T01:00,2\n",
        )
        .write("far", format!("day,sales\n{}49,1e40\n", &rows(49)))
        .write("thousands", "day,sales\n1,\"1,234.5\"\n2,6\n")
        .write("wide", format!("day,{}sales\n", "c,".repeat(1_000_000)))
        .write("other", format!("day,shop,sales\n{}", by_shop("b")))
        .write("shops", format!("day,shop,sales\n{}", by_shop("a")))
        .write("binary", [0_u8, 1, 2, 3]);
    place.ok(&words(&format!(
        "forecast train --data shops --time day --id shop --value sales {SMALL} --steps 1 --out shop"
    )));
    let with =
        |file: &str| format!("forecast train --data {file} --time day --value sales --out new");
    let cases = [
        (with("absent"), "absent does not exist"),
        (with("binary"), "binary"),
        (
            with("constant"),
            "the series is constant in the training part",
        ),
        (
            with("far"),
            "more than 10^9 standard deviations from the mean",
        ),
        (
            with("one"),
            "the series is too short: the longest has 1 row, 0 of them to train on",
        ),
        (
            with("backwards"),
            "line 3 (2) is earlier than line 2 (3); sort the rows by time",
        ),
        (
            with("twice"),
            "line 3 has the time of line 2, 2024-10-27T02:00:00; if clocks were set back",
        ),
        (
            with("comma"),
            "line 2, column \"sales\": \"5,5\" may have a decimal comma",
        ),
        (with("thousands"), "has separators of thousands"),
        (with("wide"), "--max-input"),
        (
            "forecast run --model shop --data other".to_owned(),
            "the model was not trained on a series \"b\" and cannot scale it",
        ),
        (
            "forecast train --from shop --data data --time day --value sales --relative-to last --out new"
                .to_owned(),
            "--relative-to",
        ),
        (
            with("text"),
            "line 3, column \"sales\": \"many\" is not a number",
        ),
        (
            with("infinite"),
            "line 2, column \"sales\": \"inf\" is too large",
        ),
        (
            with("data --known price"),
            "there is no column \"price\"; the first line has \"day\", \"sales\"",
        ),
        (
            with("data --id day"),
            "--value \"day\": expected the name of a column",
        ),
        (
            with("data --embed 3"),
            "--embed for a forecast: a series has no embedding",
        ),
        (
            with("data --horizon 0"),
            "horizon is 0, expected at least 1 and at most 100000",
        ),
        (
            with("data --horizon 99999999"),
            "horizon is 99999999, expected at least 1 and at most 100000",
        ),
        (with("data --context 0"), "context is 0"),
        (with("data --season 0"), "season is 0"),
        (
            with("data --quantiles 0.1,0.9"),
            "quantiles is [0.1, 0.9], expected ascending numbers",
        ),
        (
            with("data --quantiles 0.5,0.1"),
            "expected ascending numbers",
        ),
        (
            with("data --quantiles=-1,0.5"),
            "expected ascending numbers",
        ),
        (
            with("data --quantiles 0.5 --head gaussian"),
            "--quantiles given: leave it out",
        ),
        (
            with("data --val-fraction 0.6 --test-fraction 0.5"),
            "held-out fraction is 1.1",
        ),
        (with("data --test-fraction -0.1"), "test fraction is -0.1"),
        (
            "forecast run --model tr".to_owned(),
            "a model of kind encoder-decoder, expected forecaster",
        ),
        (
            "forecast run --model out --data hours".to_owned(),
            "the model was trained on steps of 1",
        ),
        (
            "forecast run --model out --data data --out data".to_owned(),
            "data already exists",
        ),
        (
            "forecast eval --model alone".to_owned(),
            "alone is not in the directory of a run, which says where the test part begins: give the \
             directory that training wrote to, or train further with `lstm forecast train --from`",
        ),
        (
            "forecast run --model alone".to_owned(),
            "name a table with --data",
        ),
        (
            "forecast eval --model untested".to_owned(),
            "the test part has no value to measure; train with a larger --test-fraction",
        ),
        (
            "forecast train --resume out --horizon 4".to_owned(),
            "--horizon differs from the setting",
        ),
        (
            "forecast train --resume out --steps 3 --context 4".to_owned(),
            "--context differs",
        ),
        (
            "forecast train --resume out --steps 3 --relative-to last".to_owned(),
            "--relative-to differs",
        ),
    ];
    for (command, expected) in cases {
        let message = place.fails(&words(&command));
        assert!(message.contains(expected), "{command}: {message}");
        assert!(!place.path("new").exists(), "{command}");
    }
    place.write("data", format!("day,sales\n{}", rows(119)));
    let message = place.fails(&words("forecast train --resume out --steps 2"));
    assert!(
        message.contains("not the one this run was trained on"),
        "{message}"
    );
}

#[test]
fn a_wrong_row_of_standard_input_is_named_by_its_line() {
    let place = place();
    place.ok(&words(&train("out", "--steps 1")));
    for (input, expected) in [
        (
            "day,sales\n1,5\n2,x\n",
            "standard input, line 3, column \"sales\": \"x\" is not a number",
        ),
        (
            "day,sales\n1,5\n\n1,6\n",
            "standard input: line 4 has the time of line 2, 1;",
        ),
        (
            "day,sales\n1,5\n2\n",
            "standard input: line 3 has 1 field, expected 2",
        ),
        (
            "day,sales\n1,5\n5000,6\n",
            "standard input: before line 3 (5000) more than ten times as many rows are missing",
        ),
        ("a,b\n", "standard input: there is no column \"day\""),
    ] {
        let output = fed(&place, "forecast run --model out --follow", input);
        assert_eq!(output.status.code(), Some(1), "{input:?}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(expected), "{input:?}: {told}");
    }
}

#[test]
fn what_is_missing_is_counted_and_named() {
    let place = Place::new();
    let with_gap: String = table(120, |_, sales| sales)
        .lines()
        .filter(|line| !line.starts_with("1050,"))
        .fold(String::new(), |text, line| text + line + "\r\n");
    place.write("data", format!("\u{FEFF}{with_gap}"));
    let output = place.run(&words(&train("out", "--steps 1")));
    assert!(output.status.success());
    let told = String::from_utf8(output.stderr).unwrap();
    for part in [
        "warning: ",
        "9 of 119 values of \"sales\" are missing and masked, the first in line 7",
        "1 row is missing in 1 gap, the first before line 52; their values are masked",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn a_column_without_values_is_refused_after_they_were_counted() {
    let place = Place::new();
    place.write(
        "data",
        "day,sales\n1,\n2,NaN\n3,\n4,NA\n5,\n6,\n7,\n8,\n9,\n",
    );
    let output = place.run(&words(&train("out", "--steps 1")));
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    for part in [
        "9 of 9 values of \"sales\" are missing",
        "error: ",
        "the series is too short",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!place.path("out").exists());
}

#[test]
fn fewer_rows_than_a_window_are_learned_in_one_window() {
    let place = Place::new();
    place.write("data", "day,sales\n1,5\n2,6\n3,4\n4,7\n5,5\n6,6\n");
    let shown = place.ok(&words(
        "forecast train --data data --time day --value sales --horizon 2 --out out --steps 2",
    ));
    assert!(shown.contains("6 rows of 1 series"), "{shown}");
    place.ok(&words("forecast run --model out"));
    place.ok(&words("forecast eval --model out"));
}
