//! The graph of a model, and its computation in double precision.

use super::file::{parse, read_bytes};
use super::operator::LstmOperator;
use super::ops::{Budget, Call};
use super::plain::PlainLstm;
use super::proto::{self, Model, Node, TensorType, ValueInfo};
use super::structure::Structure;
use super::value::Value;
use crate::{ExchangeError, Tensors};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Values by name.
pub type Values = BTreeMap<String, Value>;

/// The versions of the operators that are computed here.
const OPSETS: std::ops::RangeInclusive<i64> = 7..=26;

/// The graph of an ONNX model, its constants decoded.
///
/// Every node reads what is an input, a constant or the output of a node before it, and no name is
/// defined twice.
#[derive(Debug)]
pub struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) constants: Values,
    /// All inputs, also those that have a constant as their default.
    pub(super) inputs: Vec<ValueInfo>,
    pub(super) outputs: Vec<ValueInfo>,
    opset: i64,
}

impl Graph {
    /// Reads a model's file.
    ///
    /// # Errors
    /// As [`Graph::parse`], or if the file cannot be read.
    pub fn open(path: &Path) -> Result<Self, ExchangeError> {
        Self::parse(&read_bytes(path)?)
    }

    /// Reads a model's bytes; this takes a small multiple of their length in memory.
    ///
    /// # Errors
    /// If they are no ONNX model, or one of another version of the operators than 7 to 26.
    pub fn parse(bytes: &[u8]) -> Result<Self, ExchangeError> {
        Self::new(parse(bytes)?)
    }

    /// The names of the inputs, those with a default included.
    pub fn inputs(&self) -> impl Iterator<Item = &str> {
        self.inputs.iter().map(|input| input.name.as_str())
    }

    /// The names of the outputs.
    pub fn outputs(&self) -> impl Iterator<Item = &str> {
        self.outputs.iter().map(|output| output.name.as_str())
    }

    /// The constant of this name.
    pub fn constant(&self, name: &str) -> Option<&Value> {
        self.constants.get(name)
    }

    /// The weights of a language model, embedding → LSTM → linear layer, by their names in PyTorch:
    /// `embed.weight` (unless the input is one-hot), `lstm.weight_ih_l0`, …, `head.bias`.
    ///
    /// # Errors
    /// If the graph is no such model; the part that is something else is named.
    pub fn language_model(&self) -> Result<Tensors, ExchangeError> {
        Ok(Structure::find(self)?.parameters())
    }

    pub(super) fn new(model: Model) -> Result<Self, ExchangeError> {
        let opset = opset(&model)?;
        let graph = model.graph.ok_or_else(|| wrong("it has no graph".into()))?;
        if !graph.sparse_initializer.is_empty() {
            return Err(ExchangeError::Unsupported {
                what: "a sparse tensor".into(),
            });
        }
        let mut constants = Values::new();
        for tensor in &graph.initializer {
            let value = Value::decode(tensor)?;
            if constants.insert(tensor.name.clone(), value).is_some() {
                return Err(wrong(format!("it has two tensors {}", tensor.name)));
            }
        }
        check_names(&graph, &constants)?;
        Ok(Self {
            nodes: graph.node,
            constants,
            inputs: graph.input,
            outputs: graph.output,
            opset,
        })
    }

    /// The inputs that have no default.
    pub(super) fn needed(&self) -> impl Iterator<Item = &ValueInfo> {
        let has_default = |input: &&ValueInfo| !self.constants.contains_key(&input.name);
        self.inputs.iter().filter(has_default)
    }

    /// Computes every node in double precision, the LSTMs by `lstm`: all values that nodes compute.
    ///
    /// A file of a few bytes can ask for more memory than there is, so the work is bounded by how many
    /// numbers the constants and `given` have, and `recorded` more.
    ///
    /// # Errors
    /// If an input without a default is not given; if a node has an operator or attribute that is not
    /// supported, has inputs that do not fit, or would exceed the bound.
    pub fn run(
        &self,
        given: &Values,
        recorded: usize,
        lstm: &mut dyn LstmOperator,
    ) -> Result<Values, ExchangeError> {
        if let Some(input) = self.needed().find(|input| !given.contains_key(&input.name)) {
            return Err(ExchangeError::Missing {
                tensor: input.name.clone(),
            });
        }
        let mut values = Values::new();
        let mut budget = self.budget(given, recorded);
        for node in &self.nodes {
            let found = |name: &String| self.find(name, given, &values);
            let inputs = node.input.iter().map(found).collect();
            let outputs = self.call(node, inputs, &mut budget, lstm)?;
            store(node, outputs, &mut values)?;
        }
        Ok(values)
    }

    /// The values that depend on no input (constant folding), as far as they can be computed.
    pub(super) fn folded(&self) -> Values {
        let mut values = Values::new();
        let (given, mut budget) = (Values::new(), self.budget(&Values::new(), 0));
        let inputs: BTreeSet<&str> = self.inputs.iter().map(|i| i.name.as_str()).collect();
        for node in &self.nodes {
            let is_fixed = |name: &String| {
                let is_input = inputs.contains(name.as_str());
                name.is_empty() || !is_input && self.find(name, &given, &values).is_some()
            };
            if node.op_type == "LSTM" || !node.input.iter().all(is_fixed) {
                continue;
            }
            let found = |name: &String| self.find(name, &given, &values);
            let found = node.input.iter().map(found).collect();
            if let Ok(outputs) = self.call(node, found, &mut budget, &mut PlainLstm) {
                let _ = store(node, outputs, &mut values);
            }
        }
        let mut all: Values = self.constants.clone();
        all.retain(|name, _| !inputs.contains(name.as_str()));
        all.extend(values);
        all
    }

    fn budget(&self, given: &Values, recorded: usize) -> Budget {
        let values = self.constants.values().chain(given.values());
        let numbers: usize = values.map(|value| value.data().len()).sum();
        Budget::for_numbers(numbers + recorded)
    }

    fn find<'a>(
        &'a self,
        name: &str,
        given: &'a Values,
        computed: &'a Values,
    ) -> Option<&'a Value> {
        let sources = [computed, given, &self.constants];
        sources.into_iter().find_map(|values| values.get(name))
    }

    fn call(
        &self,
        node: &Node,
        inputs: Vec<Option<&Value>>,
        budget: &mut Budget,
        lstm: &mut dyn LstmOperator,
    ) -> Result<Vec<Value>, ExchangeError> {
        Call {
            node,
            opset: self.opset,
            inputs,
            budget,
            lstm,
        }
        .run()
    }
}

fn wrong(why: String) -> ExchangeError {
    ExchangeError::NotOnnx { why }
}

/// The version of ONNX's operators that the model uses.
fn opset(model: &Model) -> Result<i64, ExchangeError> {
    let mut sets = model.opset_import.iter();
    let onnx = sets.find(|set| matches!(set.domain.as_str(), "" | "ai.onnx"));
    match onnx.map(|set| set.version) {
        None => Err(wrong("it names no version of ONNX's operators".into())),
        Some(version) if OPSETS.contains(&version) => Ok(version),
        Some(version) => Err(ExchangeError::Unsupported {
            what: format!("version {version} of ONNX's operators"),
        }),
    }
}

/// Every name must be defined once, and before it is used.
fn check_names(graph: &proto::Graph, constants: &Values) -> Result<(), ExchangeError> {
    let mut defined: BTreeSet<&str> = constants.keys().map(String::as_str).collect();
    defined.extend(graph.input.iter().map(|input| input.name.as_str()));
    for node in &graph.node {
        for name in node.input.iter().filter(|name| !name.is_empty()) {
            if !defined.contains(name.as_str()) {
                let title = node.title();
                return Err(wrong(format!(
                    "{title} reads {name}, which no node before it computes"
                )));
            }
        }
        for name in node.output.iter().filter(|name| !name.is_empty()) {
            if !defined.insert(name) {
                let title = node.title();
                return Err(wrong(format!(
                    "{title} computes {name}, which exists already"
                )));
            }
        }
    }
    let mut outputs = graph.output.iter();
    match outputs.find(|output| !defined.contains(output.name.as_str())) {
        None => Ok(()),
        Some(output) => Err(wrong(format!(
            "no node computes its output {}",
            output.name
        ))),
    }
}

/// Adds a node's outputs to the values.
fn store(node: &Node, outputs: Vec<Value>, values: &mut Values) -> Result<(), ExchangeError> {
    let surplus = node
        .output
        .iter()
        .skip(outputs.len())
        .find(|name| !name.is_empty());
    if let Some(name) = surplus {
        return Err(ExchangeError::Unsupported {
            what: format!("the output {name} of {}", node.title()),
        });
    }
    let named = node.output.iter().cloned().zip(outputs);
    values.extend(named.filter(|(name, _)| !name.is_empty()));
    Ok(())
}

impl ValueInfo {
    /// Its number type and sizes, if the file has them.
    pub fn tensor_type(&self) -> Option<&TensorType> {
        self.r#type.as_ref()?.tensor_type.as_ref()
    }
}
