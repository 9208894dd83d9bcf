//! Traces the ids that an embedding reads back to the graph's input.

use super::{Ids, View, unsupported};
use crate::ExchangeError;
use crate::onnx::graph::body::Step;
use std::collections::BTreeSet;

/// Operators that read only the shape of a value.
const MEASURES: [&str; 2] = ["Shape", "Size"];

/// What a value depends on.
struct Origin {
    /// The nodes that compute it, in the order of computation.
    steps: Vec<Step>,
    /// The graph inputs whose numbers it depends on.
    inputs: BTreeSet<String>,
}

impl View<'_> {
    /// The ids that the value `read` holds. Exporters check or shift the ids before the embedding;
    /// [`verify`](crate::onnx::verify) tests whether every id arrives unchanged.
    pub(super) fn ids(&self, read: &str) -> Result<Ids, ExchangeError> {
        let origin = self.origin(read, &[]);
        let is_plain = |step: &Step| step.bodies.is_empty() && step.node.op_type != "LSTM";
        let input = origin.inputs.first();
        let input = input.filter(|_| origin.inputs.len() == 1 && origin.steps.iter().all(is_plain));
        let input = input.ok_or_else(|| unsupported("a graph that computes its ids"))?;
        Ok(Ids {
            input: input.clone(),
            read: read.to_owned(),
            part: self.graph.part(origin.steps, read, &self.fixed),
        })
    }

    /// Whether a value depends only on the shapes of the inputs, not on their numbers.
    pub(super) fn is_of_shapes(&self, name: &str) -> bool {
        let origin = self.origin(name, &MEASURES);
        let is_plain = |step: &Step| step.bodies.is_empty() && step.node.op_type != "LSTM";
        origin.inputs.is_empty() && origin.steps.iter().all(is_plain)
    }

    /// Traces a value back to constants, inputs, and nodes whose operator is in `ends`.
    fn origin(&self, name: &str, ends: &[&str]) -> Origin {
        let (mut open, mut needed) = (vec![name], BTreeSet::new());
        let mut inputs = BTreeSet::new();
        while let Some(name) = open.pop() {
            if name.is_empty() || self.fixed.contains_key(name) || !needed.insert(name) {
                continue;
            }
            match self.producer(name) {
                Some(node) if ends.contains(&node.op_type.as_str()) => {}
                Some(node) => open.extend(node.input.iter().map(String::as_str)),
                None => {
                    inputs.insert(name.to_owned());
                }
            }
        }
        let computes = |step: &&Step| {
            step.node
                .output
                .iter()
                .any(|name| needed.contains(name.as_str()))
        };
        Origin {
            steps: self
                .graph
                .body
                .steps
                .iter()
                .filter(computes)
                .cloned()
                .collect(),
            inputs,
        }
    }
}
