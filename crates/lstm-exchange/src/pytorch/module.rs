//! Modules pickled by `torch.save(model)`: objects with a class name and parameters.
//!
//! The file does not say what a user-defined module computes from its submodules. PyTorch's own modules
//! are known by their class, and one whose computation is not supported here is refused.

use super::pickle::{Fault, Heap, Id, Node};
use crate::ExchangeError;
use crate::roles::Role;
use std::collections::BTreeSet;

/// A module's own tensors and the modules inside it.
pub(super) struct Module {
    pub attributes: Vec<(String, Id)>,
    pub children: Vec<(String, Id)>,
}

/// The tensors and submodules of a module; `None` if the object is not a module.
pub(super) fn module(heap: &Heap, id: Id) -> Result<Option<Module>, Fault> {
    let Some((_, state)) = class_and_state(heap, id) else {
        return Ok(None);
    };
    let part = |name: &str| heap.entry(state, name);
    let (Some(parameters), Some(children)) = (part("_parameters"), part("_modules")) else {
        return Ok(None);
    };
    let passing: BTreeSet<&str> = part("_non_persistent_buffers_set")
        .and_then(|names| heap.elements(names))
        .unwrap_or_default()
        .iter()
        .filter_map(|&name| heap.text(name))
        .collect();
    let mut attributes = named(heap, parameters)?;
    let buffers = part("_buffers").map_or(Ok(Vec::new()), |buffers| named(heap, buffers))?;
    attributes.extend(
        buffers
            .into_iter()
            .filter(|(name, _)| !passing.contains(name.as_str())),
    );
    Ok(Some(Module {
        attributes,
        children: named(heap, children)?,
    }))
}

/// The entries of a dict that are not None.
fn named(heap: &Heap, dict: Id) -> Result<Vec<(String, Id)>, Fault> {
    let is_there = |(_, value): &&(Id, Id)| !matches!(heap.get(*value), Node::None);
    let items = heap.items(dict).unwrap_or_default().iter().filter(is_there);
    items
        .map(|&(key, value)| match heap.text(key) {
            Some(key) => Ok((key.to_owned(), value)),
            None => Err(Fault::new("a parameter's name is no text")),
        })
        .collect()
}

fn class_and_state(heap: &Heap, id: Id) -> Option<(&str, Id)> {
    match heap.get(id) {
        Node::Object(object) => Some((&object.class, object.state?)),
        _ => None,
    }
}

/// The class of a module within `torch.nn.modules`, such as `rnn.LSTM`.
fn own_class(class: &str) -> Option<&str> {
    class.strip_prefix("torch.nn.modules.")
}

/// The role of a module, by its class.
pub(super) fn role(heap: &Heap, id: Id) -> Option<Role> {
    match own_class(class_and_state(heap, id)?.0)? {
        "sparse.Embedding" => Some(Role::Embedding),
        "linear.Linear" => Some(Role::Head),
        _ => None,
    }
}

/// Refuses a module that changes its input by an unsupported computation.
pub(super) fn expect_known(heap: &Heap, id: Id, path: &str) -> Result<(), ExchangeError> {
    let Some((class, state)) = class_and_state(heap, id) else {
        return Ok(());
    };
    let unsupported = |what: String| Err(ExchangeError::Unsupported { what });
    let Some(own) = own_class(class) else {
        let is_tensor = |(_, value): &&(Id, Id)| matches!(heap.get(*value), Node::Tensor(_));
        let kept = heap.items(state).unwrap_or_default().iter().find(is_tensor);
        return match kept.and_then(|(key, _)| heap.text(*key)) {
            Some(key) => unsupported(format!(
                "a tensor that {class} keeps as {key}, not as a parameter,"
            )),
            None => Ok(()),
        };
    };
    let of = ["container.", "dropout.", "loss."];
    let is_known = of.iter().any(|kind| own.starts_with(kind))
        || [
            "activation.LogSoftmax",
            "linear.Identity",
            "linear.Linear",
            "rnn.LSTM",
            "rnn.LSTMCell",
        ]
        .contains(&own);
    let max_norm = heap.entry(state, "max_norm");
    match own {
        "sparse.Embedding" if max_norm.is_some_and(|n| !matches!(heap.get(n), Node::None)) => {
            unsupported(format!("an embedding with max_norm (module {path})"))
        }
        "sparse.Embedding" => Ok(()),
        _ if is_known => Ok(()),
        _ => unsupported(format!(
            "module {path}, a {},",
            own.rsplit('.').next().unwrap_or(own)
        )),
    }
}
