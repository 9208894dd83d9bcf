//! What a configuration says is honoured, or refused by the layer and the property.

use super::made::{
    Arrays, Group, assert_read, dense, embedding, functional, keras, layer, lstm, model, policy,
    refused, sequential, weights, weights_file, with,
};
use lstm_exchange::CharModel;
use serde_json::{Value, json};

/// The weights of two LSTMs as a functional or sequential model has them.
pub fn two() -> (CharModel, Vec<u8>) {
    let model = model(5, 5, 2);
    let mut file = Group::default();
    let weights = weights(&model);
    file.vars("layers/embedding", "embedding", &weights["embedding"]);
    file.vars("layers/dense", "dense", &weights["dense"]);
    for (n, name) in [("lstm", "z_first"), ("lstm_1", "a_second")] {
        file.vars(&format!("layers/{n}"), name, &Arrays::new());
        file.vars(&format!("layers/{n}/cell"), "lstm_cell", &weights[n]);
    }
    (model, file.bytes())
}

fn one() -> (CharModel, Vec<u8>) {
    let model = model(5, 5, 1);
    let file = weights_file(&model, "sequential", &["layers/lstm"]).bytes();
    (model, file)
}

#[test]
fn the_order_is_that_of_the_configuration() {
    let (expected, weights) = two();
    let layers = vec![embedding(), lstm("z_first"), lstm("a_second"), dense()];
    assert_read(&keras(&sequential(layers), &weights), &expected);
    // The list of a functional model may have any order; the connections count.
    let chain = functional(
        vec![
            (dense(), vec!["a_second"]),
            (lstm("z_first"), vec!["shake"]),
            (lstm("a_second"), vec!["z_first"]),
            (
                layer("Dropout", "shake", &json!({"rate": 0.5})),
                vec!["embedding"],
            ),
            (embedding(), vec!["ids"]),
        ],
        "dense",
    );
    assert_read(&keras(&chain, &weights), &expected);
    // Weights of another model than the configuration's.
    let layers = vec![embedding(), lstm("a_second"), lstm("z_first"), dense()];
    let said = refused(&keras(&sequential(layers), &weights));
    assert!(said.contains("two models"), "{said}");
}

#[test]
fn what_makes_no_difference_is_accepted() {
    let (expected, weights) = one();
    for lstm in [
        with(lstm("lstm"), "stateful", json!(true)),
        with(lstm("lstm"), "unroll", json!(true)),
        with(lstm("lstm"), "return_sequences", json!(false)),
        with(lstm("lstm"), "dtype", policy("mixed_float16")),
        with(lstm("lstm"), "dtype", json!("float32")),
        with(lstm("lstm"), "implementation", json!(2)),
        with(
            lstm("lstm"),
            "kernel_constraint",
            json!({"class_name": "MaxNorm"}),
        ),
    ] {
        let layers = vec![embedding(), lstm, dense()];
        assert_read(&keras(&sequential(layers), &weights), &expected);
    }
    let softmax = with(dense(), "activation", json!("softmax"));
    let layers = vec![embedding(), lstm("lstm"), softmax];
    assert_read(&keras(&sequential(layers), &weights), &expected);
    let softmax = layer("Softmax", "softmax", &json!({"axis": -1}));
    let layers = vec![embedding(), lstm("lstm"), dense(), softmax];
    assert_read(&keras(&sequential(layers), &weights), &expected);
}

#[test]
fn properties_that_models_here_lack_are_refused_by_layer_and_name() {
    let (_, weights) = one();
    let quantised = json!({"class_name": "QuantizedDTypePolicy", "config": {"mode": "int8"}});
    for (key, value) in [
        ("activation", json!("relu")),
        ("recurrent_activation", json!("hard_sigmoid")),
        (
            "recurrent_activation",
            json!({"class_name": "function", "config": "sigmoid"}),
        ),
        ("go_backwards", json!(true)),
        ("time_major", json!(true)),
        ("a_new_property", json!(0.5)),
        ("use_bias", json!("perhaps")),
        ("dtype", quantised),
        ("dtype", json!("int8")),
    ] {
        let layers = vec![embedding(), with(lstm("lstm"), key, value), dense()];
        let said = refused(&keras(&sequential(layers), &weights));
        assert!(
            said.starts_with(&format!("layer \"lstm\" (LSTM): {key} is")),
            "{said}"
        );
    }
}

#[test]
fn so_are_properties_of_embeddings_and_dense_layers_and_missing_ones() {
    let (_, weights) = one();
    let mut silent = lstm("lstm");
    silent["config"]
        .as_object_mut()
        .unwrap()
        .remove("activation");
    let said = refused(&keras(
        &sequential(vec![embedding(), silent, dense()]),
        &weights,
    ));
    assert!(said.contains("does not give activation"), "{said}");
    for (layers, expected) in [
        (
            vec![
                with(embedding(), "mask_zero", json!(true)),
                lstm("lstm"),
                dense(),
            ],
            "layer \"embedding\" (Embedding): mask_zero is true",
        ),
        (
            vec![
                embedding(),
                lstm("lstm"),
                with(dense(), "activation", json!("relu")),
            ],
            "layer \"dense\" (Dense): activation is \"relu\"",
        ),
        (
            vec![
                embedding(),
                lstm("lstm"),
                with(dense(), "lora_rank", json!(2)),
            ],
            "layer \"dense\" (Dense): lora_rank is 2",
        ),
    ] {
        let said = refused(&keras(&sequential(layers), &weights));
        assert!(said.starts_with(expected), "{said}");
    }
}

#[test]
fn other_layers_are_refused_by_name() {
    let (_, weights) = one();
    for class in [
        "Bidirectional",
        "GRU",
        "LayerNormalization",
        "Masking",
        "Lambda",
        "Add",
        "ReLU",
        "CuDNNLSTM",
    ] {
        let other = layer(class, "other", &json!({}));
        let layers = vec![embedding(), lstm("lstm"), other, dense()];
        let said = refused(&keras(&sequential(layers), &weights));
        assert!(
            said.starts_with(&format!("layer \"other\" ({class}): ")),
            "{said}"
        );
    }
    for (layers, expected) in [
        (
            vec![embedding(), lstm("lstm"), dense(), dense()],
            "a dense layer above",
        ),
        (
            vec![embedding(), dense(), lstm("lstm")],
            "a dense layer above",
        ),
        (
            vec![embedding(), lstm("lstm"), dense(), lstm("x")],
            "an LSTM above",
        ),
        (
            vec![lstm("lstm"), embedding(), dense()],
            "an embedding above",
        ),
        (vec![embedding(), lstm("lstm")], "without a dense layer"),
        (
            vec![
                embedding(),
                with(lstm("l"), "return_sequences", json!(false)),
                lstm("x"),
                dense(),
            ],
            "\"l\" (LSTM) below returns its last output only",
        ),
        (
            vec![
                embedding(),
                lstm("l"),
                layer("Softmax", "s", &json!({"axis": -1})),
                dense(),
            ],
            "a softmax that is not on top",
        ),
    ] {
        let said = refused(&keras(&sequential(layers), &weights));
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn classes_from_elsewhere_are_refused_whatever_they_are_called() {
    let (_, weights) = one();
    for (module, registered) in [
        (Value::Null, Value::Null),
        (json!("__main__"), json!("LSTM")),
        (json!("keras_hub.layers"), Value::Null),
        (json!("keras.layers"), json!("Custom>LSTM")),
    ] {
        let mut custom = lstm("lstm");
        custom["module"] = module;
        custom["registered_name"] = registered;
        let said = refused(&keras(
            &sequential(vec![embedding(), custom, dense()]),
            &weights,
        ));
        assert!(
            said.contains("layer \"lstm\" (LSTM): a class of your own"),
            "{said}"
        );
    }
    let subclass =
        json!({"module": null, "class_name": "Sub", "config": {}, "registered_name": "Sub"});
    assert!(refused(&keras(&subclass, &weights)).contains("layer Sub: a class of your own"));
}

#[test]
fn arrays_that_the_configuration_does_not_know_are_refused() {
    let expected = model(5, 5, 1);
    let mut file = weights_file(&expected, "sequential", &["layers/lstm"]);
    file.vars("layers/scale", "scale", &vec![(vec![5], vec![2.0; 5])]);
    let layers = vec![embedding(), lstm("lstm"), dense()];
    let said = refused(&keras(&sequential(layers), &file.bytes()));
    assert!(said.contains("array layers/scale/vars/0"), "{said}");
    let without_bias = vec![
        embedding(),
        with(lstm("lstm"), "use_bias", json!(false)),
        dense(),
    ];
    let (_, weights) = one();
    let said = refused(&keras(&sequential(without_bias), &weights));
    assert!(said.contains("array layers/lstm/cell/vars/2"), "{said}");
    let one_more = vec![embedding(), lstm("lstm"), lstm("lstm_1"), dense()];
    let said = refused(&keras(&sequential(one_more), &weights));
    assert!(
        said.contains("layers/lstm_1/cell/vars/0 is missing"),
        "{said}"
    );
}
