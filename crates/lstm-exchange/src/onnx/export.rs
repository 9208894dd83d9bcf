//! A language model as an ONNX file.

mod builder;

use super::file::{PRODUCER, to_bytes};
use super::proto::{
    Dimension, Entry, Graph, Model, Opset, Shape, TensorType, Type, ValueInfo, dtype,
};
use crate::ExchangeError;
use crate::foreign::{CharModel, expect_characters};
use builder::Builder;
use lstm_model::{Layer, NetworkConfig, Parameters};

/// The metadata's entry with the characters in the order of their ids.
pub(super) const VOCABULARY: &str = "lstm.vocabulary";
/// The metadata's entry with [`Normalization`](lstm_text::Normalization) as JSON.
pub(super) const NORMALIZATION: &str = "lstm.normalization";

/// ONNX 1.12 of 2022, which every current runtime reads.
pub(super) const IR_VERSION: i64 = 8;
const OPSET: i64 = 17;

/// A protobuf has at most 2 GiB; this many weights of four bytes leave room for the rest.
const MOST_WEIGHTS: usize = 500_000_000;

/// The whole model as an ONNX file: embedding or one-hot input (E19), layers (E1–E8, E26), head (E20).
///
/// | | name | shape |
/// |---|---|---|
/// | inputs | `ids`, int64 | (T, B) |
/// | | `h0`, `c0`, zero by default | (layers, B, H) |
/// | outputs | `logits` | (T, B, V) |
/// | | `hn`, `cn` | (layers, B, H) |
///
/// T and B are free. The metadata's entry `lstm.vocabulary` holds the characters.
///
/// # Errors
/// If there is not one character for each id, or if the weights do not fit into a protobuf.
pub fn to_onnx(model: &CharModel) -> Result<Vec<u8>, ExchangeError> {
    let network = &model.network;
    let config = network.config();
    expect_characters(&model.vocabulary, config.vocab_size)?;
    if network.parameter_count() > MOST_WEIGHTS {
        return Err(ExchangeError::Unsupported {
            what: format!(
                "an ONNX file of {} weights, more than {MOST_WEIGHTS},",
                network.parameter_count()
            ),
        });
    }
    let mut builder = Builder::default();
    builder.indices(config.layers);
    builder.initial_states(config.layers, config.hidden_size);
    let mut output = builder.input(&network.embedding, config.vocab_size);
    for (l, layer) in network.stack.layers.iter().enumerate() {
        output = builder.layer(l, &layer.to_params(), &output);
    }
    builder.last_states(config.layers);
    builder.head(&network.head, &output);
    Ok(to_bytes(&Model {
        ir_version: IR_VERSION,
        producer_name: PRODUCER.into(),
        producer_version: env!("CARGO_PKG_VERSION").into(),
        graph: Some(Box::new(with_interface(builder.0, config))),
        opset_import: vec![Opset {
            domain: String::new(),
            version: OPSET,
        }],
        metadata_props: metadata(model),
    }))
}

/// Names the graph, its inputs and its outputs.
fn with_interface(mut graph: Graph, config: &NetworkConfig) -> Graph {
    let states = |name: &str, batch: &str| {
        let (layers, h) = (size(config.layers), size(config.hidden_size));
        info(name, dtype::FLOAT, vec![layers, named(batch), h])
    };
    let tokens = || vec![named("steps"), named("batch")];
    let logits = [tokens(), vec![size(config.vocab_size)]].concat();
    graph.name = "language_model".into();
    graph.input = vec![
        info("ids", dtype::INT64, tokens()),
        states("h0", "states"),
        states("c0", "states"),
    ];
    graph.output = vec![
        info("logits", dtype::FLOAT, logits),
        states("hn", "batch"),
        states("cn", "batch"),
    ];
    graph
}

fn metadata(model: &CharModel) -> Vec<Entry> {
    let normalization = serde_json::to_string(&model.normalization).expect("it is plain data");
    let characters = model.vocabulary.chars().iter().collect();
    [(VOCABULARY, characters), (NORMALIZATION, normalization)]
        .map(|(key, value)| Entry {
            key: key.into(),
            value,
        })
        .into()
}

pub(super) fn size(size: usize) -> Dimension {
    Dimension {
        dim_value: Some(size as i64),
        dim_param: None,
    }
}

fn named(name: &str) -> Dimension {
    Dimension {
        dim_value: None,
        dim_param: Some(name.into()),
    }
}

pub(super) fn info(name: &str, elem_type: i32, dim: Vec<Dimension>) -> ValueInfo {
    ValueInfo {
        name: name.into(),
        r#type: Some(Type {
            tensor_type: Some(TensorType {
                elem_type,
                shape: Some(Shape { dim }),
            }),
        }),
    }
}
