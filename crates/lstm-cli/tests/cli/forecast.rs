//! `lstm forecast`, on series so short that a step takes a millisecond.

mod cut;
mod follow;
mod refusals;
mod resume;

use crate::tool::{Place, words};
use std::fs;
use std::io::Write;
use std::process::{Output, Stdio};

const SMALL: &str = "--hidden 8 --batch 4 --context 10 --horizon 3 --threads 1";

/// A series with a season of 4 and values missing, its last rows changed by `change`.
fn table(rows: usize, change: impl Fn(usize, f64) -> f64) -> String {
    let mut text = "day,sales\n".to_owned();
    for t in 0..rows {
        let sales = [3.0, 5.0, 9.0, 4.0][t % 4] + 0.01 * t as f64 + (t * t % 7) as f64 / 5.0;
        let sales = change(t, sales);
        let sales = if t % 13 == 5 {
            String::new()
        } else {
            sales.to_string()
        };
        text += &format!("{},{sales}\n", 1000 + t);
    }
    text
}

fn train(out: &str, options: &str) -> String {
    format!("forecast train --data data --time day --value sales {SMALL} --out {out} {options}")
}

/// A place with a table of 120 rows.
fn place() -> Place {
    let place = Place::new();
    place.write("data", table(120, |_, sales| sales));
    place
}

/// The output of `lstm` when it reads this from standard input.
pub fn fed(place: &Place, command: &str, input: impl AsRef<[u8]>) -> Output {
    let mut command = place.command(&words(command));
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_ref()).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

/// What `lstm` writes to standard output when it reads this from standard input.
fn piped(place: &Place, command: &str, input: &str) -> String {
    let output = fed(place, command, input);
    assert!(output.status.success(), "{command}");
    String::from_utf8(output.stdout).unwrap()
}

pub fn assert_has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_model_is_trained_measured_and_used() {
    let place = place();
    let shown = place.ok(&words(&train("out", "--steps 200 --lr 0.02")));
    assert_has(
        &shown,
        &[
            "120 rows of 1 series, a season of 4: 84 to train, 18 to validate and 18 to test",
            "    input     9.980  5.590  4.200  6.210  10.62  –",
            "    expected  ",
            "    output    ",
            "done: step 200",
            "  lstm forecast eval --model out\n  lstm forecast run --model out --plot next.svg",
        ],
    );
    let files = place.files("out");
    for name in [
        "model.safetensors",
        "best.safetensors",
        "loss.svg",
        "metrics.jsonl",
        "samples.jsonl",
        "forecast.svg",
        "report.html",
    ] {
        assert!(files.iter().any(|file| file == name), "{files:?}");
    }
    let report = fs::read_to_string(place.path("out/report.html")).unwrap();
    assert_has(
        &report,
        &[
            "Forecast of the first rows of the validation part",
            "<polygon",
            "loss per value",
        ],
    );
    let metrics = place.metrics("out");
    assert!(metrics[0].get("perplexity").is_none(), "{metrics:?}");
    measure(&place);
    inspect(&place);
    forecast(&place);
}

fn measure(place: &Place) {
    let measured = place.ok(&words("forecast eval --model out --out all.csv"));
    assert_has(
        &measured,
        &[
            "sales: 3 rows ahead",
            "MASE",
            "LSTM",
            "persistence",
            "seasonal naive",
            "linear autoregression",
            "exponential smoothing",
            "in 0.1–0.9",
            "loss of the LSTM",
        ],
    );
    let all = fs::read_to_string(place.path("all.csv")).unwrap();
    assert!(
        all.starts_with("from,day,sales 0.1,sales 0.5,sales 0.9\n1101,1102,"),
        "{all}"
    );
    // A directory stands for its best model, and a model file for itself.
    let last = place.ok(&words("forecast eval --model out/model.safetensors"));
    let best = place.ok(&words("forecast eval --model out/best.safetensors"));
    assert!(
        measured == best && measured != last,
        "{measured}{last}{best}"
    );
}

fn inspect(place: &Place) {
    let inspected = place.ok(&words("inspect --model out"));
    assert_has(
        &inspected,
        &[
            "a forecaster of the quantiles [0.1, 0.5, 0.9] of \"sales\", 3 rows ahead",
            "relative to the value 4 rows before; scaled for 1 series",
            "at step 200, trained on ",
            "layers.0.i.w_x",
            "  layer 0    4(HD + H² + H) = 4(8·2 + 8² + 8) = 352",
            "  head       RH + R = 9·8 + 9 = 81",
            "  together   433",
        ],
    );
    let json = place.ok(&words("inspect --json --model out/model.safetensors"));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["horizon"], &json["parameters"]),
        (&3.into(), &433.into())
    );
    assert!(json["run"].is_null(), "{json}");
}

fn forecast(place: &Place) {
    let forecast = place.ok(&words("forecast run --model out --plot picture.svg"));
    let lines: Vec<&str> = forecast.lines().collect();
    assert_eq!(lines.len(), 4, "{forecast}");
    for (line, day) in lines[1..].iter().zip(["1120", "1121", "1122"]) {
        assert!(line.starts_with(&format!("1119,{day},")), "{line}");
        let numbers: Vec<f64> = line
            .split(',')
            .skip(2)
            .map(|n| n.parse().unwrap())
            .collect();
        assert!(numbers.windows(2).all(|pair| pair[0] <= pair[1]), "{line}");
    }
    let svg = fs::read_to_string(place.path("picture.svg")).unwrap();
    assert!(svg.starts_with("<svg") && svg.contains("<polygon"), "{svg}");
}

#[test]
fn every_head_learns() {
    let place = place();
    for (out, head) in [
        ("three", ""),
        ("five", "--quantiles 0.05,0.25,0.5,0.75,0.95"),
        ("normal", "--head gaussian"),
    ] {
        place.ok(&words(&train(
            out,
            &format!("--steps 200 --lr 0.02 --eval-every 20 {head}"),
        )));
        let metrics = place.metrics(out);
        let loss = |n: usize| metrics[n]["train_loss"].as_f64().unwrap();
        assert!(
            loss(metrics.len() - 1) < 0.8 * loss(0),
            "{head}: {metrics:?}"
        );
        place.ok(&words(&format!("forecast eval --model {out}")));
    }
}

#[test]
fn several_series_columns_and_numbers_known_in_advance_are_forecast() {
    let place = Place::new();
    let mut text = "time;shop;sales;visits;open\n".to_owned();
    for t in 0..60 {
        for shop in ["a", "b"] {
            let open = usize::from(t % 7 != 6);
            let sales = open * (10 + t % 5);
            text += &format!(
                "2024-{:02}-01;{shop};{sales};{};{open}\n",
                1 + t % 12,
                3 * sales
            )
            .replace("2024", &(1990 + t / 12).to_string());
        }
    }
    place.write("data", &text);
    let command =
        "forecast train --data data --time time --id shop --value sales,visits --known open";
    place.ok(&words(&format!("{command} {SMALL} --steps 20 --out out")));
    let measured = place.ok(&words("forecast eval --model out"));
    assert!(
        measured.contains("sales: 3 rows") && measured.contains("visits: 3 rows"),
        "{measured}"
    );
    let message = place.fails(&words("forecast run --model out"));
    assert_eq!(
        message,
        "series \"a\": the columns that are known in advance must reach 3 rows beyond the last value; add 3 \
         rows with empty values"
    );
    for month in 1..=3 {
        for shop in ["a", "b"] {
            text += &format!("1995-{month:02}-01;{shop};;;1\n");
        }
    }
    place.write("longer", &text);
    let forecast = place.ok(&words("forecast run --model out --data longer"));
    let lines: Vec<&str> = forecast.lines().collect();
    assert_eq!(lines.len(), 1 + 2 * 3);
    assert!(
        lines[0].starts_with("shop,from,time,sales 0.1,"),
        "{}",
        lines[0]
    );
    assert!(
        lines[1].starts_with("a,1994-12-01,1995-01-01,"),
        "{}",
        lines[1]
    );
    assert!(
        lines[6].starts_with("b,1994-12-01,1995-03-01,"),
        "{}",
        lines[6]
    );
    let message = place.fails(&words("forecast run --model out --follow"));
    assert!(
        message.starts_with("--follow cannot know \"open\""),
        "{message}"
    );
}
