//! The order of a file's LSTMs, from the bottom layer to the top.

use super::vars::{LISTS, Stored, class, numbered};
use crate::parts::{Layer, hidden_size, hidden_size_of_one, input_size};
use crate::{ExchangeError, Layout};

/// Sorts the cells of a file without a configuration, bottom layer first; `cells` are their paths and
/// weights.
///
/// A Sequential model numbers the layers of a class in the order of computation. In other models the
/// shapes decide, if they allow only one order.
///
/// # Errors
/// If several orders are possible, or the layers are parallel.
pub(super) fn ordered(
    mut cells: Vec<(String, Layer)>,
    stored: &Stored,
    is_sequential: bool,
) -> Result<Vec<Layer>, ExchangeError> {
    cells.sort_by(|(a, _), (b, _)| key(a).cmp(&key(b)));
    if let Some((_, first)) = cells.first() {
        let units = hidden_size(first, Layout::KERAS)?;
        for (_, layer) in &cells {
            hidden_size_of_one(layer, Layout::KERAS, units)?;
        }
    }
    let is_known = |cells: &[(String, Layer)]| {
        let mut pairs = cells.windows(2);
        pairs.all(|pair| follows(&pair[0].0, &pair[1].0, stored, is_sequential))
    };
    if !is_known(&cells) {
        let bottom = bottom(&cells)?;
        let first = bottom.map(|n| cells.remove(n));
        if cells.len() > 1 && !is_known(&cells) || first.is_none() {
            return Err(ExchangeError::Order {
                layers: cells.into_iter().map(|(path, _)| path).collect(),
            });
        }
        cells.splice(0..0, first);
    }
    Ok(cells.into_iter().map(|(_, layer)| layer).collect())
}

/// Sort key of a path: `lstm` before `lstm_9` before `lstm_10`.
fn key(path: &str) -> Vec<(&str, usize)> {
    path.split('/').map(numbered).collect()
}

/// Whether the file itself says that `b` comes after `a`: they are members of the same list, whose
/// order is the order of computation.
fn follows(a: &str, b: &str, stored: &Stored, is_sequential: bool) -> bool {
    let (a, b): (Vec<_>, Vec<_>) = (a.split('/').collect(), b.split('/').collect());
    let common = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (Some(&first), Some(&second)) = (a.get(common), b.get(common)) else {
        return false;
    };
    let Some((list, owner)) = a[..common].split_last() else {
        return false;
    };
    let owner = owner.join("/");
    let is_in_order = match *list {
        "cells" => class(stored, &owner) == "stacked_rnn_cells",
        list if LISTS.contains(&list) && owner.is_empty() => is_sequential,
        list => LISTS.contains(&list) && class(stored, &owner) == "sequential",
    };
    is_in_order && numbered(first).0 == numbered(second).0
}

/// The one layer that reads vectors of another size than the others, if there is one.
///
/// # Errors
/// If there are several, none of which can read the other's output.
fn bottom(cells: &[(String, Layer)]) -> Result<Option<usize>, ExchangeError> {
    let mut found: Option<usize> = None;
    for (n, (path, layer)) in cells.iter().enumerate() {
        let inputs = input_size(layer, Layout::KERAS)?;
        if inputs == hidden_size(layer, Layout::KERAS)? {
            continue;
        }
        if let Some(other) = found {
            let why = format!(
                "neither this layer, which reads {inputs} numbers a step, nor {} can read the other's \
                 output",
                cells[other].0
            );
            return Err(ExchangeError::Layer {
                layer: path.clone(),
                why,
                remedy: super::CHAIN.into(),
            });
        }
        found = Some(n);
    }
    Ok(found)
}
