//! `lstm export` and `lstm import`: a model there and back.

use crate::tool::Place;

const KINDS: [(&str, &str); 3] = [
    ("pytorch", "model.safetensors"),
    ("keras", "model.weights.h5"),
    ("onnx", "model.onnx"),
];

#[test]
fn a_model_that_went_abroad_and_came_back_writes_the_same_text() {
    let place = Place::new();
    place.train("out", &["--steps", "30", "--layers", "2"]);
    let written = |dir: &str| {
        let args = ["generate", "--model", dir, "--prime", "the", "--seed", "7"];
        place.ok(&args)
    };
    let here = written("out");
    for (kind, file) in KINDS {
        place.ok(&["export", "--model", "out", "--to", kind, "--out", file]);
        place.ok(&["import", file, "--from", kind, "--out", kind]);
        assert_eq!(written(kind), here, "{kind}");
        // Nothing is written over.
        let export = ["export", "--model", "out", "--to", kind, "--out", file];
        assert!(place.fails(&export).contains(file), "{kind}");
        let import = ["import", file, "--from", kind, "--out", kind];
        assert!(place.fails(&import).contains(kind), "{kind}");
    }
}

#[test]
fn an_imported_model_says_so_and_can_be_trained_further() {
    let place = Place::new();
    place.train("out", &["--steps", "2"]);
    place.ok(&[
        "export",
        "--model",
        "out",
        "--to",
        "keras",
        "--out",
        "m.weights.h5",
    ]);
    place.ok(&[
        "import",
        "m.weights.h5",
        "--from",
        "keras",
        "--out",
        "taken",
    ]);
    let told = place.ok(&["inspect", "--model", "taken"]);
    assert!(told.contains("imported from m.weights.h5"), "{told}");
    let message = place.fails(&["train", "--resume", "taken"]);
    assert!(message.contains("`--from`"), "{message}");
    let shown = place.ok(&[
        "train",
        "--from",
        "taken",
        "--text",
        "text.txt",
        "--out",
        "further",
        "--batch",
        "4",
        "--seq-len",
        "10",
        "--steps",
        "40",
    ]);
    assert!(shown.contains("done: step 40"), "{shown}");
}

#[test]
fn a_file_of_another_kind_is_refused_and_leaves_nothing() {
    let place = Place::new();
    place.write("junk", [0_u8; 64]);
    for (kind, _) in KINDS {
        let message = place.fails(&["import", "junk", "--from", kind, "--out", "new"]);
        assert!(message.contains("junk"), "{kind}: {message}");
        assert!(!place.path("new").exists(), "{kind}");
    }
}

#[test]
fn a_model_of_subword_tokens_is_refused_by_name() {
    let place = Place::new();
    place.train("out", &["--steps", "2", "--vocab", "300"]);
    let export = ["export", "--model", "out", "--to", "onnx", "--out", "file"];
    let message = place.fails(&export);
    assert!(message.contains("subword tokens"), "{message}");
    assert!(!place.path("file").exists());
}
