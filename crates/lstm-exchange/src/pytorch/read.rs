//! The LSTM of a `state_dict` by the names of its tensors, then the embedding and the head.

use crate::parts::{Layer, Named, Parts, hidden_size, input_size};
use crate::roles::{Candidate, Role, Sizes, roles};
use crate::{ExchangeError, Layout, Tensors};
use std::collections::{BTreeMap, BTreeSet};

const KINDS: [&str; 5] = ["weight_ih", "weight_hh", "weight_hr", "bias_ih", "bias_hh"];

/// A tensor of `nn.LSTM`: `{prefix}{kind}_l{layer}{suffix}`.
struct Entry<'a> {
    prefix: &'a str,
    kind: &'static str,
    layer: usize,
    suffix: &'a str,
}

/// The parts of a tensor's name, if it is one that a recurrent module gives.
fn recurrent(name: &str) -> Option<Entry<'_>> {
    let (prefix, own) = match name.rsplit_once('.') {
        Some((module, own)) => (&name[..=module.len()], own),
        None => ("", name),
    };
    let kind = KINDS.into_iter().find(|kind| own.starts_with(kind))?;
    let layer = own[kind.len()..].strip_prefix("_l")?;
    let digits = layer.len() - layer.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    Some(Entry {
        prefix,
        kind,
        layer: layer[..digits].parse().ok()?,
        suffix: &layer[digits..],
    })
}

/// Sorts a file's tensors into a model.
///
/// # Errors
/// If a tensor is left over or missing, or has a shape that fits nowhere.
pub(super) fn parts(mut tensors: Tensors) -> Result<Parts, ExchangeError> {
    let (prefix, layers) = find_lstm(&tensors)?;
    let mut take = |kind: &str, l: usize| {
        let name = format!("{prefix}{kind}_l{l}");
        let tensor = tensors.remove(&name);
        tensor.map(|tensor| Named { name, tensor })
    };
    let mut found = Vec::new();
    for l in 0..layers {
        let missing = |kind: &str| ExchangeError::Missing {
            tensor: format!("{prefix}{kind}_l{l}"),
        };
        let biases = match (take("bias_ih", l), take("bias_hh", l)) {
            (Some(b_x), Some(b_h)) => vec![b_x, b_h],
            (None, None) => Vec::new(),
            (None, _) => return Err(missing("bias_ih")),
            (_, None) => return Err(missing("bias_hh")),
        };
        found.push(Layer {
            w_x: take("weight_ih", l).ok_or_else(|| missing("weight_ih"))?,
            w_h: take("weight_hh", l).ok_or_else(|| missing("weight_hh"))?,
            biases,
        });
    }
    let top = found.last().expect("an LSTM has a layer");
    let sizes = Sizes {
        input_size: input_size(&found[0], Layout::PYTORCH)?,
        hidden_size: hidden_size(top, Layout::PYTORCH)?,
        is_transposed: false,
    };
    let (embedding, head) = roles(candidates(tensors)?, sizes)?;
    Ok(Parts {
        layout: Layout::PYTORCH,
        embedding: embedding.map(|e| e.kernel),
        layers: found,
        head_w: head.kernel,
        head_b: head.bias,
    })
}

/// The prefix of the only LSTM's tensors, and how many layers it has.
fn find_lstm(tensors: &Tensors) -> Result<(String, usize), ExchangeError> {
    let entries: Vec<_> = tensors
        .keys()
        .filter_map(|name| Some((name, recurrent(name)?)))
        .collect();
    let unsupported = |what: &str, name: &str| ExchangeError::Unsupported {
        what: format!("{what} (tensor {name})"),
    };
    for (name, entry) in &entries {
        match (entry.suffix, entry.kind) {
            ("_reverse", _) => return Err(unsupported("a bidirectional LSTM", name)),
            ("", "weight_hr") => return Err(unsupported("an LSTM with a projection", name)),
            ("", _) => {}
            _ => return Err(unsupported("an LSTM with further tensors", name)),
        }
    }
    let mut layers: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (_, entry) in &entries {
        layers.entry(entry.prefix).or_default().insert(entry.layer);
    }
    let mut each = layers.iter();
    match (each.next(), each.next()) {
        (Some((prefix, numbers)), None) => {
            let last = *numbers.last().expect("every prefix has a layer");
            match (0..=last).find(|l| !numbers.contains(l)) {
                None => Ok(((*prefix).to_owned(), numbers.len())),
                Some(l) => Err(ExchangeError::Missing {
                    tensor: format!("{prefix}weight_ih_l{l}"),
                }),
            }
        }
        (None, _) => Err(ExchangeError::Lstm {
            why: "no LSTM: no tensor's name ends in weight_ih_l0".into(),
            found: tensors.keys().cloned().collect(),
        }),
        _ => Err(ExchangeError::Lstm {
            why: "more than one LSTM".into(),
            found: layers.keys().map(|prefix| format!("{prefix}*")).collect(),
        }),
    }
}

/// Weights with their biases, paired by name.
fn candidates(mut tensors: Tensors) -> Result<Vec<Candidate>, ExchangeError> {
    let stems: Vec<String> = tensors
        .keys()
        .filter_map(|name| name.strip_suffix(".weight").map(str::to_owned))
        .collect();
    let mut candidates = Vec::new();
    for stem in stems {
        let mut take = |end: &str| {
            let name = format!("{stem}.{end}");
            let tensor = tensors.remove(&name)?;
            Some(Named { name, tensor })
        };
        candidates.push(Candidate {
            kernel: take("weight").expect("its name was among them"),
            bias: take("bias"),
            role: match stem.rsplit('.').next() {
                Some("embed") => Some(Role::Embedding),
                Some("head") => Some(Role::Head),
                _ => None,
            },
        });
    }
    match tensors.keys().next() {
        None => Ok(candidates),
        Some(name) => Err(ExchangeError::Unsupported {
            what: format!(
                "tensor {name}, which is not a weight of an embedding or a linear layer,"
            ),
        }),
    }
}
