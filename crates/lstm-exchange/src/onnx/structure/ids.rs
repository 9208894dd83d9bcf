//! The ids that an embedding reads, and what a value depends on.

use super::{Ids, View, unsupported};
use crate::ExchangeError;
use crate::onnx::graph::body::Step;
use std::collections::BTreeSet;

/// Operators that read a value's shape and none of its numbers.
const MEASURES: [&str; 2] = ["Shape", "Size"];

/// What a value is computed from.
struct Origin {
    /// The nodes, in the order of their computation.
    steps: Vec<Step>,
    /// The inputs of the graph whose numbers are read.
    inputs: BTreeSet<String>,
}

impl View<'_> {
    /// The ids that the value `read` holds. Exporters check or shift ids on their way to the embedding;
    /// whether each arrives as it is, [`verify`](crate::onnx::verify) finds out.
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

    /// Whether a value depends on the shapes of the inputs alone, and on none of their numbers.
    pub(super) fn is_of_shapes(&self, name: &str) -> bool {
        let origin = self.origin(name, &MEASURES);
        let is_plain = |step: &Step| step.bodies.is_empty() && step.node.op_type != "LSTM";
        origin.inputs.is_empty() && origin.steps.iter().all(is_plain)
    }

    /// Follows a value back to constants, to inputs, and to nodes whose operator is in `ends`.
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
