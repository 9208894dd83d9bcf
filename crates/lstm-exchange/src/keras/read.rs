//! The LSTMs of a file by their paths, then its embedding and head.

use crate::parts::{Layer, Named, Parts, hidden_size, input_size};
use crate::roles::{Candidate, Role, Sizes, roles};
use crate::{ExchangeError, Layout, Tensor, Tensors};
use std::collections::BTreeMap;

/// The arrays `0`, `1` … of one layer.
type Arrays = BTreeMap<usize, Tensor>;

/// Sorts a file's arrays into a model.
///
/// # Errors
/// If an array is left over or missing, or has a shape that fits nowhere.
pub(super) fn parts(tensors: Tensors) -> Result<Parts, ExchangeError> {
    let mut cells: BTreeMap<(String, usize), (String, Arrays)> = BTreeMap::new();
    let mut others: BTreeMap<String, Arrays> = BTreeMap::new();
    for (path, tensor) in tensors {
        let place = path.rsplit_once("/vars/");
        let Some((layer, n)) = place.and_then(|(l, n)| Some((l, n.parse().ok()?))) else {
            return Err(not_a_weight(&path));
        };
        let arrays = match layer.strip_suffix("/cell") {
            Some(lstm) if lstm.ends_with("/forward_layer") || lstm.ends_with("/backward_layer") => {
                return Err(ExchangeError::Unsupported {
                    what: format!("a bidirectional LSTM (array {path})"),
                });
            }
            Some(lstm) => {
                &mut cells
                    .entry(numbered(lstm))
                    .or_insert((layer.into(), Arrays::new()))
                    .1
            }
            None => others.entry(layer.to_owned()).or_default(),
        };
        arrays.insert(n, tensor);
    }
    let layers: Vec<Layer> = cells
        .into_values()
        .map(|(path, arrays)| layer(&path, arrays))
        .collect::<Result<_, _>>()?;
    let (Some(bottom), Some(top)) = (layers.first(), layers.last()) else {
        return Err(ExchangeError::Lstm {
            why: "no LSTM: no path ends in cell/vars/0".into(),
            found: others.into_keys().collect(),
        });
    };
    let sizes = Sizes {
        input_size: input_size(bottom, Layout::KERAS)?,
        hidden_size: hidden_size(top, Layout::KERAS)?,
        is_transposed: true,
    };
    let candidates = others
        .into_iter()
        .map(|(path, arrays)| candidate(&path, arrays));
    let (embedding, head) = roles(candidates.collect::<Result<_, _>>()?, sizes)?;
    Ok(Parts {
        layout: Layout::KERAS,
        embedding: embedding.map(|e| e.kernel),
        layers,
        head_w: head.kernel,
        head_b: head.bias,
    })
}

/// Sort key of a path: `lstm` before `lstm_9` before `lstm_10`.
fn numbered(path: &str) -> (String, usize) {
    let number = path.rsplit_once('_');
    match number.and_then(|(stem, n)| Some((stem, n.parse().ok()?))) {
        Some((stem, n)) => (stem.to_owned(), n),
        None => (path.to_owned(), 0),
    }
}

fn layer(path: &str, mut arrays: Arrays) -> Result<Layer, ExchangeError> {
    let mut take = |n| named(path, n, arrays.remove(&n));
    let layer = Layer {
        w_x: take(0).ok_or_else(|| missing(path, 0))?,
        w_h: take(1).ok_or_else(|| missing(path, 1))?,
        biases: take(2).into_iter().collect(),
    };
    match arrays.into_keys().next() {
        None => Ok(layer),
        Some(n) => Err(not_a_weight(&format!("{path}/vars/{n}"))),
    }
}

fn candidate(path: &str, mut arrays: Arrays) -> Result<Candidate, ExchangeError> {
    let mut take = |n| named(path, n, arrays.remove(&n));
    let candidate = Candidate {
        kernel: take(0).ok_or_else(|| missing(path, 0))?,
        bias: take(1),
        role: match numbered(path.rsplit('/').next().unwrap_or(path)).0.as_str() {
            "embedding" | "embed" => Some(Role::Embedding),
            "dense" | "head" => Some(Role::Head),
            _ => None,
        },
    };
    match arrays.into_keys().next() {
        None => Ok(candidate),
        Some(n) => Err(not_a_weight(&format!("{path}/vars/{n}"))),
    }
}

fn named(path: &str, n: usize, tensor: Option<Tensor>) -> Option<Named> {
    let name = format!("{path}/vars/{n}");
    tensor.map(|tensor| Named { name, tensor })
}

fn missing(path: &str, n: usize) -> ExchangeError {
    ExchangeError::Missing {
        tensor: format!("{path}/vars/{n}"),
    }
}

fn not_a_weight(path: &str) -> ExchangeError {
    ExchangeError::Unsupported {
        what: format!(
            "array {path}, which is not a weight of an embedding, an LSTM or a dense layer,"
        ),
    }
}
