//! The nodes and constants of a graph: the model's own, or the body of a node (`Loop`, `If`).

use super::{Values, wrong};
use crate::ExchangeError;
use crate::onnx::ops::{Call, Machine};
use crate::onnx::proto::{Graph, Node};
use crate::onnx::value::Value;
use std::collections::BTreeMap;

/// Nodes in the order of computation, with the constants, inputs and outputs of their graph.
#[derive(Clone, Debug)]
pub(in crate::onnx) struct Body {
    pub steps: Vec<Step>,
    pub constants: Values,
    /// The names of the inputs.
    pub inputs: Vec<String>,
    /// The names of the outputs.
    pub outputs: Vec<String>,
}

/// A node, and those of its attributes that are graphs, by name.
#[derive(Clone, Debug)]
pub(in crate::onnx) struct Step {
    pub node: Node,
    pub bodies: BTreeMap<String, Body>,
}

impl Body {
    /// Decodes the constants. `look_over` has limited how deeply graphs are nested.
    pub fn new(graph: Graph) -> Result<Self, ExchangeError> {
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
        let steps = graph.node.into_iter().map(Step::new);
        Ok(Self {
            steps: steps.collect::<Result<_, _>>()?,
            constants,
            inputs: graph.input.into_iter().map(|input| input.name).collect(),
            outputs: graph.output.into_iter().map(|output| output.name).collect(),
        })
    }

    /// Computes every node, and returns the values of all of them.
    pub fn run(
        &self,
        given: &Values,
        outer: Option<&Scope<'_>>,
        mut machine: Machine<'_>,
    ) -> Result<Values, ExchangeError> {
        let mut computed = Values::new();
        for step in &self.steps {
            let scope = self.scope(&computed, given, outer);
            let outputs = scope.call(step, machine.again())?;
            store(&step.node, outputs, &mut computed)?;
        }
        Ok(computed)
    }

    /// Computes every node, and returns the outputs of the graph.
    pub fn outputs(
        &self,
        given: &Values,
        outer: &Scope<'_>,
        machine: Machine<'_>,
    ) -> Result<Vec<Value>, ExchangeError> {
        let computed = self.run(given, Some(outer), machine)?;
        let scope = self.scope(&computed, given, Some(outer));
        let output = |name: &String| {
            scope
                .find(name)
                .cloned()
                .ok_or_else(|| ExchangeError::Missing {
                    tensor: name.clone(),
                })
        };
        self.outputs.iter().map(output).collect()
    }

    fn scope<'a>(
        &'a self,
        computed: &'a Values,
        given: &'a Values,
        outer: Option<&'a Scope<'a>>,
    ) -> Scope<'a> {
        Scope {
            computed,
            given,
            constants: &self.constants,
            outer,
        }
    }
}

impl Step {
    fn new(mut node: Node) -> Result<Self, ExchangeError> {
        let mut bodies = BTreeMap::new();
        for attribute in &mut node.attribute {
            if let Some(graph) = attribute.g.take() {
                bodies.insert(attribute.name.clone(), Body::new(*graph)?);
            }
        }
        Ok(Self { node, bodies })
    }
}

/// The values that a node can read, by name.
#[derive(Clone, Copy)]
pub(in crate::onnx) struct Scope<'a> {
    pub computed: &'a Values,
    pub given: &'a Values,
    pub constants: &'a Values,
    /// The scope of the node that runs this graph.
    pub outer: Option<&'a Scope<'a>>,
}

impl Scope<'_> {
    pub fn find(&self, name: &str) -> Option<&Value> {
        let own = [self.computed, self.given, self.constants];
        let own = own.into_iter().find_map(|values| values.get(name));
        own.or_else(|| self.outer?.find(name))
    }

    /// The outputs of one node.
    pub fn call(&self, step: &Step, mut machine: Machine<'_>) -> Result<Vec<Value>, ExchangeError> {
        let inputs = step.node.input.iter().map(|name| self.find(name));
        Call {
            node: &step.node,
            bodies: &step.bodies,
            scope: self,
            inputs: inputs.collect(),
            machine: machine.again(),
        }
        .run()
    }
}

/// Adds a node's outputs to the values.
pub(super) fn store(
    node: &Node,
    outputs: Vec<Value>,
    values: &mut Values,
) -> Result<(), ExchangeError> {
    let mut surplus = node.output.iter().skip(outputs.len());
    if let Some(name) = surplus.find(|name| !name.is_empty()) {
        return Err(ExchangeError::Unsupported {
            what: format!("the output {name} of {}", node.title()),
        });
    }
    let named = node.output.iter().cloned().zip(outputs);
    values.extend(named.filter(|(name, _)| !name.is_empty()));
    Ok(())
}
