//! The operator `LSTM` as a graph calls it.

use crate::Tensor;
use std::collections::BTreeMap;
use std::error::Error;

/// The names of the operator's inputs, in order; every input from B on is optional.
pub const LSTM_INPUTS: [&str; 8] = [
    "X",
    "W",
    "R",
    "B",
    "sequence_lens",
    "initial_h",
    "initial_c",
    "P",
];

/// An `LSTM` node and the values of its inputs.
#[derive(Clone, Debug)]
pub struct LstmNode<'a> {
    /// Attributes by name.
    pub attributes: BTreeMap<String, AttributeValue>,
    /// The inputs in the order of [`LSTM_INPUTS`]; `None` for an input that is left out.
    pub inputs: [Option<&'a Tensor>; 8],
}

impl LstmNode<'_> {
    /// The input of this name, if the node has it.
    pub fn input(&self, name: &str) -> Option<&Tensor> {
        let n = LSTM_INPUTS.iter().position(|own| *own == name)?;
        self.inputs[n]
    }
}

/// The value of a node's attribute. ONNX stores its numbers in single precision.
#[derive(Clone, Debug, PartialEq)]
pub enum AttributeValue {
    /// A number.
    Float(f32),
    /// An integer.
    Int(i64),
    /// A string.
    Text(String),
    /// A list of numbers.
    Floats(Vec<f32>),
    /// A list of integers.
    Ints(Vec<i64>),
    /// A list of strings.
    Texts(Vec<String>),
}

/// What computes the `LSTM` nodes of a [`Graph`](super::Graph).
///
/// All other operators have one meaning; this one has options, and a caller decides which of them it
/// computes.
pub trait LstmOperator {
    /// Y, Y_h and Y_c of a node, in the operator's shapes.
    ///
    /// # Errors
    /// Why the node cannot be computed. The graph adds the node's name.
    fn outputs(&mut self, node: &LstmNode<'_>)
    -> Result<[Tensor; 3], Box<dyn Error + Send + Sync>>;
}
