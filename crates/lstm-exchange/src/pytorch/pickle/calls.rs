//! Function calls and persistent ids.

use super::globals::{Call, call};
use super::heap::{Heap, Id, Node, Object, Storage, View};
use super::{Fault, MOST_OF_NAME};
use std::rc::Rc;

/// The error for a pickle that calls `function`.
pub(super) fn refused(heap: &Heap, function: Id) -> Fault {
    match heap.get(function) {
        Node::Global(name) => Fault::Global(name.to_string()),
        _ => Fault::new("its pickle calls something that is no function"),
    }
}

/// The result of `function(*arguments)`.
pub(super) fn reduce(heap: &mut Heap, function: Id, arguments: Id) -> Result<Id, Fault> {
    let (Node::Global(name), Some(all)) = (heap.get(function), heap.elements(arguments)) else {
        return Err(refused(heap, function));
    };
    // None of the functions has more arguments that matter here.
    let (name, all) = (Rc::clone(name), all[..all.len().min(8)].to_vec());
    let damaged = || Fault::new(format!("its pickle gives {name} arguments that do not fit"));
    match call(&name).ok_or_else(|| refused(heap, function))? {
        Call::Tensor => {
            let view = view(heap, &all).ok_or_else(damaged)?;
            Ok(heap.add(Node::Tensor(Rc::new(view))))
        }
        Call::Parameter => all.first().copied().ok_or_else(damaged),
        Call::Subclass => match all.as_slice() {
            // The inner function rebuilds a tensor, so the recursion ends here.
            &[inner, _, arguments, ..] if is_tensor_call(heap, inner) => {
                reduce(heap, inner, arguments)
            }
            &[inner, ..] => Err(refused(heap, inner)),
            [] => Err(damaged()),
        },
        Call::Dict => {
            let pairs = dict(heap, &all).ok_or_else(damaged)?;
            heap.copy(pairs.len())?;
            Ok(heap.add(Node::Dict(pairs)))
        }
        Call::Sequence => {
            let elements = match all.as_slice() {
                [] => Vec::new(),
                [one, ..] => heap.elements(*one).ok_or_else(damaged)?.to_vec(),
            };
            heap.copy(elements.len())?;
            Ok(heap.add(Node::List(elements)))
        }
        Call::Instance => instance(heap, *all.first().ok_or_else(damaged)?),
        Call::Other => Ok(heap.add(Node::Other)),
    }
}

fn is_tensor_call(heap: &Heap, function: Id) -> bool {
    matches!(heap.get(function), Node::Global(name) if call(name) == Some(Call::Tensor))
}

/// A new object of a class, without content.
pub(super) fn instance(heap: &mut Heap, class: Id) -> Result<Id, Fault> {
    let Node::Global(class) = heap.get(class) else {
        return Err(Fault::new(
            "its pickle makes an object of something that is no class",
        ));
    };
    let object = Object {
        class: Rc::clone(class),
        state: None,
        items: Vec::new(),
        elements: Vec::new(),
    };
    Ok(heap.add(Node::Object(Box::new(object))))
}

/// The tensor of `storage, offset, shape, strides, …`.
fn view(heap: &Heap, arguments: &[Id]) -> Option<View> {
    let &[storage, offset, shape, strides, ..] = arguments else {
        return None;
    };
    let Node::Storage(storage) = heap.get(storage) else {
        return None;
    };
    let view = View {
        storage: Rc::clone(storage),
        offset: heap.size(offset)?,
        shape: heap.sizes(shape)?,
        strides: heap.sizes(strides)?,
    };
    (view.shape.len() == view.strides.len()).then_some(view)
}

/// The entries of a dict made from no arguments, from pairs or from another dict. `defaultdict` takes a
/// function as its first argument.
fn dict(heap: &Heap, arguments: &[Id]) -> Option<Vec<(Id, Id)>> {
    let skipped = usize::from(matches!(
        arguments.first().map(|&first| heap.get(first)),
        Some(Node::Global(_) | Node::None)
    ));
    let Some(&from) = arguments.get(skipped) else {
        return Some(Vec::new());
    };
    if let Some(items) = heap.items(from) {
        return Some(items.to_vec());
    }
    let pairs = heap.elements(from)?.iter();
    pairs
        .map(|&pair| match heap.elements(pair)? {
            &[key, value] => Some((key, value)),
            _ => None,
        })
        .collect()
}

/// The storage that `('storage', class, key, location, elements, …)` names, or the class of a module that
/// `('module', class, file, source)` names.
pub(super) fn persistent(heap: &mut Heap, id: Id) -> Result<Id, Fault> {
    let damaged = || Fault::new("a persistent id of its pickle is not that of a storage");
    let fields = heap.elements(id).ok_or_else(damaged)?;
    match *fields {
        [kind, class, ..] if heap.text(kind) == Some("module") => Ok(class),
        [kind, class, key, _location, len, ref view @ ..] if heap.text(kind) == Some("storage") => {
            if view
                .iter()
                .any(|&view| !matches!(heap.get(view), Node::None))
            {
                return Err(Fault::new(
                    "it has a storage that is part of another one (PyTorch before 0.4)",
                ));
            }
            let Node::Global(class) = heap.get(class) else {
                return Err(damaged());
            };
            let key = heap.text(key).filter(|key| key.len() <= MOST_OF_NAME);
            let storage = Storage {
                key: key.ok_or_else(damaged)?.to_owned(),
                class: class.rsplit('.').next().unwrap_or(class).to_owned(),
                len: heap.size(len).ok_or_else(damaged)?,
            };
            Ok(heap.add(Node::Storage(Rc::new(storage))))
        }
        _ => Err(damaged()),
    }
}
