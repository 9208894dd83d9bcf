//! Files as Keras writes them.

use hdf5_pure::{AttrValue, FileBuilder};
use lstm_exchange::CharModel;
use lstm_exchange::keras::{from_keras, to_keras};
use lstm_model::{Init, Network, NetworkConfig};
use lstm_text::{Normalization, Vocabulary};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

pub const V: usize = 7;

/// A model with weights drawn at random. D = 0 means one-hot input.
pub fn model(d: usize, h: usize, layers: usize) -> CharModel {
    let config = NetworkConfig {
        vocab_size: V,
        embed_size: d,
        hidden_size: h,
        layers,
        dropout: 0.0,
        head_dropout: 0.0,
        init: Init::PytorchUniform,
    };
    CharModel {
        network: Network::init(config, 5).unwrap(),
        vocabulary: vocabulary(),
        normalization: Normalization::default(),
    }
}

pub fn vocabulary() -> Vocabulary {
    Vocabulary::from_chars(('a'..).take(V).collect()).unwrap()
}

/// The weights of a layer in Keras' order.
pub type Arrays = Vec<(Vec<u64>, Vec<f32>)>;

/// The weights of a model by layer: `embedding`, `lstm`, `lstm_1` …, `dense`.
pub fn weights(model: &CharModel) -> BTreeMap<String, Arrays> {
    let file = hdf5_pure::File::from_bytes(to_keras(model).unwrap()).unwrap();
    let layers = file.group("layers").unwrap();
    let mut all = BTreeMap::new();
    for (name, layer) in layers.iter_groups().unwrap() {
        let vars = match layer.group("cell/vars") {
            Ok(vars) => vars,
            Err(_) => layer.group("vars").unwrap(),
        };
        let arrays = vars.iter_datasets().unwrap();
        let array = |(_, array): (String, hdf5_pure::Dataset)| {
            (array.shape().unwrap(), array.read_f32().unwrap())
        };
        all.insert(name, arrays.map(array).collect());
    }
    all
}

/// A group of an HDF5 file.
#[derive(Default)]
pub struct Group {
    groups: BTreeMap<String, Group>,
    arrays: BTreeMap<String, (Vec<u64>, Vec<f32>)>,
    pub attributes: Vec<(&'static str, AttrValue)>,
}

impl Group {
    /// The group at a path, made if it is missing.
    pub fn at(&mut self, path: &str) -> &mut Self {
        let parts = path.split('/').filter(|part| !part.is_empty());
        parts.fold(self, |group, part| {
            group.groups.entry(part.to_owned()).or_default()
        })
    }

    pub fn array(&mut self, path: &str, array: &(Vec<u64>, Vec<f32>)) {
        let (group, name) = path.rsplit_once('/').unwrap_or(("", path));
        self.at(group).arrays.insert(name.to_owned(), array.clone());
    }

    /// The group `vars` of a layer: the layer's name, and its arrays `0`, `1` …
    pub fn vars(&mut self, path: &str, name: &str, arrays: &Arrays) {
        let vars = self.at(&format!("{path}/vars"));
        vars.attributes
            .push(("name", AttrValue::VarLenString(name.to_owned())));
        for (n, array) in arrays.iter().enumerate() {
            vars.array(&n.to_string(), array);
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut file = FileBuilder::new();
        for (name, value) in &self.attributes {
            file.set_attr(name, value.clone());
        }
        for (name, group) in &self.groups {
            let mut built = file.create_group(name);
            group.fill(&mut built);
            file.add_group(built.finish());
        }
        file.finish().unwrap()
    }

    fn fill(&self, built: &mut hdf5_pure::GroupBuilder) {
        for (name, value) in &self.attributes {
            built.set_attr(name, value.clone());
        }
        for (name, (shape, numbers)) in &self.arrays {
            let array = built.create_dataset(name);
            array.with_f32_data(numbers).with_shape(shape);
        }
        for (name, group) in &self.groups {
            let mut below = built.create_group(name);
            group.fill(&mut below);
            built.add_group(below.finish());
        }
    }
}

/// A `.weights.h5` whose LSTMs are at `paths`, in the model's order; the model is called `name`.
pub fn weights_file(model: &CharModel, name: &str, paths: &[&str]) -> Group {
    let weights = weights(model);
    let mut file = Group::default();
    file.vars("", name, &Arrays::new());
    for (n, path) in paths.iter().enumerate() {
        let own = if n == 0 {
            "lstm".to_owned()
        } else {
            format!("lstm_{n}")
        };
        file.vars(path, &own, &Arrays::new());
        file.vars(&format!("{path}/cell"), "lstm_cell", &weights[&own]);
    }
    if let Some(table) = weights.get("embedding") {
        file.vars("layers/embedding", "embedding", table);
    }
    file.vars("layers/dense", "dense", &weights["dense"]);
    file
}

/// A configuration's entry of a layer.
pub fn layer(class: &str, name: &str, properties: &Value) -> Value {
    let mut config = json!({"name": name, "trainable": true, "dtype": policy("float32")});
    let own = config.as_object_mut().unwrap();
    own.extend(properties.as_object().unwrap().clone());
    json!({"module": "keras.layers", "class_name": class, "config": config, "registered_name": null})
}

pub fn policy(name: &str) -> Value {
    json!({"module": "keras", "class_name": "DTypePolicy", "config": {"name": name}, "registered_name": null})
}

pub fn lstm(name: &str) -> Value {
    let properties = json!({
        "units": 5, "activation": "tanh", "recurrent_activation": "sigmoid", "use_bias": true,
        "return_sequences": true, "return_state": false, "go_backwards": false, "stateful": false,
        "unroll": false, "zero_output_for_mask": false, "unit_forget_bias": true, "dropout": 0.1,
        "kernel_initializer": {"class_name": "GlorotUniform"}, "kernel_regularizer": null, "seed": null,
    });
    layer("LSTM", name, &properties)
}

pub fn embedding() -> Value {
    let properties = json!({"input_dim": V, "output_dim": 5, "mask_zero": false});
    layer("Embedding", "embedding", &properties)
}

pub fn dense() -> Value {
    let properties = json!({"units": V, "activation": "linear", "use_bias": true});
    layer("Dense", "dense", &properties)
}

/// The layer with one property changed.
pub fn with(mut layer: Value, key: &str, value: Value) -> Value {
    layer["config"][key] = value;
    layer
}

pub fn sequential(layers: Vec<Value>) -> Value {
    let config = json!({"name": "sequential", "layers": Value::Array(layers)});
    json!({"module": "keras", "class_name": "Sequential", "config": config, "registered_name": null})
}

/// A functional model; `calls` are the names of the layers that each layer reads.
pub fn functional(layers: Vec<(Value, Vec<&str>)>, output: &str) -> Value {
    let input = layer("InputLayer", "ids", &json!({"batch_shape": [null, null]}));
    let all = std::iter::once((input, vec![])).chain(layers);
    let tensor = |name: &&str| {
        let history = json!({"shape": [null, null, 5], "keras_history": [name, 0, 0]});
        json!({"class_name": "__keras_tensor__", "config": history})
    };
    let entries = all.map(|(mut layer, reads)| {
        let args: Vec<Value> = reads.iter().map(tensor).collect();
        layer["name"] = layer["config"]["name"].clone();
        layer["inbound_nodes"] = json!([]);
        if !args.is_empty() {
            let kwargs = json!({"training": false, "mask": null});
            layer["inbound_nodes"] = json!([{"args": args, "kwargs": kwargs}]);
        }
        layer
    });
    let entries: Vec<Value> = entries.collect();
    json!({
        "module": "keras.src.models.functional", "class_name": "Functional",
        "config": {"name": "functional", "layers": entries, "input_layers": ["ids", 0, 0],
            "output_layers": [output, 0, 0]},
        "registered_name": "Functional",
    })
}

/// The bytes of a zip archive.
pub fn zip(entries: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in entries {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A `.keras` file.
pub fn keras(config: &Value, weights: &[u8]) -> Vec<u8> {
    let config = config.to_string();
    let entries: [(&str, &[u8]); 3] = [
        ("metadata.json", br#"{"keras_version": "3.15.1"}"#),
        ("config.json", config.as_bytes()),
        ("model.weights.h5", weights),
    ];
    zip(&entries, CompressionMethod::Stored)
}

/// The message with which a file is refused.
pub fn refused(bytes: &[u8]) -> String {
    match from_keras(bytes, Some(vocabulary())) {
        Ok(_) => panic!("it was accepted"),
        Err(error) => error.to_string(),
    }
}

pub fn assert_read(bytes: &[u8], expected: &CharModel) {
    let found = from_keras(bytes, Some(vocabulary())).unwrap();
    assert_eq!(found.network, expected.network);
}
