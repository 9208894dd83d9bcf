//! The HDF5 format before `.weights.h5`: whole models, and weights alone.

use super::made::{
    Group, assert_read, dense, embedding, lstm, model, refused, sequential, weights, with,
};
use hdf5_pure::AttrValue;
use lstm_exchange::CharModel;
use serde_json::{Value, json};

fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> AttrValue {
    AttrValue::VarLenStringArray(names.into_iter().map(str::to_owned).collect())
}

/// The layers' groups: names of layers, each with the layer of [`weights`] whose arrays it has.
fn layers(model: &CharModel, list: &[(&str, &str)]) -> Group {
    let weights = weights(model);
    let mut group = Group::default();
    group
        .attributes
        .push(("layer_names", names(list.iter().map(|(name, _)| *name))));
    for (name, own) in list {
        let layer = group.at(name);
        let Some(arrays) = weights.get(*own) else {
            layer
                .attributes
                .push(("weight_names", AttrValue::F64Array(vec![])));
            continue;
        };
        let roles: &[&str] = match *own {
            "embedding" => &["embeddings"],
            "dense" => &["kernel", "bias"],
            _ => &[
                "lstm_cell/kernel",
                "lstm_cell/recurrent_kernel",
                "lstm_cell/bias",
            ],
        };
        let full: Vec<String> = roles
            .iter()
            .map(|role| format!("{name}/{role}:0"))
            .collect();
        layer
            .attributes
            .push(("weight_names", names(full.iter().map(String::as_str))));
        for (path, array) in full.iter().zip(arrays) {
            layer.array(path, array);
        }
    }
    group
}

const TWO: [(&str, &str); 4] = [
    ("embedding", "embedding"),
    ("z_first", "lstm"),
    ("a_second", "lstm_1"),
    ("dense", "dense"),
];

fn whole(config: &Value, model: &CharModel, list: &[(&str, &str)]) -> Vec<u8> {
    let mut file = Group::default();
    let config = AttrValue::VarLenString(config.to_string());
    file.attributes.push(("model_config", config));
    *file.at("model_weights") = layers(model, list);
    file.bytes()
}

/// A configuration as the old format has it, without modules.
fn plain(mut value: Value) -> Value {
    if let Some(entry) = value.as_object_mut() {
        entry.remove("module");
        entry.remove("registered_name");
        entry
            .values_mut()
            .for_each(|value| *value = plain(value.take()));
    }
    if let Some(list) = value.as_array_mut() {
        list.iter_mut()
            .for_each(|value| *value = plain(value.take()));
    }
    value
}

#[test]
fn a_whole_model_has_its_configuration() {
    let expected = model(5, 5, 2);
    let list = vec![embedding(), lstm("z_first"), lstm("a_second"), dense()];
    let config = plain(sequential(list));
    assert_read(&whole(&config, &expected, &TWO), &expected);
    // Keras before 2.2.3 wrote the list alone.
    let mut oldest = config.clone();
    oldest["config"] = config["config"]["layers"].clone();
    assert_read(&whole(&oldest, &expected, &TWO), &expected);
    let relu = with(lstm("z_first"), "activation", json!("relu"));
    let config = plain(sequential(vec![
        embedding(),
        relu,
        lstm("a_second"),
        dense(),
    ]));
    let said = refused(&whole(&config, &expected, &TWO));
    assert!(
        said.starts_with("layer \"z_first\" (LSTM): activation is \"relu\""),
        "{said}"
    );
}

#[test]
fn models_within_a_model_are_told_by_the_names_of_their_layers() {
    let expected = model(5, 5, 2);
    let mut file = layers(&expected, &TWO[..1]);
    let weights = weights(&expected);
    let mut all = Vec::new();
    for (name, own) in [("b_lstm", "lstm"), ("a_lstm", "lstm_1")] {
        for (role, array) in ["kernel", "recurrent_kernel", "bias"]
            .iter()
            .zip(&weights[own])
        {
            let path = format!("{name}/lstm_cell/{role}");
            file.at("inner").array(&path, array);
            all.push(path);
        }
    }
    let all = names(all.iter().map(String::as_str));
    file.at("inner").attributes.push(("weight_names", all));
    let dense_names = names(["dense/kernel", "dense/bias"]);
    file.at("dense")
        .attributes
        .push(("weight_names", dense_names));
    for (role, array) in ["kernel", "bias"].iter().zip(&weights["dense"]) {
        file.at("dense").array(&format!("dense/{role}"), array);
    }
    file.attributes = vec![("layer_names", names(["embedding", "inner", "dense"]))];
    let mut inner = sequential(vec![lstm("b_lstm"), lstm("a_lstm")]);
    inner["config"]["name"] = json!("inner");
    let config = plain(sequential(vec![embedding(), inner, dense()]));
    let mut outer = Group::default();
    let config = AttrValue::VarLenString(config.to_string());
    outer.attributes.push(("model_config", config));
    *outer.at("model_weights") = file;
    assert_read(&outer.bytes(), &expected);
}

#[test]
fn weights_alone_are_sorted_by_shapes_or_refused() {
    let one = model(5, 5, 1);
    let list = [TWO[0], ("lstm_7", "lstm"), ("dropout_3", ""), TWO[3]];
    assert_read(&layers(&one, &list).bytes(), &one);
    let decided = model(3, 5, 2);
    assert_read(&layers(&decided, &TWO).bytes(), &decided);
    let said = refused(&layers(&model(5, 5, 2), &TWO).bytes());
    assert!(
        said.contains("z_first") && said.contains(".keras"),
        "{said}"
    );
    let list = [TWO[0], ("lstm_7", "lstm"), ("add", ""), TWO[3]];
    let said = refused(&layers(&one, &list).bytes());
    assert!(
        said.contains("layer add (\"add\"): it has no weights"),
        "{said}"
    );
}

#[test]
fn lists_of_names_that_are_cut_into_pieces_are_joined() {
    let one = model(5, 5, 1);
    let mut file = layers(&one, &[TWO[0], ("lstm", "lstm"), TWO[3]]);
    file.attributes = vec![
        ("layer_names0", names(["embedding", "lstm"])),
        ("layer_names1", names(["dense"])),
    ];
    assert_read(&file.bytes(), &one);
}

#[test]
fn an_array_that_is_named_a_thousand_times_is_read_once_too_often() {
    let one = model(5, 5, 1);
    let mut file = layers(&one, &[TWO[0], ("lstm", "lstm"), TWO[3]]);
    let again = vec!["embedding/embeddings:0"; 1000];
    file.at("embedding").attributes = vec![("weight_names", names(again))];
    let said = refused(&file.bytes());
    assert!(said.contains("larger than the file"), "{said}");
}
