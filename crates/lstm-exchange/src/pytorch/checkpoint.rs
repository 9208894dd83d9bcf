//! Finds the model's tensors in a PyTorch file.

use super::container::Container;
use super::module::{Module, expect_known, module, role};
use super::names::is_recurrent;
use super::pickle::{Fault, Heap, Id, Node, View};
use super::storage::tensor;
use crate::roles::Role;
use crate::{ExchangeError, Tensors};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The usual names of the model's state dict in a training checkpoint.
const USUAL: [&str; 3] = ["model", "model_state_dict", "state_dict"];
/// Limits: how deeply dicts and modules may be nested, and how much work it may be to look through them,
/// counted in bytes of paths plus [`ENTRY`] for each entry.
const MOST_LEVELS: usize = 64;
const MOST_PATHS: usize = 1 << 24;
/// The cost of an entry, in addition to the length of its path.
const ENTRY: usize = 64;

/// The tensors of a model and, if the module was saved, the roles of its submodules.
pub(super) struct StateDict {
    pub tensors: Tensors,
    /// The roles of modules, by the modules' names.
    pub roles: BTreeMap<String, Role>,
}

/// All tensors of a file, by their paths.
#[derive(Default)]
struct Found {
    tensors: BTreeMap<String, Rc<View>>,
    /// The paths of the dicts and outermost modules that contain tensors, and whether any of these
    /// belongs to an LSTM.
    dicts: BTreeMap<String, bool>,
    modules: Vec<(String, Id)>,
    paths: usize,
}

/// The model's tensors: those below the path `part`, or without `part` those of the only state dict with
/// an LSTM.
///
/// # Errors
/// If there is no such state dict, or if there are several and none has a usual name; if a module of a
/// saved model is not supported; if a tensor is damaged.
pub(super) fn state_dict(
    file: &mut Container<'_>,
    part: Option<&str>,
) -> Result<StateDict, ExchangeError> {
    let mut found = Found::default();
    found.walk(&file.heap, file.root, "", "", 0)?;
    let part = match part {
        Some(part) => part.to_owned(),
        None => found.only_model()?,
    };
    let inside = |path: &str| inside(path, &part).map(str::to_owned);
    let mut roles = BTreeMap::new();
    for (path, object) in &found.modules {
        let Some(name) = inside(path) else { continue };
        expect_known(&file.heap, *object, path)?;
        if let Some(role) = role(&file.heap, *object) {
            roles.insert(name, role);
        }
    }
    let mut tensors = Tensors::new();
    let mut left = file.len();
    for (path, view) in &found.tensors {
        let Some(name) = inside(path) else { continue };
        // Tied weights are stored once and read more than once, so the total is limited.
        let count = view
            .shape
            .iter()
            .try_fold(1_usize, |n, &size| n.checked_mul(size));
        left = count
            .and_then(|count| left.checked_sub(count))
            .ok_or_else(|| Fault::new("its tensors claim more numbers than the file has bytes"))?;
        let bytes = file.bytes(&view.storage)?;
        tensors.insert(name, tensor(path, view, bytes)?);
    }
    if tensors.is_empty() {
        return Err(ExchangeError::Lstm {
            why: format!("nothing is named {part}"),
            found: found.dicts.into_keys().collect(),
        });
    }
    Ok(StateDict { tensors, roles })
}

/// The rest of a path that lies below the path `above`.
pub(super) fn inside<'a>(path: &'a str, above: &str) -> Option<&'a str> {
    if above.is_empty() || path == above {
        return Some(&path[above.len()..]);
    }
    path.strip_prefix(above)?.strip_prefix('.')
}

impl Found {
    /// Collects the tensors of an object. `dict` is the path of the dict or outermost module that
    /// contains the object.
    fn walk(
        &mut self,
        heap: &Heap,
        id: Id,
        path: &str,
        dict: &str,
        level: usize,
    ) -> Result<(), Fault> {
        self.paths += path.len() + ENTRY + heap.width(id);
        if level > MOST_LEVELS || self.paths > MOST_PATHS {
            return Err(Fault::new(
                "its dicts are nested too deeply, or one contains itself",
            ));
        }
        if let Node::Tensor(view) = heap.get(id) {
            return self.tensor(path, dict, view);
        }
        if let Some(Module {
            attributes,
            children,
        }) = module(heap, id)?
        {
            self.modules.push((path.to_owned(), id));
            for (name, value) in attributes {
                self.walk(heap, value, &join(path, &name), dict, level + 1)?;
            }
            for (name, child) in children {
                self.walk(heap, child, &join(path, &name), dict, level + 1)?;
            }
            return Ok(());
        }
        let items = heap.items(id).unwrap_or_default();
        let elements = heap.elements(id).unwrap_or_default();
        let named = items
            .iter()
            .filter_map(|&(key, value)| match heap.get(key) {
                Node::Text(key) => Some((key.to_string(), value)),
                Node::Int(key) => Some((key.to_string(), value)),
                _ => None,
            });
        let numbered = elements.iter().enumerate();
        let numbered = numbered.map(|(n, &value)| (n.to_string(), value));
        for (key, value) in named.chain(numbered) {
            let below = join(path, &key);
            match heap.get(value) {
                Node::Tensor(_) => self.walk(heap, value, &below, path, level + 1)?,
                Node::Tuple(_) | Node::List(_) | Node::Dict(_) | Node::Object(_) => {
                    self.walk(heap, value, &below, &below, level + 1)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The names of some tensors.
    fn names(&self) -> Vec<String> {
        if self.tensors.is_empty() {
            return vec!["no tensors".into()];
        }
        self.tensors.keys().take(20).cloned().collect()
    }

    fn tensor(&mut self, path: &str, dict: &str, view: &Rc<View>) -> Result<(), Fault> {
        let name = inside(path, dict).unwrap_or(path);
        *self.dicts.entry(dict.to_owned()).or_default() |= is_recurrent(name);
        let other = self.tensors.insert(path.to_owned(), Rc::clone(view));
        if other.is_some_and(|other| other != *view) {
            return Err(Fault::new(format!("it has two tensors of the name {path}")));
        }
        Ok(())
    }

    /// The path of the only dict with an LSTM, or of the only one with a usual name.
    fn only_model(&self) -> Result<String, ExchangeError> {
        let with_lstm = self.dicts.iter().filter(|(_, has_lstm)| **has_lstm);
        let models: Vec<&String> = with_lstm.map(|(path, _)| path).collect();
        let only = |is_usual: &dyn Fn(&str) -> bool| {
            let mut usual = models.iter().filter(|path| is_usual(path));
            match (usual.next(), usual.next()) {
                (Some(one), None) => Some((*one).clone()),
                _ => None,
            }
        };
        let usual = only(&|path| USUAL.contains(&path))
            .or_else(|| only(&|path| USUAL.contains(&path.rsplit('.').next().unwrap_or(path))));
        match (models.as_slice(), usual) {
            ([one], _) => Ok((*one).clone()),
            (_, Some(usual)) => Ok(usual),
            ([], _) => Err(ExchangeError::Lstm {
                why: "no LSTM: no tensor's name has weight_hh".into(),
                found: self.names(),
            }),
            _ => Err(ExchangeError::Checkpoint {
                found: models.into_iter().cloned().collect(),
            }),
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        return name.to_owned();
    }
    format!("{path}.{name}")
}
