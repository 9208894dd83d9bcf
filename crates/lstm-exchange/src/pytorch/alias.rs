//! Aliases: names that a safetensors file leaves out because their tensor is stored under another name.
//!
//! `safetensors.torch.save_model` writes each tensor once. For tied weights it keeps one name, and the
//! metadata maps the other names to it.

use crate::{ExchangeError, Tensors};
use std::collections::{BTreeSet, HashMap};

/// Limits: all aliases together hold at most this many times the numbers of the file, and a chain of
/// aliases has at most this many links.
const MOST_REPEATS: usize = 4;
const MOST_LINKS: usize = 64;

/// Adds a tensor for each alias in the metadata. A name in the middle of a chain of aliases is only a
/// link, not a tensor.
///
/// # Errors
/// If an alias leads to no tensor, or in a circle; if the file has a different tensor of that name.
pub(super) fn follow(
    tensors: &mut Tensors,
    metadata: &HashMap<String, String>,
) -> Result<(), ExchangeError> {
    let links: BTreeSet<&String> = metadata.values().collect();
    let numbers = tensors.values().map(|tensor| tensor.data.len());
    let mut left = MOST_REPEATS * numbers.sum::<usize>();
    let mut found = Tensors::new();
    for alias in metadata.keys() {
        let Some(target) = target(alias, tensors, metadata)? else {
            continue;
        };
        let tensor = &tensors[target];
        if tensors.get(alias).is_some_and(|own| own != tensor) {
            return Err(ExchangeError::Metadata {
                key: alias.clone(),
                why: format!(
                    "it says that {alias} is the tensor {target}, but the file has another {alias}"
                ),
            });
        }
        if links.contains(alias) {
            continue;
        }
        left = left
            .checked_sub(tensor.data.len())
            .ok_or_else(|| ExchangeError::Metadata {
                key: alias.clone(),
                why: "too many names stand for the tensors of the file".into(),
            })?;
        found.insert(alias.clone(), tensor.clone());
    }
    tensors.extend(found);
    Ok(())
}

/// The tensor at the end of the chain that begins at `alias`; `None` if the entry is not an alias.
fn target<'a>(
    alias: &'a str,
    tensors: &Tensors,
    metadata: &'a HashMap<String, String>,
) -> Result<Option<&'a str>, ExchangeError> {
    let wrong = |why: String| {
        Err(ExchangeError::Metadata {
            key: alias.to_owned(),
            why,
        })
    };
    let mut seen = BTreeSet::from([alias]);
    let mut at = alias;
    if !is_name(alias) {
        return Ok(None);
    }
    while let Some(next) = metadata.get(at) {
        if !is_name(next) && !tensors.contains_key(next) {
            if at == alias {
                return Ok(None);
            }
            return wrong(format!(
                "it leads to {at}, whose entry {next:?} is no tensor"
            ));
        }
        if !seen.insert(next) {
            return wrong(format!("it leads in a circle, by way of {next}"));
        }
        if seen.len() > MOST_LINKS {
            return wrong(format!("it leads through more than {MOST_LINKS} names"));
        }
        at = next;
        if tensors.contains_key(at) {
            return Ok(Some(at));
        }
    }
    wrong(format!(
        "it stands for the tensor {at}, which the file does not have"
    ))
}

/// Whether a text looks like the name of a module's tensor.
fn is_name(text: &str) -> bool {
    let own = text.rsplit('.').next().unwrap_or(text);
    let is_kind = |kind: &str| {
        let rest = own.strip_prefix(kind);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    ["weight", "bias"].into_iter().any(is_kind) || ["original0", "original1"].contains(&own)
}
