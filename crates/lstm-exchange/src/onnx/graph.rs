//! A graph, and its computation in double precision.

use super::ops::{Budget, Call};
use super::proto::{Model, Node, TensorType, ValueInfo};
use super::value::Value;
use crate::ExchangeError;
use crate::recorded::Onnx;
use crate::variant::Mistake;
use std::collections::{BTreeMap, BTreeSet};

/// Values by name.
pub(super) type Values = BTreeMap<String, Value>;

/// The oldest and the newest version of the operators that are computed as they are here.
const OPSETS: std::ops::RangeInclusive<i64> = 7..=26;

/// A graph whose constants are read and whose names are in order.
#[derive(Debug)]
pub(super) struct Graph {
    pub nodes: Vec<Node>,
    pub constants: Values,
    /// All inputs, also those that have a constant as their default.
    pub inputs: Vec<ValueInfo>,
    pub outputs: Vec<ValueInfo>,
    /// Numbers of which attributes have but the first seven digits.
    pub exact: Vec<f64>,
    opset: i64,
}

/// What a computation leaves.
#[derive(Default)]
pub(super) struct Run {
    /// Everything that nodes computed.
    pub values: Values,
    /// The LSTMs, in the order of their computation.
    pub lstms: Vec<Onnx>,
}

impl Graph {
    pub fn new(model: Model) -> Result<Self, ExchangeError> {
        let wrong = |why: String| ExchangeError::NotOnnx { why };
        let opset = model
            .opset_import
            .iter()
            .find(|set| matches!(set.domain.as_str(), "" | "ai.onnx"))
            .map(|set| set.version)
            .ok_or_else(|| wrong("it names no version of ONNX's operators".into()))?;
        if !OPSETS.contains(&opset) {
            return Err(ExchangeError::Unsupported {
                what: format!("version {opset} of ONNX's operators"),
            });
        }
        let graph = *model.graph.ok_or_else(|| wrong("it has no graph".into()))?;
        if !graph.sparse_initializer.is_empty() {
            return Err(ExchangeError::Unsupported {
                what: "a sparse tensor".into(),
            });
        }
        let mut constants = Values::new();
        for tensor in &graph.initializer {
            if constants
                .insert(tensor.name.clone(), Value::decode(tensor)?)
                .is_some()
            {
                return Err(wrong(format!("it has two tensors {}", tensor.name)));
            }
        }
        let mut defined: BTreeSet<&str> = constants.keys().map(String::as_str).collect();
        defined.extend(graph.input.iter().map(|input| input.name.as_str()));
        for node in &graph.node {
            for name in node.input.iter().filter(|name| !name.is_empty()) {
                if !defined.contains(name.as_str()) {
                    return Err(wrong(format!(
                        "{} reads {name}, which nothing gives before it",
                        node.title()
                    )));
                }
            }
            for name in node.output.iter().filter(|name| !name.is_empty()) {
                if !defined.insert(name) {
                    return Err(wrong(format!(
                        "{} gives {name}, which is there already",
                        node.title()
                    )));
                }
            }
        }
        if let Some(output) = graph
            .output
            .iter()
            .find(|o| !defined.contains(o.name.as_str()))
        {
            return Err(wrong(format!("nothing gives its output {}", output.name)));
        }
        Ok(Self {
            nodes: graph.node,
            constants,
            inputs: graph.input,
            outputs: graph.output,
            exact: Vec::new(),
            opset,
        })
    }

    /// The inputs that have no default.
    pub fn needed(&self) -> impl Iterator<Item = &ValueInfo> {
        let has_default = |input: &&ValueInfo| !self.constants.contains_key(&input.name);
        self.inputs.iter().filter(has_default)
    }

    /// Computes every node; with a mistake in its LSTMs or without. `recorded` are the numbers that
    /// are known of its outputs: the more there are, the more may be computed.
    pub fn run(
        &self,
        given: &Values,
        recorded: usize,
        mistake: Option<Mistake>,
    ) -> Result<Run, ExchangeError> {
        if let Some(input) = self.needed().find(|input| !given.contains_key(&input.name)) {
            return Err(ExchangeError::Missing {
                tensor: input.name.clone(),
            });
        }
        let mut run = Run::default();
        let mut budget = self.budget(given, recorded);
        for node in &self.nodes {
            let found = |name: &String| self.find(name, given, &run.values);
            let inputs = node.input.iter().map(found).collect();
            let outputs = self.call(node, inputs, &mut budget, mistake, &mut run.lstms)?;
            store(node, outputs, &mut run.values)?;
        }
        Ok(run)
    }

    /// The values that depend on no input, as far as they can be computed.
    pub fn folded(&self) -> Values {
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
            if let Ok(outputs) = self.call(node, found, &mut budget, None, &mut Vec::new()) {
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
        mistake: Option<Mistake>,
        lstms: &mut Vec<Onnx>,
    ) -> Result<Vec<Value>, ExchangeError> {
        Call {
            node,
            opset: self.opset,
            exact: &self.exact,
            inputs,
            budget,
            mistake,
            lstms,
        }
        .run()
    }
}

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
    /// What is said of its numbers and sizes.
    pub fn tensor_type(&self) -> Option<&TensorType> {
        self.r#type.as_ref()?.tensor_type.as_ref()
    }
}
