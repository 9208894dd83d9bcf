//! The objects that a pickle describes.

use super::{Fault, MOST_OBJECTS};
use std::rc::Rc;

/// The index of an object in its [`Heap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pytorch) struct Id(u32);

/// An object. Objects that a model's weights never need become [`Node::Other`], without their content.
#[derive(Clone, Debug)]
pub(in crate::pytorch) enum Node {
    None,
    Bool(bool),
    Int(i64),
    Text(Box<str>),
    Tuple(Box<[Id]>),
    /// A list or a set.
    List(Vec<Id>),
    /// Keys and values, in the order of the file.
    Dict(Vec<(Id, Id)>),
    /// The name of a class or a function, `module.name`. Nothing is imported.
    Global(Rc<str>),
    /// An instance of a class of which only the name is known.
    Object(Box<Object>),
    Storage(Rc<Storage>),
    Tensor(Rc<View>),
    /// Any other value: a number that is not a 64-bit integer, bytes, a date …
    Other,
}

/// An instance of a class.
#[derive(Clone, Debug)]
pub(in crate::pytorch) struct Object {
    /// `module.name`
    pub class: Rc<str>,
    /// Its attributes, a dict.
    pub state: Option<Id>,
    /// Its entries, if its class is derived from dict.
    pub items: Vec<(Id, Id)>,
    /// Its elements, if its class is derived from list or set.
    pub elements: Vec<Id>,
}

/// A one-dimensional array of numbers. Tensors are views of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pytorch) struct Storage {
    pub key: String,
    /// `FloatStorage` and so on.
    pub class: String,
    /// The number of elements.
    pub len: usize,
}

/// A tensor: some elements of a storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pytorch) struct View {
    pub storage: Rc<Storage>,
    pub offset: usize,
    pub shape: Vec<usize>,
    /// The stride along each dimension, in elements.
    pub strides: Vec<usize>,
}

/// All objects of a pickle.
#[derive(Debug)]
pub(in crate::pytorch) struct Heap {
    nodes: Vec<Node>,
    copied: usize,
}

/// As many as PyTorch allows.
const MOST_DIMENSIONS: usize = 64;

impl Heap {
    pub const NONE: Id = Id(0);
    pub const FALSE: Id = Id(1);
    pub const TRUE: Id = Id(2);
    pub const OTHER: Id = Id(3);
    pub const EMPTY: Id = Id(4);

    pub fn new() -> Self {
        let empty = Node::Tuple(Box::new([]));
        let (yes, no) = (Node::Bool(true), Node::Bool(false));
        Self {
            nodes: vec![Node::None, no, yes, Node::Other, empty],
            copied: 0,
        }
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn add(&mut self, node: Node) -> Id {
        let id = u32::try_from(self.nodes.len()).expect("the machine limits the number of objects");
        self.nodes.push(node);
        Id(id)
    }

    pub fn get(&self, id: Id) -> &Node {
        &self.nodes[id.0 as usize]
    }

    pub fn get_mut(&mut self, id: Id) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }

    /// All storages that the pickle names.
    pub fn storages(&self) -> impl Iterator<Item = &Storage> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Storage(storage) => Some(&**storage),
            _ => None,
        })
    }

    pub fn text(&self, id: Id) -> Option<&str> {
        match self.get(id) {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of a tuple or a list.
    pub fn elements(&self, id: Id) -> Option<&[Id]> {
        match self.get(id) {
            Node::Tuple(elements) => Some(elements),
            Node::List(elements) => Some(elements),
            _ => None,
        }
    }

    /// The keys and values of a dict, or of an object derived from one.
    pub fn items(&self, id: Id) -> Option<&[(Id, Id)]> {
        match self.get(id) {
            Node::Dict(items) => Some(items),
            Node::Object(object) if !object.items.is_empty() => Some(&object.items),
            _ => None,
        }
    }

    /// The number of entries to look through in an object, including, for an instance, the entries of
    /// its attributes.
    pub fn width(&self, id: Id) -> usize {
        let own =
            |id| self.items(id).map_or(0, <[_]>::len) + self.elements(id).map_or(0, <[_]>::len);
        let state = match self.get(id) {
            Node::Object(object) => object.state.and_then(|state| self.items(state)),
            _ => None,
        };
        let attributes = state.unwrap_or_default().iter();
        own(id) + attributes.map(|(_, value)| 1 + own(*value)).sum::<usize>()
    }

    /// The value of a dict under a string key; the last one, if the pickle sets the key more than once.
    pub fn entry(&self, dict: Id, key: &str) -> Option<Id> {
        let mut items = self.items(dict)?.iter().rev();
        let found = items.find(|(k, _)| self.text(*k) == Some(key));
        found.map(|(_, value)| *value)
    }

    /// A non-negative integer.
    pub fn size(&self, id: Id) -> Option<usize> {
        match self.get(id) {
            Node::Int(n) => usize::try_from(*n).ok(),
            _ => None,
        }
    }

    /// The numbers of a shape.
    pub fn sizes(&self, id: Id) -> Option<Vec<usize>> {
        let sizes = self.elements(id)?;
        let is_shape = sizes.len() <= MOST_DIMENSIONS;
        is_shape.then(|| sizes.iter().map(|&n| self.size(n)).collect())?
    }

    /// Counts elements that are copied from one container to another, and limits their number.
    pub fn copy(&mut self, count: usize) -> Result<(), Fault> {
        self.copied += count;
        if self.copied > MOST_OBJECTS {
            return Err(Fault::new("it copies its lists without end"));
        }
        Ok(())
    }
}
