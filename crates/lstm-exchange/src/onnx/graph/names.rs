//! Checks the names in a graph.

use super::body::Body;
use super::wrong;
use crate::ExchangeError;
use std::collections::BTreeSet;

/// The names that a node may read.
struct Names<'a> {
    own: BTreeSet<&'a str>,
    /// The names of the enclosing graph.
    outer: Option<&'a Names<'a>>,
}

impl Names<'_> {
    fn contains(&self, name: &str) -> bool {
        self.own.contains(name) || self.outer.is_some_and(|outer| outer.contains(name))
    }
}

/// Every name must be defined once in its graph, before it is used. A body may also read the names of
/// the enclosing graph.
pub(super) fn check(body: &Body) -> Result<(), ExchangeError> {
    check_inside(body, None)
}

fn check_inside(body: &Body, outer: Option<&Names<'_>>) -> Result<(), ExchangeError> {
    let own = body.constants.keys().chain(&body.inputs);
    let mut names = Names {
        own: own.map(String::as_str).collect(),
        outer,
    };
    for step in &body.steps {
        let title = || step.node.title();
        let mut inputs = step.node.input.iter().filter(|name| !name.is_empty());
        if let Some(name) = inputs.find(|name| !names.contains(name)) {
            return Err(wrong(format!(
                "{} reads {name}, which no node before it computes",
                title()
            )));
        }
        for inner in step.bodies.values() {
            check_inside(inner, Some(&names))?;
        }
        for name in step.node.output.iter().filter(|name| !name.is_empty()) {
            if !names.own.insert(name) {
                return Err(wrong(format!(
                    "{} computes {name}, which exists already",
                    title()
                )));
            }
        }
    }
    match body.outputs.iter().find(|output| !names.contains(output)) {
        None => Ok(()),
        Some(output) => Err(wrong(format!("no node computes its output {output}"))),
    }
}
