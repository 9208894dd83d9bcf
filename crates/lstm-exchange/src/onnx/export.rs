//! A language model as an ONNX file.

use super::file::{PRODUCER, to_bytes};
use super::proto::{
    Attribute, Dimension, Entry, Graph, Model, Node, Opset, Shape, TensorType, Type, ValueInfo,
    dtype, kind,
};
use super::value::Value;
use crate::foreign::{CharModel, expect_characters};
use crate::layout::{Layout, tensor};
use crate::{ExchangeError, Tensor};
use lstm_gates::LstmParams;
use lstm_model::{Embedding, Parameters, Recurrent};
use nalgebra::DMatrix;

/// The metadata's entry with the characters in the order of their ids.
pub(super) const VOCABULARY: &str = "lstm.vocabulary";
/// The metadata's entry with [`Normalization`](lstm_text::Normalization) as JSON.
pub(super) const NORMALIZATION: &str = "lstm.normalization";

/// Understood by every runtime of the last years: ONNX 1.12 of 2022.
const IR_VERSION: i64 = 8;
const OPSET: i64 = 17;

/// The weights that fit into the 2 GiB of a protobuf, with room for the rest.
const MOST_WEIGHTS: usize = 500_000_000;

/// The whole model as an ONNX file: embedding or one-hot input (E19), layers (E1–E8, E26), head (E20).
///
/// | | name | shape |
/// |---|---|---|
/// | reads | `ids`, int64 | (T, B) |
/// | | `h0`, `c0`, zero if they are not given | (layers, B, H) |
/// | gives | `logits` | (T, B, V) |
/// | | `hn`, `cn` | (layers, B, H) |
///
/// T and B are free. The characters are in the metadata, under `lstm.vocabulary`.
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
    let (layers, v, h) = (config.layers, config.vocab_size, config.hidden_size);
    let mut graph = Builder::default();
    for n in 0..=layers as i64 {
        graph.constant(&format!("at_{n}"), &Value::ints(&[n]));
    }
    graph.initial_states(layers, h);
    let input = match &network.embedding {
        Embedding::Table(table) => {
            graph.constant("embed.weight", &Value::float(rows(&table.transpose())));
            graph.node("Gather", &["embed.weight", "ids"], &["x"], vec![])
        }
        Embedding::OneHot { .. } => {
            graph.constant("depth", &Value::ints(&[v as i64]));
            let off_on = Tensor::new(&[2], vec![0.0, 1.0]);
            graph.constant("off_on", &Value::float(off_on));
            graph.node("OneHot", &["ids", "depth", "off_on"], &["x"], vec![])
        }
    };
    let mut input = input.to_owned();
    for (l, layer) in network.stack.layers.iter().enumerate() {
        input = graph.layer(l, &layer.to_params(), &input);
    }
    for state in ["h", "c"] {
        let last: Vec<String> = (0..layers).map(|l| format!("{state}n_l{l}")).collect();
        let last: Vec<&str> = last.iter().map(String::as_str).collect();
        let axis = vec![int("axis", 0)];
        graph.node("Concat", &last, &[&format!("{state}n")], axis);
    }
    graph.constant(
        "head.weight",
        &Value::float(rows(&network.head.w.transpose())),
    );
    let bias = DMatrix::from_row_slice(1, v, network.head.b.as_slice());
    graph.constant("head.bias", &Value::float(reshaped(rows(&bias), &[v])));
    graph.node("MatMul", &[&input, "head.weight"], &["wy_h"], vec![]);
    graph.node("Add", &["wy_h", "head.bias"], &["logits"], vec![]);
    let states = |name: &str, batch: &str| {
        let (layers, h) = (size(layers), size(h));
        info(name, dtype::FLOAT, vec![layers, named(batch), h])
    };
    graph.0.name = "language_model".into();
    graph.0.input = vec![
        info("ids", dtype::INT64, vec![named("steps"), named("batch")]),
        states("h0", "states"),
        states("c0", "states"),
    ];
    graph.0.output = vec![
        info(
            "logits",
            dtype::FLOAT,
            vec![named("steps"), named("batch"), size(v)],
        ),
        states("hn", "batch"),
        states("cn", "batch"),
    ];
    let entry = |key: &str, value: String| Entry {
        key: key.into(),
        value,
    };
    let normalization = serde_json::to_string(&model.normalization).expect("it is plain data");
    Ok(to_bytes(&Model {
        ir_version: IR_VERSION,
        producer_name: PRODUCER.into(),
        producer_version: env!("CARGO_PKG_VERSION").into(),
        graph: Some(Box::new(graph.0)),
        opset_import: vec![Opset {
            domain: String::new(),
            version: OPSET,
        }],
        metadata_props: vec![
            entry(VOCABULARY, model.vocabulary.chars().iter().collect()),
            entry(NORMALIZATION, normalization),
        ],
    }))
}

#[derive(Default)]
struct Builder(Graph);

impl Builder {
    fn constant(&mut self, name: &str, value: &Value) {
        self.0.initializer.push(value.encode(name));
    }

    /// Adds a node; its first output's name.
    fn node<'a>(
        &mut self,
        op_type: &str,
        input: &[&str],
        output: &[&'a str],
        attribute: Vec<Attribute>,
    ) -> &'a str {
        let list = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        self.0.node.push(Node {
            op_type: op_type.into(),
            name: format!("{op_type}_{}", output[0]),
            input: list(input),
            output: list(output),
            attribute,
            domain: String::new(),
        });
        output[0]
    }

    /// h_0 and c_0, stretched to the batch: given for each sequence, or one for all by default (E8).
    fn initial_states(&mut self, layers: usize, h: usize) {
        self.node("Shape", &["ids"], &["ids_shape"], vec![]);
        let axis = || vec![int("axis", 0)];
        self.node("Gather", &["ids_shape", "at_1"], &["batch_size"], axis());
        let sizes = ["at_1", "batch_size", "at_1"];
        self.node("Concat", &sizes, &["states_shape"], axis());
        for (given, full) in [("h0", "h0_of_batch"), ("c0", "c0_of_batch")] {
            let zero = Tensor::new(&[layers, 1, h], vec![0.0; layers * h]);
            self.constant(given, &Value::float(zero));
            self.node("Expand", &[given, "states_shape"], &[full], vec![]);
        }
    }

    /// One layer; the name of its output.
    fn layer(&mut self, l: usize, params: &LstmParams<f32>, input: &str) -> String {
        let own = |name: &str| format!("{name}_l{l}");
        let (w, r, b) = (own("W"), own("R"), own("B"));
        let blocks = params.blocks();
        let stacked = |blocks: [&DMatrix<f32>; 4]| {
            let blocks = blocks.map(|block| block.map(f64::from));
            let stacked = Layout::ONNX.join(blocks.each_ref());
            let shape = [&[1], &stacked.shape[..]].concat();
            Value::float(reshaped(stacked, &shape))
        };
        self.constant(&w, &stacked(blocks.map(|gate| &gate.w_x)));
        self.constant(&r, &stacked(blocks.map(|gate| &gate.w_h)));
        // Wb ‖ Rb, which are added.
        let bias = blocks.map(|gate| gate.b.map(f64::from));
        let mut bias = Layout::ONNX.join_vector(bias.each_ref()).data;
        let rows = bias.len();
        bias.resize(2 * rows, 0.0);
        self.constant(&b, &Value::float(Tensor::new(&[1, 2 * rows], bias)));
        let (start, end) = (format!("at_{l}"), format!("at_{}", l + 1));
        for (state, first) in [("h0_of_batch", own("h0")), ("c0_of_batch", own("c0"))] {
            self.node("Slice", &[state, &start, &end, "at_0"], &[&first], vec![]);
        }
        let (y, y_4, hn, cn) = (own("y"), own("y_of_directions"), own("hn"), own("cn"));
        let inputs = [input, &w, &r, &b, "", &own("h0"), &own("c0")];
        let size = int("hidden_size", params.hidden_size() as i64);
        self.node("LSTM", &inputs, &[&y_4, &hn, &cn], vec![size]);
        self.node("Squeeze", &[&y_4, "at_1"], &[&y], vec![]);
        y
    }
}

fn int(name: &str, value: i64) -> Attribute {
    Attribute {
        name: name.into(),
        i: Some(value),
        kind: kind::INT,
        ..Attribute::default()
    }
}

fn rows(matrix: &DMatrix<f32>) -> Tensor {
    tensor(&matrix.map(f64::from))
}

fn reshaped(mut tensor: Tensor, shape: &[usize]) -> Tensor {
    tensor.shape = shape.to_vec();
    tensor
}

fn size(size: usize) -> Dimension {
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

fn info(name: &str, elem_type: i32, dim: Vec<Dimension>) -> ValueInfo {
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
