//! Several texts, several outputs, several runs.

use crate::tool::{LINE, Place, SMALL};
use lstm_fast::Fast;
use lstm_tasks::LanguageModel;
use safetensors::SafeTensors;
use std::fs;

/// Options of a run of a few steps that reads these texts.
fn train<'a>(texts: &[&'a str], out: &'a str, options: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec!["train", "--out", out, "--steps", "6", "--eval-every", "3"];
    args.extend(SMALL);
    args.push("--text");
    args.extend(texts);
    args.extend(options);
    args
}

#[test]
fn files_and_directories_are_read_in_the_order_of_their_paths_and_found_again() {
    let place = Place::new();
    fs::create_dir_all(place.path("texts/b")).unwrap();
    place
        .write("first.txt", "no line end")
        .write("texts/b/2.TXT", LINE.repeat(20))
        .write("texts/a.txt", LINE.repeat(20))
        .write("texts/ignored.md", "\0");
    let shown = place.ok(&train(&["first.txt", "texts"], "out", &[]));
    // The line end between the first text and the next is added.
    let characters = "no line end\n".len() + 40 * LINE.len();
    assert!(
        shown.contains(&format!("{characters} characters")),
        "{shown}"
    );
    let source = place.header("out")["data"]["source"].to_string();
    assert!(
        source.contains("first.txt + ") && source.contains("texts"),
        "{source}"
    );
    // The same texts, joined by hand, are the same run.
    place.write("joined.txt", format!("no line end\n{}", LINE.repeat(40)));
    place.ok(&train(&["joined.txt"], "joined", &[]));
    let model = |out: &str| fs::read(place.path(out).join("model.safetensors")).unwrap();
    assert_eq!(model("out"), model("joined"));
    let resumed = place.ok(&["train", "--resume", "out", "--steps", "9"]);
    assert!(resumed.contains("done: step 9"), "{resumed}");
    let empty = place.path("empty");
    fs::create_dir(&empty).unwrap();
    let message = place.fails(&train(&["empty"], "none", &[]));
    assert!(message.contains("no .txt file"), "{message}");
}

#[test]
fn a_validation_text_of_its_own_validates_and_the_whole_text_trains() {
    let place = Place::new();
    place.write("val.txt", LINE.repeat(7));
    let shown = place.ok(&train(&["text.txt"], "out", &["--val-text", "val.txt"]));
    let expected = format!(
        "{} to train and {} to validate",
        40 * LINE.len(),
        7 * LINE.len()
    );
    assert!(shown.contains(&expected), "{shown}");
    let resumed = place.ok(&["train", "--resume", "out", "--steps", "9"]);
    assert!(resumed.contains(&expected), "{resumed}");
    place.write("val.txt", LINE.repeat(8));
    let message = place.fails(&["train", "--resume", "out", "--steps", "12"]);
    assert!(
        message.contains("not the one this run was trained on"),
        "{message}"
    );
}

#[test]
fn a_model_of_words_reads_and_generates_words() {
    let place = Place::new();
    let shown = place.ok(&train(&["text.txt"], "out", &["--words", "5"]));
    assert!(shown.contains("in words of 9 kinds"), "{shown}");
    let generated = place.ok(&[
        "generate", "--model", "out", "--length", "20", "--seed", "1",
    ]);
    let known = ["the", "cat", "sat", "on", "mat", ".", "\u{FFFD}"];
    let mut words = generated
        .split(|c: char| c.is_whitespace())
        .filter(|word| !word.is_empty());
    assert!(
        words.all(|word| known.iter().any(|known| word.contains(known))),
        "{generated}"
    );
    place.ok(&["eval", "--model", "out", "--text", "text.txt"]);
    let message = place.fails(&[
        "export", "--model", "out", "--to", "onnx", "--out", "m.onnx",
    ]);
    assert!(message.contains("subword tokens or words"), "{message}");
}

#[test]
fn generation_stops_before_a_text_and_repeats_with_the_next_seeds() {
    let place = Place::new();
    place.train("out", &["--steps", "5"]);
    let model = [
        "generate", "--model", "out", "--seed", "4", "--length", "200",
    ];
    let with = |options: &[&str]| place.ok(&[&model[..], options].concat());
    let whole = with(&[]);
    let stopped = with(&["--stop", "t"]);
    assert!(
        whole.contains('t') && !stopped.contains('t'),
        "{whole}{stopped}"
    );
    assert!(
        whole.starts_with(stopped.trim_end_matches('\n')),
        "{stopped}"
    );
    // Where the text does not occur, nothing is held back at the end.
    assert_eq!(with(&["--stop", "no such text"]), whole);
    let three = with(&["--count", "3"]);
    let next = place.ok(&[
        "generate", "--model", "out", "--seed", "5", "--length", "200",
    ]);
    assert!(three.starts_with(&format!("{whole}\n{next}\n")), "{three}");
    assert_eq!(with(&["--count", "3", "--out", "three.txt"]), "");
    assert_eq!(fs::read_to_string(place.path("three.txt")).unwrap(), three);
    let again = [&model[..], &["--out", "three.txt"]].concat();
    assert!(place.fails(&again).contains("already exists"));
    place.write("prime.txt", "the cat\nsat");
    assert!(with(&["--prime-file", "prime.txt"]).starts_with("the cat\nsat"));
}

#[test]
fn the_states_of_a_model_are_those_that_it_computes() {
    let place = Place::new();
    place.train("out", &["--steps", "5", "--layers", "2"]);
    place.write("line.txt", LINE);
    let states = [
        "states",
        "--model",
        "out",
        "--text",
        "line.txt",
        "--out",
        "states.safetensors",
    ];
    place.ok(&states);
    let bytes = fs::read(place.path("states.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let model = LanguageModel::<Fast>::load(place.path("out")).unwrap();
    let ids = model.description.encode(LINE).unwrap();
    let stored = file.tensor("ids").unwrap();
    let stored: Vec<i64> = stored
        .data()
        .as_chunks()
        .0
        .iter()
        .map(|&b| i64::from_le_bytes(b))
        .collect();
    assert!(
        stored.iter().eq(ids
            .iter()
            .map(|&id| i64::from(id))
            .collect::<Vec<_>>()
            .iter())
    );
    for (l, tape) in model.network.record(&ids).iter().enumerate() {
        for (name, state) in [("h", true), ("c", false)] {
            let tensor = file.tensor(&format!("layer.{l}.{name}")).unwrap();
            assert_eq!(tensor.shape(), [LINE.len(), 8]);
            let numbers = tensor
                .data()
                .as_chunks()
                .0
                .iter()
                .map(|&b| f32::from_le_bytes(b));
            let expected = tape
                .steps
                .iter()
                .flat_map(|step| if state { &step.h_t } else { &step.c_t });
            assert!(numbers.eq(expected.copied()), "layer {l}, {name}");
        }
    }
    assert!(place.fails(&states).contains("already exists"));
}

#[test]
fn runs_are_compared_by_their_losses() {
    let place = Place::new();
    place.train("one", &["--steps", "6", "--eval-every", "3"]);
    place.train(
        "two",
        &["--steps", "9", "--eval-every", "3", "--val-fraction", "0"],
    );
    let shown = place.ok(&["compare", "one", "two", "--plot", "both.svg"]);
    let metrics = place.metrics("one");
    let lowest = metrics.iter().map(|m| m["val_loss"].as_f64().unwrap());
    let lowest = lowest.fold(f64::INFINITY, f64::min);
    let row = |name: &str| {
        shown
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap()
            .to_owned()
    };
    assert!(row("one").contains(&format!("{lowest:.4}")), "{shown}");
    assert!(
        row("two").contains("none") && row("two").contains(" 9 "),
        "{shown}"
    );
    let svg = fs::read_to_string(place.path("both.svg")).unwrap();
    assert!(svg.contains("one") && svg.contains("two"));
    fs::create_dir(place.path("nothing")).unwrap();
    assert!(
        place
            .fails(&["compare", "one", "nothing"])
            .contains("no evaluation")
    );
}
