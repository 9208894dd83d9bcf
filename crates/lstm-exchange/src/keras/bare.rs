//! A weights-only file: finds the LSTMs, then the embedding and the head, by names and shapes.

use super::order::ordered;
use super::vars::{Stored, Vars, class, missing, not_a_weight, numbered};
use crate::parts::{Layer, Named, Parts, hidden_size, input_size};
use crate::roles::{Candidate, Role, Sizes, roles};
use crate::{ExchangeError, Layout};

/// Layers that do nothing at inference: their class names in snake case.
const WITHOUT_EFFECT: [&str; 8] = [
    "input_layer",
    "input",
    "dropout",
    "spatial_dropout1d",
    "gaussian_dropout",
    "gaussian_noise",
    "alpha_dropout",
    "activity_regularization",
];

/// Sorts a file's arrays into a model. `is_sequential` says that the file's layers are those of a
/// Sequential model, whatever the model's name.
///
/// # Errors
/// If an array is missing, has the wrong shape or belongs to no part of the model; if a layer without
/// weights may change what the model computes; if the order of the LSTMs is not certain.
pub(super) fn parts(mut stored: Stored, is_sequential: bool) -> Result<Parts, ExchangeError> {
    let is_sequential = is_sequential || class(&stored, "") == "sequential";
    let (mut cells, mut others) = (Vec::new(), Vec::new());
    let paths: Vec<String> = stored.keys().cloned().collect();
    expect_one_input(&paths, &stored)?;
    for path in paths {
        let is_listed_cell = path.rsplit('/').nth(1) == Some("cells");
        let is_cell = is_listed_cell || path.ends_with("/cell");
        let arrays = std::mem::take(&mut stored.get_mut(&path).expect("its own key").arrays);
        if arrays.is_empty() {
            expect_no_effect(&path, &stored)?;
        } else if is_cell {
            let name = stored[&path].name.as_deref();
            expect_lstm_cell(&path, name)?;
            cells.push((path.clone(), layer(&path, Vars { name: None, arrays })?));
        } else {
            let role = role(&path, &stored);
            others.push(candidate(&path, Vars { name: None, arrays }, role)?);
        }
    }
    if cells.is_empty() {
        let found = others.into_iter().map(|c| c.kernel.name);
        return Err(ExchangeError::Lstm {
            why: "no LSTM: no path ends in cell/vars/0".into(),
            found: some(found.collect()),
        });
    }
    let layers = ordered(cells, &stored, is_sequential)?;
    let (bottom, top) = (&layers[0], &layers[layers.len() - 1]);
    let sizes = Sizes {
        input_size: input_size(bottom, Layout::KERAS)?,
        hidden_size: hidden_size(top, Layout::KERAS)?,
        is_transposed: true,
    };
    let (embedding, head) = roles(others, sizes)?;
    Ok(Parts {
        layout: Layout::KERAS,
        embedding: embedding.map(|e| e.kernel),
        layers,
        head_w: head.kernel,
        head_b: head.bias,
    })
}

/// Refuses a model with inputs other than the ids, such as initial states.
fn expect_one_input(paths: &[String], stored: &Stored) -> Result<(), ExchangeError> {
    let is_input = |path: &&String| {
        let is_outermost = path.matches('/').count() <= 1;
        is_outermost && matches!(class(stored, path), "input_layer" | "input")
    };
    match paths.iter().filter(is_input).nth(1) {
        None => Ok(()),
        Some(second) => Err(ExchangeError::Layer {
            layer: second.clone(),
            why: "it is the model's second input".into(),
            remedy: super::CHAIN.into(),
        }),
    }
}

/// The names, or a phrase that says that there are none.
fn some(found: Vec<String>) -> Vec<String> {
    if found.is_empty() {
        return vec!["no weights of layers at all".into()];
    }
    found
}

/// Refuses a layer without weights unless it is known to do nothing at inference.
fn expect_no_effect(path: &str, stored: &Stored) -> Result<(), ExchangeError> {
    let below = format!("{path}/");
    let is_leaf = !path.is_empty() && !stored.keys().any(|other| other.starts_with(&below));
    let class = class(stored, path);
    if !is_leaf || WITHOUT_EFFECT.contains(&class) {
        return Ok(());
    }
    if ["lstm", "lstm_cell", "embedding", "dense"].contains(&class) {
        return Err(missing(path, 0));
    }
    let known_as = stored[path].name.as_deref().unwrap_or(class);
    Err(ExchangeError::Layer {
        layer: format!("{path} (\"{known_as}\")"),
        why: "it has no weights, and a file of weights does not say what it computes".into(),
        remedy: super::SAVE_WHOLE.into(),
    })
}

/// Refuses the cells of a GRU, of `Bidirectional` and of user-defined classes.
fn expect_lstm_cell(path: &str, name: Option<&str>) -> Result<(), ExchangeError> {
    let is_of_two = |part: &str| part.starts_with("forward_") || part.starts_with("backward_");
    if path.split('/').any(is_of_two) {
        return Err(ExchangeError::Layer {
            layer: path.to_owned(),
            why: "the LSTM is bidirectional, and a language model reads forwards only".into(),
            remedy: super::UNIDIRECTIONAL.into(),
        });
    }
    match name {
        Some(name) if numbered(name).0 != "lstm_cell" => Err(ExchangeError::Layer {
            layer: path.to_owned(),
            why: format!("its cell is called {name}, and only lstm_cell is known to be an LSTM's"),
            remedy: super::SAVE_WHOLE.into(),
        }),
        _ => Ok(()),
    }
}

fn layer(path: &str, mut vars: Vars) -> Result<Layer, ExchangeError> {
    let mut take = |n| vars.arrays.remove(&n);
    let layer = Layer {
        w_x: take(0).ok_or_else(|| missing(path, 0))?,
        w_h: take(1).ok_or_else(|| missing(path, 1))?,
        biases: take(2).into_iter().collect(),
    };
    expect_none_left(vars)?;
    Ok(layer)
}

fn candidate(path: &str, mut vars: Vars, role: Option<Role>) -> Result<Candidate, ExchangeError> {
    let mut take = |n| vars.arrays.remove(&n);
    let candidate = Candidate {
        kernel: take(0).ok_or_else(|| missing(path, 0))?,
        bias: take(1),
        role,
    };
    expect_none_left(vars)?;
    Ok(candidate)
}

fn expect_none_left(vars: Vars) -> Result<(), ExchangeError> {
    match vars.arrays.into_values().next() {
        None => Ok(()),
        Some(Named { name, .. }) => Err(not_a_weight(&name)),
    }
}

/// The role of a layer's array, by the layer's name or class.
fn role(path: &str, stored: &Stored) -> Option<Role> {
    let of = |name: &str| match name {
        "embedding" | "embed" => Some(Role::Embedding),
        "dense" | "head" => Some(Role::Head),
        _ => None,
    };
    let own = path.rsplit('/').next().unwrap_or(path);
    of(class(stored, path)).or_else(|| of(numbered(own).0))
}
