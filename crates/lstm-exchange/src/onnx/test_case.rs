//! The files of ONNX's test cases: a model of one node, and one file for each input and output.

use super::export::{IR_VERSION, info, size};
use super::file::{PRODUCER, parse_tensor, to_bytes};
use super::operator::{AttributeValue, LSTM_INPUTS, LstmNode};
use super::proto::{Attribute, Graph, Model, Node, Opset, dtype, kind};
use super::value::{ElementType, Value};
use crate::{ExchangeError, Tensor};

/// The first operator version in which `LSTM` has the attribute `layout`.
const OPSET: i64 = 14;

/// The names of the operator's outputs.
const OUTPUTS: [&str; 3] = ["Y", "Y_h", "Y_c"];

/// A tensor file such as `input_0.pb`.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredTensor {
    /// Its name; empty if the file has none.
    pub name: String,
    /// Its numbers.
    pub value: Value,
    /// The number type in which the file stores them, as TensorProto numbers them: 1 for float, 10 for
    /// float16, 11 for double, 16 for bfloat16.
    pub data_type: i32,
}

impl StoredTensor {
    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// If they are not a tensor, or its number type is not supported.
    pub fn parse(bytes: &[u8]) -> Result<Self, ExchangeError> {
        let data = parse_tensor(bytes)?;
        let value = Value::decode(&data)?;
        Ok(Self {
            value,
            data_type: data.data_type,
            name: data.name,
        })
    }

    /// Encodes the tensor as a file, in single precision or as 32-bit integers.
    pub fn to_bytes(name: &str, value: &Value) -> Vec<u8> {
        let data_type = match value.element_type {
            ElementType::Float => dtype::FLOAT,
            ElementType::Int => dtype::INT32,
            ElementType::Bool => dtype::BOOL,
        };
        to_bytes(&value.encode_as(name, data_type))
    }
}

/// A model of one `LSTM` node. The weights are constants, as they are in every exported model; X, the
/// lengths and the initial states are the graph's inputs; Y, Y_h and Y_c its outputs.
pub fn lstm_model(name: &str, node: &LstmNode<'_>, outputs: &[Tensor; 3]) -> Vec<u8> {
    let mut graph = Graph {
        name: name.to_owned(),
        ..Graph::default()
    };
    let mut inputs = Vec::new();
    for (input, tensor) in LSTM_INPUTS.into_iter().zip(&node.inputs) {
        let Some(tensor) = tensor else {
            inputs.push(String::new());
            continue;
        };
        inputs.push(input.to_owned());
        let sizes = tensor.shape.iter().copied().map(size).collect();
        match input {
            "W" | "R" | "B" | "P" => {
                let value = Value::float((*tensor).clone());
                graph.initializer.push(value.encode(input));
            }
            "sequence_lens" => graph.input.push(info(input, dtype::INT32, sizes)),
            _ => graph.input.push(info(input, dtype::FLOAT, sizes)),
        }
    }
    while inputs.last().is_some_and(String::is_empty) {
        inputs.pop();
    }
    for (output, tensor) in OUTPUTS.into_iter().zip(outputs) {
        let sizes = tensor.shape.iter().copied().map(size).collect();
        graph.output.push(info(output, dtype::FLOAT, sizes));
    }
    let attributes = node.attributes.iter();
    graph.node.push(Node {
        op_type: "LSTM".into(),
        input: inputs,
        output: OUTPUTS.map(str::to_owned).into(),
        attribute: attributes
            .map(|(name, value)| attribute(name, value))
            .collect(),
        ..Node::default()
    });
    to_bytes(&Model {
        ir_version: IR_VERSION,
        producer_name: PRODUCER.into(),
        graph: Some(Box::new(graph)),
        opset_import: vec![Opset {
            domain: String::new(),
            version: OPSET,
        }],
        ..Model::default()
    })
}

fn attribute(name: &str, value: &AttributeValue) -> Attribute {
    let mut attribute = Attribute {
        name: name.to_owned(),
        ..Attribute::default()
    };
    let bytes = |text: &String| text.clone().into_bytes();
    match value {
        AttributeValue::Float(f) => (attribute.kind, attribute.f) = (kind::FLOAT, Some(*f)),
        AttributeValue::Int(i) => (attribute.kind, attribute.i) = (kind::INT, Some(*i)),
        AttributeValue::Text(text) => {
            (attribute.kind, attribute.s) = (kind::STRING, Some(bytes(text)));
        }
        AttributeValue::Floats(list) => {
            (attribute.kind, attribute.floats) = (kind::FLOATS, list.clone());
        }
        AttributeValue::Ints(list) => (attribute.kind, attribute.ints) = (kind::INTS, list.clone()),
        AttributeValue::Texts(list) => {
            attribute.kind = kind::STRINGS;
            attribute.strings = list.iter().map(bytes).collect();
        }
    }
    attribute
}
