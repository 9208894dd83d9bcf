//! The weights of a Keras 3 file, by layer path.

use super::hdf5::{Hdf5, damaged, not_keras, strings};
use crate::ExchangeError;
use crate::parts::Named;
use hdf5_pure::Group;
use std::collections::BTreeMap;

/// The content of a layer's group `vars`.
#[derive(Debug, Default)]
pub(super) struct Vars {
    /// The layer's name in Python; files of early Keras 3 versions do not have it.
    pub name: Option<String>,
    /// The arrays `0`, `1` …
    pub arrays: BTreeMap<usize, Named>,
}

/// Layers by their paths, such as `layers/lstm_1`; the path of the model itself is empty.
pub(super) type Stored = BTreeMap<String, Vars>;

/// The group with the layers of a Sequential or functional model: in Keras 3, and in tf.keras 2.13.
pub(super) const LISTS: [&str; 2] = ["layers", "_layer_checkpoint_dependencies"];

/// Real Keras models stay below both limits. In a damaged file a group may contain itself.
const DEEPEST: usize = 16;
const MOST_GROUPS: usize = 10_000;

/// The layers of a file, without the optimiser and the metrics.
pub(super) fn read(file: &mut Hdf5) -> Result<Stored, ExchangeError> {
    let root = file.root();
    let mut walk = Walk {
        file,
        found: Stored::new(),
        groups: 0,
    };
    walk.group(&root, "", 0)?;
    Ok(walk.found)
}

struct Walk<'a> {
    file: &'a mut Hdf5,
    found: Stored,
    groups: usize,
}

impl Walk<'_> {
    fn group(&mut self, group: &Group, path: &str, depth: usize) -> Result<(), ExchangeError> {
        self.groups += 1;
        if depth > DEEPEST || self.groups > MOST_GROUPS {
            return Err(not_keras(format!(
                "it has too many groups, or one that contains itself, at {path}"
            )));
        }
        for (name, below) in group.iter_groups().map_err(|e| damaged(&e))? {
            // The states of the optimiser, of metrics and of random number generators are not weights.
            if depth == 0 && (name == "optimizer" || name == "metrics") || name == "seed_generator"
            {
                continue;
            }
            match name.as_str() {
                "vars" => self.vars(&below, path)?,
                _ if path.is_empty() => self.group(&below, &name, depth + 1)?,
                _ => self.group(&below, &format!("{path}/{name}"), depth + 1)?,
            }
        }
        Ok(())
    }

    fn vars(&mut self, group: &Group, path: &str) -> Result<(), ExchangeError> {
        let name = strings(group, "name")?;
        let mut vars = Vars {
            name: name.and_then(|name| name.into_iter().next()),
            arrays: BTreeMap::new(),
        };
        for (name, array) in group.iter_datasets().map_err(|e| damaged(&e))? {
            let full = format!("{path}/vars/{name}");
            let n = name.parse().map_err(|_| not_a_weight(&full))?;
            vars.arrays.insert(n, self.file.tensor(&full, &array)?);
        }
        self.found.insert(path.to_owned(), vars);
        Ok(())
    }
}

pub(super) fn not_a_weight(path: &str) -> ExchangeError {
    ExchangeError::Unsupported {
        what: format!(
            "array {path}, which is not a weight of an embedding, an LSTM or a dense layer,"
        ),
    }
}

pub(super) fn missing(path: &str, n: usize) -> ExchangeError {
    ExchangeError::Missing {
        tensor: format!("{path}/vars/{n}"),
    }
}

/// A name and the number that Keras appends to it: `lstm` is ("lstm", 0), `lstm_10` is ("lstm", 10).
pub(super) fn numbered(name: &str) -> (&str, usize) {
    let number = name.rsplit_once('_');
    match number.and_then(|(stem, n)| Some((stem, n.parse().ok()?))) {
        Some(both) => both,
        None => (name, 0),
    }
}

/// The layer's class in snake case, as far as the file shows it. In a list of layers the path gives the
/// class; elsewhere the layer's name does, unless the user chose that name.
pub(super) fn class<'a>(stored: &'a Stored, path: &'a str) -> &'a str {
    let (above, own) = path.rsplit_once('/').unwrap_or(("", path));
    let is_listed = LISTS.contains(&above.rsplit('/').next().unwrap_or_default());
    let name = stored.get(path).and_then(|vars| vars.name.as_deref());
    numbered(if is_listed { own } else { name.unwrap_or(own) }).0
}
