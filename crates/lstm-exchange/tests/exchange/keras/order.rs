//! The order of the LSTMs in a file of weights.

use super::made::{Arrays, assert_read, model, refused, vocabulary, weights, weights_file};
use lstm_exchange::keras::{from_keras, to_keras};

#[test]
fn the_layers_of_a_sequential_model_are_in_the_order_of_their_numbers() {
    let expected = model(5, 5, 12);
    let paths: Vec<String> = (0..12)
        .map(|n| {
            format!(
                "layers/{}",
                if n == 0 {
                    "lstm".into()
                } else {
                    format!("lstm_{n}")
                }
            )
        })
        .collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    for name in ["sequential", "sequential_3"] {
        assert_read(&weights_file(&expected, name, &paths).bytes(), &expected);
    }
    assert_read(&to_keras(&expected).unwrap(), &expected);
    // In any other model the numbers say in which order the layers were made, not called.
    for name in ["functional_1", "sub", "char_rnn"] {
        let said = refused(&weights_file(&expected, name, &paths).bytes());
        assert!(
            said.contains("layers/lstm_9/cell") && said.contains(".keras"),
            "{said}"
        );
    }
}

#[test]
fn nested_sequential_models_and_stacked_cells_are_lists_too() {
    let expected = model(5, 5, 4);
    let nested = [
        "layers/sequential/layers/lstm",
        "layers/sequential/layers/lstm_1",
        "layers/sequential_1/layers/lstm",
        "layers/sequential_1/layers/lstm_1",
    ];
    let mut file = weights_file(&expected, "sequential_2", &nested);
    for n in ["sequential", "sequential_1"] {
        file.vars(&format!("layers/{n}"), n, &Arrays::new());
    }
    assert_read(&file.bytes(), &expected);
    let unordered = [
        "layers/functional/layers/lstm",
        "layers/functional/layers/lstm_1",
    ];
    let said = refused(&weights_file(&model(5, 5, 2), "sequential", &unordered).bytes());
    assert!(said.contains("in which order"), "{said}");
}

#[test]
fn names_in_another_order_than_the_layers_are_sorted_by_the_shapes_or_refused() {
    let (decided, open) = (model(3, 5, 2), model(5, 5, 2));
    for paths in [
        ["bottom", "above"],
        ["layers/lstm", "layers/char_lstm"],
        ["layers/lstm_1", "layers/lstm"],
    ] {
        assert_read(&weights_file(&decided, "sub", &paths).bytes(), &decided);
        let said = refused(&weights_file(&open, "sub", &paths).bytes());
        for path in paths {
            assert!(said.contains(&format!("{path}/cell")), "{said}");
        }
        assert!(said.contains(".keras"), "{said}");
    }
    // Two classes in a Sequential model: neither list says which comes first.
    let classes = ["layers/lstm", "layers/char_lstm"];
    let said = refused(&weights_file(&open, "sequential", &classes).bytes());
    assert!(said.contains("in which order"), "{said}");
    // Three layers: the shapes tell the bottom one alone.
    let three = model(3, 5, 3);
    let paths = ["layers/lstm", "layers/lstm_1", "layers/lstm_2"];
    let said = refused(&weights_file(&three, "functional", &paths).bytes());
    assert!(
        said.contains("lstm_1/cell") && said.contains("lstm_2/cell"),
        "{said}"
    );
    assert_read(&weights_file(&three, "sequential", &paths).bytes(), &three);
}

#[test]
fn parallel_layers_are_no_stack() {
    let one = model(3, 5, 1);
    let mut file = weights_file(&one, "functional", &["layers/lstm"]);
    file.vars("layers/lstm_1/cell", "lstm_cell", &weights(&one)["lstm"]);
    let said = refused(&file.bytes());
    assert!(
        said.contains("layers/lstm_1/cell: neither this layer"),
        "{said}"
    );
}

#[test]
fn a_layer_without_weights_is_refused_unless_it_only_acts_in_training() {
    let expected = model(3, 5, 1);
    let file = |path: &str, name: &str| {
        let mut file = weights_file(&expected, "functional", &["layers/lstm"]);
        file.vars(path, name, &Arrays::new());
        file.bytes()
    };
    for (path, name) in [
        ("layers/dropout_1", "shake"),
        ("layers/input_layer", "ids"),
        ("layers/spatial_dropout1d", "spatial_dropout1d_3"),
        ("drop", "dropout_5"),
    ] {
        assert_read(&file(path, name), &expected);
    }
    for (path, name) in [
        ("layers/add", "add"),
        ("layers/activation", "activation_2"),
        ("layers/masking", "masking"),
        ("layers/my_dropout", "dropout"),
        ("act", "re_lu"),
    ] {
        let said = refused(&file(path, name));
        assert!(
            said.contains(&format!("layer {path} (\"{name}\")")),
            "{said}"
        );
        assert!(said.contains(".keras"), "{said}");
    }
}

#[test]
fn a_second_input_is_refused() {
    let expected = model(3, 5, 1);
    let mut file = weights_file(&expected, "functional", &["layers/lstm"]);
    file.vars("layers/input_layer", "ids", &Arrays::new());
    assert_read(&file.bytes(), &expected);
    file.vars("layers/input_layer_1", "state", &Arrays::new());
    let said = refused(&file.bytes());
    assert!(
        said.contains("layers/input_layer_1: it is the model's second input"),
        "{said}"
    );
}

#[test]
fn cells_of_other_kinds_are_refused_by_name() {
    let one = model(3, 5, 1);
    let mut file = weights_file(&one, "sequential", &[]);
    file.vars("layers/rnn/cell", "my_cell", &weights(&one)["lstm"]);
    let said = refused(&file.bytes());
    assert!(
        said.contains("layers/rnn/cell: its cell is called my_cell"),
        "{said}"
    );
    for part in ["forward", "backward"] {
        let path = format!("layers/bidirectional/{part}_layer");
        let said = refused(&weights_file(&one, "sequential", &[&path]).bytes());
        assert!(said.contains("bidirectional"), "{said}");
    }
}

#[test]
fn a_file_without_weights_says_so() {
    let mut file = super::made::Group::default();
    file.vars("", "sequential", &Arrays::new());
    let said = refused(&file.bytes());
    assert!(
        said.ends_with("the file has no weights of layers at all"),
        "{said}"
    );
    assert!(from_keras(b"junk", Some(vocabulary())).is_err());
}
