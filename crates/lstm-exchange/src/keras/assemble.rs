//! Combines a configuration with the arrays of the same file.

use super::config::{Place, Step, Weighted};
use super::legacy::Groups;
use super::vars::{LISTS, Stored, not_a_weight};
use crate::parts::{Layer, Named, Parts};
use crate::{ExchangeError, Layout};

/// The arrays of a file.
pub(super) enum Arrays {
    /// By path and number.
    Numbered(Stored),
    /// By the layer's name and the array's role.
    Named(Groups),
}

impl Arrays {
    /// Removes array `n` of a layer, the one with this `role`.
    fn take(&mut self, place: &Place, n: usize, role: &str) -> Result<Named, ExchangeError> {
        let (found, tensor) = match self {
            Self::Numbered(stored) => {
                let vars = stored.get_mut(&place.path);
                let found = vars.and_then(|vars| vars.arrays.remove(&n));
                (found, format!("{}/vars/{n}", place.path))
            }
            Self::Named(groups) => {
                let within = place.within.as_ref().map(|name| format!("{name}/"));
                let name = format!("{}/{}{role}", place.group, within.unwrap_or_default());
                (groups.take(place, role), name)
            }
        };
        found.ok_or(ExchangeError::Missing { tensor })
    }

    /// Refuses a file whose arrays belong to a different layer from the one in the configuration.
    fn expect_name(&self, step: &Step) -> Result<(), ExchangeError> {
        let Self::Numbered(stored) = self else {
            return Ok(());
        };
        let vars = stored.get(&step.place.layer);
        match vars.and_then(|vars| vars.name.as_ref()) {
            Some(name) if *name != step.place.name => Err(ExchangeError::Layer {
                layer: step.label.clone(),
                why: format!(
                    "the weights at {} are those of a layer {name:?}",
                    step.place.layer
                ),
                remedy: "the configuration and the weights are of two models; save the model again"
                    .into(),
            }),
            _ => Ok(()),
        }
    }

    fn expect_none_left(&self) -> Result<(), ExchangeError> {
        let left = match self {
            Self::Numbered(stored) => stored.values().flat_map(|v| v.arrays.values()).next(),
            Self::Named(groups) => groups.left().next(),
        };
        match left {
            None => Ok(()),
            Some(array) => Err(not_a_weight(&array.name)),
        }
    }
}

/// Renames the list of layers in a tf.keras 2.13 file, which has a different name there.
pub(super) fn numbered(stored: Stored) -> Arrays {
    let old = format!("{}/", LISTS[1]);
    let renamed = stored.into_iter().map(|(path, vars)| {
        let below = path
            .strip_prefix(&old)
            .map(|rest| format!("{}/{rest}", LISTS[0]));
        (below.unwrap_or(path), vars)
    });
    Arrays::Numbered(renamed.collect())
}

/// Assigns the model's arrays to their roles.
///
/// # Errors
/// If an array is missing or left over, or if there is no LSTM or no linear layer.
pub(super) fn parts(steps: &[Step], mut arrays: Arrays) -> Result<Parts, ExchangeError> {
    let (mut embedding, mut layers, mut head) = (None, Vec::new(), None);
    for step in steps {
        arrays.expect_name(step)?;
        let place = &step.place;
        match step.kind {
            Weighted::Embedding => embedding = Some(arrays.take(place, 0, "embeddings")?),
            Weighted::Lstm { has_bias, .. } => {
                let bias = has_bias.then(|| arrays.take(place, 2, "bias"));
                layers.push(Layer {
                    w_x: arrays.take(place, 0, "kernel")?,
                    w_h: arrays.take(place, 1, "recurrent_kernel")?,
                    biases: bias.transpose()?.into_iter().collect(),
                });
            }
            Weighted::Dense { has_bias } => {
                let kernel = arrays.take(place, 0, "kernel")?;
                let bias = has_bias.then(|| arrays.take(place, 1, "bias"));
                head = Some((kernel, bias.transpose()?));
            }
        }
    }
    let (Some((head_w, head_b)), false) = (head, layers.is_empty()) else {
        return Err(ExchangeError::Unsupported {
            what: "a model without an LSTM or without a dense layer on top of it".into(),
        });
    };
    arrays.expect_none_left()?;
    Ok(Parts {
        layout: Layout::KERAS,
        embedding,
        layers,
        head_w,
        head_b,
    })
}
