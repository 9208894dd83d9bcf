//! The connections of a configuration: a chain, or refused.

use super::configurations::two;
use super::made::{
    Group, assert_read, dense, embedding, functional, keras, layer, lstm, model, refused,
    sequential, weights,
};
use serde_json::{Value, json};

#[test]
fn branches_are_refused() {
    let (_, weights) = two();
    let [first, second] = ["z_first", "a_second"].map(lstm);
    let add = || layer("Add", "add", &json!({}));
    let branches = functional(
        vec![
            (embedding(), vec!["ids"]),
            (first.clone(), vec!["embedding"]),
            (second.clone(), vec!["embedding"]),
            (add(), vec!["z_first", "a_second"]),
            (dense(), vec!["add"]),
        ],
        "dense",
    );
    let said = refused(&keras(&branches, &weights));
    assert!(
        said.starts_with("layer \"add\" (Add): it reads 2 tensors"),
        "{said}"
    );
    let beside = functional(
        vec![
            (embedding(), vec!["ids"]),
            (first.clone(), vec!["embedding"]),
            (second.clone(), vec!["z_first"]),
            (dense(), vec!["z_first"]),
        ],
        "dense",
    );
    let said = refused(&keras(&beside, &weights));
    assert!(
        said.starts_with("layer \"a_second\" (LSTM): the model has branches"),
        "{said}"
    );
}

#[test]
fn layers_that_are_called_in_other_ways_are_refused() {
    let (_, weights) = two();
    let [first, second] = ["z_first", "a_second"].map(lstm);
    let chain = || {
        functional(
            vec![
                (embedding(), vec!["ids"]),
                (first.clone(), vec!["embedding"]),
                (second.clone(), vec!["z_first"]),
                (dense(), vec!["a_second"]),
            ],
            "dense",
        )
    };
    type Change = fn(&mut Value);
    let changes: [(Change, &str); 6] = [
        (
            |c| c["layers"][2]["inbound_nodes"] = json!([{}, {}]),
            "it is shared: the model calls it 2 times",
        ),
        (
            |c| c["layers"][2]["inbound_nodes"][0]["kwargs"]["training"] = json!(true),
            "calls it with training=true",
        ),
        (
            |c| {
                let args = &mut c["layers"][4]["inbound_nodes"][0]["args"];
                args[0]["config"]["keras_history"][2] = json!(1);
            },
            "its output 1 is used, a state",
        ),
        (
            |c| c["output_layers"] = json!([["dense", 0, 0], ["z_first", 0, 0]]),
            "2 outputs",
        ),
        (|c| c["input_layers"] = json!([]), "0 inputs"),
        (
            |c| {
                let args = &mut c["layers"][1]["inbound_nodes"];
                *args = json!([[["dense", 0, 0, {}]]]);
            },
            "layers in a circle",
        ),
    ];
    for (change, expected) in changes {
        let mut config = chain();
        change(&mut config["config"]);
        let said = refused(&keras(&config, &weights));
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn connections_as_keras_2_writes_them_are_followed() {
    let (expected, weights) = two();
    let names = ["ids", "embedding", "z_first", "a_second", "dense"];
    let mut config = functional(
        vec![
            (embedding(), vec!["ids"]),
            (lstm("z_first"), vec!["embedding"]),
            (lstm("a_second"), vec!["z_first"]),
            (dense(), vec!["a_second"]),
        ],
        "dense",
    );
    config["config"]["input_layers"] = json!([["ids", 0, 0]]);
    for n in 1..names.len() {
        config["config"]["layers"][n]["inbound_nodes"] = json!([[[names[n - 1], 0, 0, {}]]]);
    }
    assert_read(&keras(&config, &weights), &expected);
    config["config"]["layers"][2]["inbound_nodes"] =
        json!([[["embedding", 0, 0, {"initial_state": ["z", 0, 0]}]]]);
    assert!(refused(&keras(&config, &weights)).contains("reads 2 tensors"));
    config["config"]["layers"][2]["inbound_nodes"] =
        json!([[["embedding", 0, 0, {"training": true}]]]);
    assert!(refused(&keras(&config, &weights)).contains("training=true"));
}

#[test]
fn models_within_models_and_cells_within_cells_are_one_stack() {
    let expected = model(5, 5, 4);
    let weights = weights(&expected);
    let mut file = Group::default();
    file.vars("layers/embedding", "embedding", &weights["embedding"]);
    file.vars("layers/time_distributed/layer", "dense", &weights["dense"]);
    for (path, own) in [
        ("layers/sequential/layers/lstm/cell", "lstm"),
        ("layers/rnn/cell/cells/lstm_cell", "lstm_1"),
        ("layers/rnn/cell/cells/lstm_cell_1", "lstm_2"),
        ("layers/rnn_1/cell", "lstm_3"),
    ] {
        file.vars(path, "lstm_cell", &weights[own]);
    }
    let cell = |name| {
        let mut cell = lstm(name);
        cell["class_name"] = json!("LSTMCell");
        cell
    };
    let rnn = |name, cell: Value| {
        let properties = json!({"return_sequences": true, "go_backwards": false, "cell": cell});
        layer("RNN", name, &properties)
    };
    let cells = json!({"cells": [cell("lstm_cell"), cell("lstm_cell_1")]});
    let mut inner = sequential(vec![lstm("inner_lstm")]);
    inner["config"]["name"] = json!("inner");
    let layers = vec![
        embedding(),
        inner,
        rnn("rnn", layer("StackedRNNCells", "stacked", &cells)),
        rnn("rnn_1", cell("lstm_cell_2")),
        layer(
            "TimeDistributed",
            "time_distributed",
            &json!({"layer": dense()}),
        ),
    ];
    assert_read(&keras(&sequential(layers), &file.bytes()), &expected);
}

#[test]
fn a_list_of_very_many_layers_is_not_walked() {
    let (_, weights) = two();
    let layers = vec![layer("Dropout", "x", &json!({})); 1001];
    let said = refused(&keras(&sequential(layers), &weights));
    assert!(said.contains("1001 layers, more than 1000"), "{said}");
}
