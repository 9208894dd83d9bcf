//! What the commands say, to people and to programs.

use crate::tool::Place;
use serde_json::Value;

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
    let told = place.told(&args);
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
