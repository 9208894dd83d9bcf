//! A model's configuration: its layers from the ids to the logits. Each layer must compute what the
//! corresponding layer of this project computes.
//!
//! `.keras` files and whole models in HDF5 have the same configuration, an object with `class_name` and
//! `config` for each layer.

mod graph;
mod layer;
mod place;
mod stack;

use super::archive::LONGEST_CONFIG;
use super::hdf5::not_keras;
use crate::ExchangeError;
use layer::Record;
pub(super) use place::Place;
use serde_json::Value;
pub(super) use stack::{Step, Weighted};

/// The layers with weights of the model that `json` describes, in the order of computation.
///
/// # Errors
/// If the model has a layer, a property or a connection that the models of this project do not have.
pub(super) fn steps(json: &str) -> Result<Vec<Step>, ExchangeError> {
    if json.len() as u64 > LONGEST_CONFIG {
        let why = format!(
            "its configuration has {} bytes, more than {LONGEST_CONFIG}",
            json.len()
        );
        return Err(not_keras(why));
    }
    let value: Value = serde_json::from_str(json)
        .map_err(|e| not_keras(format!("its configuration is damaged: {e}")))?;
    stack::steps(&Record::read(&value)?)
}
