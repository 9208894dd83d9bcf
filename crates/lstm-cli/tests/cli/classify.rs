//! `lstm classify`, on texts and series so few and short that a step takes a millisecond.

mod refusals;
mod resume;

use crate::forecast::{assert_has, fed};
use crate::tool::{Place, words};
use std::fs;

const SMALL: &str = "--hidden 8 --batch 4 --threads 1";

/// Words of two languages, of which the first has three times as many: `ab…` and `ba…`.
fn texts(count: usize) -> String {
    let mut table = "text,label\n".to_owned();
    for n in 0..count {
        let (pair, label) = if n % 4 == 3 {
            ("ba", "there")
        } else {
            ("ab", "here")
        };
        table += &format!(
            "\"{}{}, {n}\",{label}\n",
            pair.repeat(1 + n % 5),
            ["", "\n"][n % 2]
        );
    }
    table
}

/// Series that rise or fall, with a value missing.
fn series(count: usize) -> String {
    let mut table = "series;day;x;label\n".to_owned();
    for n in 0..count {
        let (slope, label) = if n % 2 == 0 {
            (1.0, "up")
        } else {
            (-1.0, "down")
        };
        for t in 0..4 + n % 3 {
            let x = slope * t as f64 + (n * n % 7) as f64 / 10.0 + n as f64 / 1000.0;
            let x = if n == 5 && t == 1 {
                String::new()
            } else {
                x.to_string()
            };
            table += &format!("s{n};{t};{x};{label}\n");
        }
    }
    table
}

const SERIES: &str = "--value x --id series --time day";

/// A place with 80 texts and 60 series.
fn place() -> Place {
    let place = Place::new();
    place.write("texts", texts(80)).write("series", series(60));
    place
}

fn train(out: &str, options: &str) -> String {
    format!("classify train {SMALL} --out {out} {options}")
}

#[test]
fn texts_are_learned_measured_and_classified() {
    let place = place();
    let shown = place.ok(&words(&train(
        "out",
        "--data texts --embed 4 --steps 150 --lr 0.02",
    )));
    assert_has(
        &shown,
        &[
            "56 texts to train, 12 to validate and 12 to test, 2 labels",
            " in a batch",
            "\n    expected  ",
            "done: step 150",
            "  lstm classify eval --model out\n  echo TEXT | lstm classify run --model out",
        ],
    );
    let report = fs::read_to_string(place.path("out/report.html")).unwrap();
    assert_has(
        &report,
        &[
            "Confusion matrix of the validation part",
            "nats per label",
            "\nvalidation\n",
            "\nlowest: ",
        ],
    );
    assert!(place.path("out/confusion.svg").exists());
    let measured = place.ok(&words("classify eval --model out --plot new.svg"));
    assert_has(
        &measured,
        &[
            "12 texts of the test part, 2 labels",
            "LSTM               100.00    100.00",
            "frequencies only    75.00     42.86",
            "here                  9  100.00  100.00  100.00",
            "there                 3  100.00  100.00  100.00",
            "true \\ found         here    there\nhere                    9        0\nthere                   0        3\n",
        ],
    );
    let svg = fs::read_to_string(place.path("new.svg")).unwrap();
    assert_has(
        &svg,
        &["12 examples of the test part", "\nthere\n", "\n9\n"],
    );
    let again = place.ok(&words(
        "classify eval --model out/best.safetensors --threads 2",
    ));
    assert_eq!(again, measured);
    inspect_texts(&place);
    classify_texts(&place);
}

fn inspect_texts(place: &Place) {
    let inspected = place.ok(&words("inspect --model out"));
    assert_has(
        &inspected,
        &[
            "a classifier of texts, by ",
            "classes, with their examples in training: \"here\" (42), \"there\" (14)",
            "reads in one direction, mean pooling",
            " nats/label, at step ",
            "  head       KH + K = 2·8 + 2 = 18",
        ],
    );
    let json: serde_json::Value =
        serde_json::from_str(&place.ok(&words("inspect --json --model out"))).unwrap();
    assert_eq!(json["classes"][1]["name"], "there");
}

fn classify_texts(place: &Place) {
    let labels = |output: &str| -> Vec<String> {
        let rows = output
            .lines()
            .skip(1)
            .map(|row| row.rsplit(',').nth(1).unwrap().to_owned());
        rows.collect()
    };
    let given = place.ok(&["classify", "run", "--model", "out", "abab", "baba, 3"]);
    assert!(
        given.starts_with("text,label,probability\nabab,here,0."),
        "{given}"
    );
    assert!(given.contains("\n\"baba, 3\",there,0."), "{given}");
    let piped = fed(place, "classify run --model out", "abab\nbaba, 3\n");
    assert_eq!(
        labels(&String::from_utf8(piped.stdout).unwrap()),
        labels(&given)
    );
    place.write("new.csv", "text\nabab\n\"baba, 3\"\n");
    let read = place.ok(&words("classify run --model out --input new.csv"));
    assert_eq!(labels(&read), labels(&given));
    place.write(
        "new.jsonl",
        "{\"text\": \"abab\"}\n\n{\"text\": \"baba, 3\", \"label\": null}\n",
    );
    let read = place.ok(&words(
        "classify run --model out --input new.jsonl --format jsonl",
    ));
    let rows: Vec<serde_json::Value> = read
        .lines()
        .map(|row| serde_json::from_str(row).unwrap())
        .collect();
    assert_eq!(
        (&rows[0]["label"], &rows[1]["label"]),
        (&"here".into(), &"there".into())
    );
    assert!(rows[1]["probability"].as_f64().unwrap() > 0.5, "{read}");
    // Labelled texts may be classified, too.
    assert_eq!(
        place
            .ok(&words("classify run --model out --input texts"))
            .matches(",here,")
            .count(),
        60
    );
}

#[test]
fn series_are_learned_measured_and_classified() {
    let place = place();
    let options =
        format!("--data series {SERIES} --bidirectional --pooling last --steps 150 --lr 0.02");
    let output = place.run(&words(&train("out", &options)));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.contains("1 of 300 values is missing and masked, the first in line 27"),
        "{told}"
    );
    let shown = String::from_utf8(output.stdout).unwrap();
    assert_has(
        &shown,
        &[
            "40 series to train, 10 to validate and 10 to test, 2 labels",
            "1 column, 1 × 8 units in both directions, last pooling",
            "    input     series \"s",
        ],
    );
    let measured = place.ok(&words("classify eval --model out"));
    assert_has(
        &measured,
        &["LSTM               100.00    100.00", "frequencies only"],
    );
    // The rows of two series may alternate.
    let new = "x,series,day\n0,a,1\n0.3,b,1\n-1,a,2\n1.3,b,2\n-2,a,3\n2.3,b,3\n-3,a,4\n";
    place.write("new", new);
    let found = place.ok(&words("classify run --model out --input new"));
    assert!(
        found.starts_with("id,label,probability\na,down,0."),
        "{found}"
    );
    assert!(found.contains("\nb,up,0."), "{found}");
    let piped = fed(&place, "classify run --model out", new);
    assert_eq!(String::from_utf8(piped.stdout).unwrap(), found);
    assert!(
        place
            .ok(&words("inspect --model out"))
            .contains("a classifier of series of 1 column")
    );
}

/// The same series as JSON objects with a list of values.
fn as_json(table: &str) -> String {
    let rows: Vec<Vec<&str>> = table
        .lines()
        .skip(1)
        .map(|line| line.split(';').collect())
        .collect();
    let object = |rows: &[Vec<&str>]| {
        let x: Vec<Option<f64>> = rows.iter().map(|row| row[2].parse().ok()).collect();
        serde_json::json!({"series": rows[0][0], "x": x, "label": rows[0][3]}).to_string() + "\n"
    };
    rows.chunk_by(|a, b| a[0] == b[0]).map(object).collect()
}

#[test]
fn series_in_json_are_those_of_a_table() {
    let place = place();
    place.write("lines", as_json(&series(60)));
    let evaluated = |data: &str, out: &str| {
        let options = format!("--data {data} --value x --id series --steps 60 --lr 0.02");
        let output = place.run(&words(&train(out, &options)));
        assert!(output.status.success(), "{output:?}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("1 of 300 values is missing"), "{told}");
        place.ok(&words(&format!("classify eval --model {out}")))
    };
    let of_table = evaluated("series", "of-table");
    assert_eq!(
        evaluated("lines", "of-lines"),
        of_table.replace("series:", "lines:")
    );
    // Without an id a series is called by its line.
    place.write(
        "new",
        "{\"x\": [0.3, 1.3, null, 2.3]}\n\n{\"x\": [0, -1, -2]}\n",
    );
    let options = "--data lines --value x --steps 60 --lr 0.02";
    place.ok(&words(&train("no-id", options)));
    let found = place.ok(&words("classify run --model no-id --input new"));
    assert_has(&found, &["\n1,up,", "\n3,down,"]);
}

#[test]
fn words_json_and_a_validation_file_are_read_and_a_model_is_trained_further() {
    let place = Place::new();
    let line = |n: usize, shift: usize| {
        let (word, label) = [("good", 1), ("bad", 0)][(n + shift) % 2];
        format!(
            "{{\"review\": \"a {word} film number {}\", \"stars\": {label}}}\n",
            n % 5
        )
    };
    let lines = |shift| (0..40).map(|n| line(n, shift)).collect::<String>();
    place
        .write("train.jsonl", lines(0))
        .write("val.jsonl", format!("\u{feff}{}", lines(1)));
    let data = "--data train.jsonl --val val.jsonl --text review --label stars";
    let shown = place.ok(&words(&train(
        "out",
        &format!("{data} --words 50 --embed 4 --steps 100 --lr 0.02"),
    )));
    assert_has(
        &shown,
        &[
            "40 texts to train, 40 to validate and 0 to test",
            "embedding 4 of ",
        ],
    );
    let measured = place.ok(&words("classify eval --model out"));
    assert_has(
        &measured,
        &[
            "40 texts of the validation part",
            "LSTM               100.00",
        ],
    );
    let further =
        format!("classify train --batch 4 --threads 1 {data} --from out --out more --steps 3");
    let further = place.ok(&words(&further));
    assert!(further.contains("done: step 3"), "{further}");
    let measured = place.ok(&words("classify eval --model more --data val.jsonl"));
    assert_has(
        &measured,
        &["40 texts of val.jsonl", "LSTM               100.00"],
    );
}

#[test]
fn generated_words_need_no_data_and_have_a_known_optimum() {
    let place = Place::new();
    let shown = place.ok(&words(
        "classify train --out out --steps 2 --eval-every 2 --hidden 8",
    ));
    assert_has(
        &shown,
        &["words of three invented languages: 8,400 texts to train"],
    );
    let measured = place.ok(&words("classify eval --model out"));
    assert_has(
        &measured,
        &["1,800 texts of the test part", "best possible"],
    );
}

#[test]
fn a_long_sequence_is_cut_and_counted_and_an_unknown_character_is_counted() {
    let place = place();
    let told = place.told(&words(&train(
        "out",
        "--data texts --steps 1 --max-length 8",
    )));
    assert!(
        told.contains("55 of 80 sequences are longer than 8 characters and cut there"),
        "{told}"
    );
    place.write("new", "text\nab?!\n");
    let told = place.told(&words("classify run --model out --input new"));
    assert!(told.contains("2 of 4 characters are unknown"), "{told}");
}
