//! The layers of a Sequential or functional model, in the order of computation.

use super::super::CHAIN;
use super::super::hdf5::not_keras;
use super::layer::{Record, shown};
use crate::ExchangeError;
use serde_json::Value;
use std::collections::BTreeMap;

/// Far more layers than a stack of LSTMs has.
const MOST_LAYERS: usize = 1000;

/// The entries of a model's list of layers, in the order of computation, each with its position in the
/// list.
///
/// # Errors
/// If the model is not a chain of layers.
pub(super) fn in_order<'a>(model: &Record<'a>) -> Result<Vec<(usize, Record<'a>)>, ExchangeError> {
    // In early versions, `config` is the list itself.
    let list = model.get("layers").unwrap_or(model.config);
    let Some(list) = list.as_array() else {
        return Err(not_keras(format!(
            "its configuration gives {} no list of layers",
            model.label()
        )));
    };
    if list.len() > MOST_LAYERS {
        let why = format!("{} layers, more than {MOST_LAYERS}", list.len());
        return Err(model.refuse(why, CHAIN));
    }
    let layers: Vec<Record<'a>> = list.iter().map(Record::read).collect::<Result<_, _>>()?;
    let order = match model.class {
        "Sequential" => (0..layers.len()).collect(),
        _ => chain(model, &layers)?,
    };
    Ok(order.into_iter().map(|n| (n, layers[n])).collect())
}

/// The path from a functional model's output back to its input, reversed.
fn chain(model: &Record<'_>, layers: &[Record<'_>]) -> Result<Vec<usize>, ExchangeError> {
    let by_name: BTreeMap<&str, usize> = layers.iter().map(|l| l.name).zip(0..).collect();
    let end = |key: &str, what: &str| {
        let tensors = tensors(model.get(key).unwrap_or(&Value::Null));
        match tensors.as_slice() {
            [tensor] => Ok(*tensor),
            _ => Err(model.refuse(
                format!("the model has {} {what}", tensors.len()),
                "build one with the ids as its input and the logits as its output, and save that",
            )),
        }
    };
    let (input, mut tensor) = (
        end("input_layers", "inputs")?,
        end("output_layers", "outputs")?,
    );
    let mut order = Vec::new();
    loop {
        let Some(&n) = by_name.get(tensor.layer) else {
            let why = format!(
                "its configuration names a layer {:?} that it lacks",
                tensor.layer
            );
            return Err(not_keras(why));
        };
        if tensor.output != 0 {
            return Err(layers[n].refuse(
                format!("its output {} is used, a state", tensor.output),
                CHAIN,
            ));
        }
        order.push(n);
        if order.len() > layers.len() {
            return Err(not_keras("its configuration has layers in a circle".into()));
        }
        match read_by(&layers[n])? {
            Some(below) => tensor = below,
            None if layers[n].name == input.layer => break,
            None => return Err(layers[n].refuse("nothing is given to it", CHAIN)),
        }
    }
    order.reverse();
    match (0..layers.len()).find(|n| !order.contains(n)) {
        None => Ok(order),
        Some(n) => Err(layers[n].refuse(
            "the model has branches: this layer is not on the way from the output back to the input",
            CHAIN,
        )),
    }
}

/// An output of a layer.
#[derive(Clone, Copy)]
struct Tensor<'a> {
    layer: &'a str,
    output: u64,
}

/// The one tensor that a layer reads; `None` for an input.
///
/// # Errors
/// If the layer is called more than once, reads several tensors, or is called with further arguments.
fn read_by<'a>(layer: &Record<'a>) -> Result<Option<Tensor<'a>>, ExchangeError> {
    let nodes = layer.entry.get("inbound_nodes").and_then(Value::as_array);
    let node = match nodes.map(Vec::as_slice) {
        None | Some([]) => return Ok(None),
        Some([node]) => node,
        Some(nodes) => {
            let why = format!("it is shared: the model calls it {} times", nodes.len());
            return Err(layer.refuse(why, CHAIN));
        }
    };
    let mut found = tensors(node);
    let (Some(tensor), true) = (found.pop(), found.is_empty()) else {
        let why = format!(
            "it reads {} tensors: branches, or initial states or a mask beside its input",
            found.len() + 1
        );
        return Err(layer.refuse(why, CHAIN));
    };
    for (key, value) in arguments(node) {
        let is_off = value.is_null() || *value == Value::Bool(false);
        if !is_off && tensors(value).is_empty() {
            return Err(layer.refuse(
                format!("the model calls it with {key}={}", shown(value)),
                "build the model without that argument, copy the weights with set_weights, and save \
                 it again",
            ));
        }
    }
    Ok(Some(tensor))
}

/// The keyword arguments of a call.
fn arguments(node: &Value) -> Vec<(&str, &Value)> {
    let own = |value| Value::as_object(value).into_iter().flatten();
    match node {
        // Keras 3: {"args": [tensor], "kwargs": {…}}
        Value::Object(node) => {
            let given = node.get("kwargs").into_iter().flat_map(own);
            let further = node.get("args").and_then(Value::as_array);
            let further = further.into_iter().flatten().map(|value| ("args", value));
            further
                .chain(given.map(|(key, value)| (key.as_str(), value)))
                .collect()
        }
        // Before Keras 3: [["layer", 0, 0, {…}]]
        Value::Array(parts) => parts
            .iter()
            .flat_map(|part| match part {
                Value::Array(_) => arguments(part),
                part => own(part)
                    .map(|(key, value)| (key.as_str(), value))
                    .collect(),
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The tensors in a part of a configuration, in the notation of Keras 3 or of earlier versions.
fn tensors(value: &Value) -> Vec<Tensor<'_>> {
    match value {
        Value::Array(parts) => match parts.as_slice() {
            [
                Value::String(layer),
                Value::Number(_),
                Value::Number(output),
                rest @ ..,
            ] => {
                let output = output.as_u64().unwrap_or(u64::MAX);
                let further = rest.iter().flat_map(tensors);
                std::iter::once(Tensor { layer, output })
                    .chain(further)
                    .collect()
            }
            parts => parts.iter().flat_map(tensors).collect(),
        },
        Value::Object(entries) => {
            match entries.get("config").and_then(|c| c.get("keras_history")) {
                Some(history) => tensors(history),
                None => entries.values().flat_map(tensors).collect(),
            }
        }
        _ => Vec::new(),
    }
}
