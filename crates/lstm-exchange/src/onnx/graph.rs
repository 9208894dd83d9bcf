//! The graph of a model, and its computation in double precision.

pub(super) mod body;
mod names;

use super::external;
use super::file::{parse, read_bytes};
use super::operator::LstmOperator;
use super::ops::{Budget, Machine};
use super::plain::PlainLstm;
use super::proto::{Model, Node, TensorType, ValueInfo};
use super::structure::Structure;
use super::value::{ElementType, Value};
use crate::{ExchangeError, Tensors};
use body::{Body, Scope, Step, store};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Values by name.
pub type Values = BTreeMap<String, Value>;

/// The versions of the operators that are computed here.
const OPSETS: std::ops::RangeInclusive<i64> = 7..=26;

/// The graph of an ONNX model, its constants decoded.
///
/// Every node reads inputs, constants and outputs of earlier nodes, and no name is defined twice.
#[derive(Debug)]
pub struct Graph {
    pub(super) body: Body,
    /// All inputs, also those that have a constant as their default.
    pub(super) inputs: Vec<ValueInfo>,
    pub(super) outputs: Vec<ValueInfo>,
    opset: i64,
}

impl Graph {
    /// Reads a model file, and the files beside it that hold its large tensors.
    ///
    /// # Errors
    /// As [`Graph::parse`]; if a file cannot be read; if a tensor refers to a file outside the model's
    /// folder.
    pub fn open(path: &Path) -> Result<Self, ExchangeError> {
        let mut model = parse(&read_bytes(path)?)?;
        external::load(&mut model, path.parent().unwrap_or(Path::new("")))?;
        Self::new(model)
    }

    /// Reads a model's bytes; this takes a small multiple of their length in memory.
    ///
    /// # Errors
    /// If they are not an ONNX model with operators of version 7 to 26; if the model keeps tensors in
    /// other files.
    pub fn parse(bytes: &[u8]) -> Result<Self, ExchangeError> {
        Self::new(parse(bytes)?)
    }

    /// The names of the inputs, those with a default included.
    pub fn inputs(&self) -> impl Iterator<Item = &str> {
        self.inputs.iter().map(|input| input.name.as_str())
    }

    /// The names of the inputs that have no default.
    pub fn needed_inputs(&self) -> impl Iterator<Item = &str> {
        self.needed().map(|input| input.name.as_str())
    }

    /// The number type that the file declares for an input; `None` if it declares none.
    pub fn input_type(&self, name: &str) -> Option<ElementType> {
        let input = self.inputs.iter().find(|input| input.name == name)?;
        ElementType::from_onnx(input.tensor_type()?.elem_type)
    }

    /// The names of the outputs.
    pub fn outputs(&self) -> impl Iterator<Item = &str> {
        self.outputs.iter().map(|output| output.name.as_str())
    }

    /// The constant of this name.
    pub fn constant(&self, name: &str) -> Option<&Value> {
        self.body.constants.get(name)
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
        let (inputs, outputs) = (graph.input.clone(), graph.output.clone());
        let body = Body::new(*graph)?;
        names::check(&body)?;
        Ok(Self {
            body,
            inputs,
            outputs,
            opset,
        })
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.body.steps.iter().map(|step| &step.node)
    }

    /// The inputs that have no default.
    pub(super) fn needed(&self) -> impl Iterator<Item = &ValueInfo> {
        let has_default = |input: &&ValueInfo| !self.body.constants.contains_key(&input.name);
        self.inputs.iter().filter(has_default)
    }

    /// The nodes that compute the value `name`, as a separate graph. The values in `fixed` that they
    /// read become constants of that graph.
    pub(super) fn part(&self, steps: Vec<Step>, name: &str, fixed: &Values) -> Self {
        let read: BTreeSet<&String> = steps.iter().flat_map(|step| &step.node.input).collect();
        let constants = fixed.iter();
        let constants = constants.filter(|(name, _)| read.contains(name));
        let constants = constants.map(|(name, value)| (name.clone(), value.clone()));
        let constants = constants.collect();
        let inputs = self
            .inputs
            .iter()
            .filter(|input| read.contains(&input.name));
        let inputs = inputs.cloned().collect();
        Self {
            body: Body {
                steps,
                constants,
                inputs: self.body.inputs.clone(),
                outputs: vec![name.to_owned()],
            },
            inputs,
            outputs: Vec::new(),
            opset: self.opset,
        }
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
        let mut budget = self.budget(given, recorded);
        let machine = Machine {
            opset: self.opset,
            budget: &mut budget,
            lstm,
        };
        self.body.run(given, None, machine)
    }

    /// The values that depend on no input (constant folding), as far as they can be computed.
    pub(super) fn folded(&self) -> Values {
        let mut values = Values::new();
        let (given, mut budget) = (Values::new(), self.budget(&Values::new(), 0));
        let inputs: BTreeSet<&str> = self.inputs().collect();
        for step in &self.body.steps {
            let scope = Scope {
                computed: &values,
                given: &given,
                constants: &self.body.constants,
                outer: None,
            };
            let is_fixed = |name: &String| {
                let is_input = inputs.contains(name.as_str());
                name.is_empty() || !is_input && scope.find(name).is_some()
            };
            let is_plain = step.node.op_type != "LSTM" && step.bodies.is_empty();
            if !is_plain || !step.node.input.iter().all(is_fixed) {
                continue;
            }
            let machine = Machine {
                opset: self.opset,
                budget: &mut budget,
                lstm: &mut PlainLstm,
            };
            if let Ok(outputs) = scope.call(step, machine) {
                let _ = store(&step.node, outputs, &mut values);
            }
        }
        let mut all: Values = self.body.constants.clone();
        all.retain(|name, _| !inputs.contains(name.as_str()));
        all.extend(values);
        all
    }

    fn budget(&self, given: &Values, recorded: usize) -> Budget {
        let values = self.body.constants.values().chain(given.values());
        let numbers: usize = values.map(|value| value.data().len()).sum();
        Budget::for_numbers(numbers + recorded)
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

impl ValueInfo {
    /// Its number type and sizes, if the file has them.
    pub fn tensor_type(&self) -> Option<&TensorType> {
        self.r#type.as_ref()?.tensor_type.as_ref()
    }
}
