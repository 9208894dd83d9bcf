//! Weights in the HDF5 format that Keras used before `.weights.h5`: one group per layer, with its name.
//!
//! A group's attribute `weight_names` lists its arrays, such as `lstm/lstm_cell/kernel:0`.

use super::config::Place;
use super::hdf5::{Hdf5, damaged, strings};
use super::vars::{Stored, Vars};
use crate::ExchangeError;
use crate::parts::Named;
use hdf5_pure::Group;
use std::collections::BTreeMap;

/// The attribute of a group of layers that lists their names.
pub(super) const LAYER_NAMES: &str = "layer_names";
const WEIGHT_NAMES: &str = "weight_names";

/// The arrays of each layer, by the layer's name.
#[derive(Debug)]
pub(super) struct Groups(BTreeMap<String, Vec<Weight>>);

#[derive(Debug)]
struct Weight {
    /// The array's name without the last part, such as `lstm/lstm_cell`.
    owner: String,
    /// The last part, such as `kernel`.
    role: String,
    array: Named,
}

/// The layers in a group of layers; `path` is the path of that group.
pub(super) fn read(file: &mut Hdf5, group: &Group, path: &str) -> Result<Groups, ExchangeError> {
    let mut names = strings(group, LAYER_NAMES)?.unwrap_or_default();
    // Weights of the model itself, which belong to no layer.
    names.push("top_level_model_weights".into());
    let mut groups = BTreeMap::new();
    for name in names {
        let layer = match group.group(&name) {
            Ok(layer) => layer,
            Err(_) if name == "top_level_model_weights" => continue,
            Err(error) => return Err(damaged(&error)),
        };
        let mut weights = Vec::new();
        for weight in strings(&layer, WEIGHT_NAMES)?.unwrap_or_default() {
            let array = layer.dataset(&weight).map_err(|e| damaged(&e))?;
            let array = file.tensor(&format!("{path}{name}/{weight}"), &array)?;
            let (owner, role) = weight.rsplit_once('/').unwrap_or(("", &weight));
            weights.push(Weight {
                owner: owner.to_owned(),
                role: role.split(':').next().unwrap_or_default().to_owned(),
                array,
            });
        }
        groups.insert(name, weights);
    }
    Ok(Groups(groups))
}

impl Groups {
    /// Removes the array that is a layer's `kernel`, `bias` and so on.
    pub fn take(&mut self, place: &Place, role: &str) -> Option<Named> {
        let weights = self.0.get_mut(&place.group)?;
        let is_within = |weight: &Weight| match &place.within {
            None => true,
            Some(name) => weight.owner.split('/').any(|part| part == name),
        };
        let mut fitting =
            (0..weights.len()).filter(|&n| weights[n].role == role && is_within(&weights[n]));
        let (first, second) = (fitting.next()?, fitting.next());
        second.is_none().then(|| weights.remove(first).array)
    }

    /// The arrays that are left.
    pub fn left(&self) -> impl Iterator<Item = &Named> {
        self.0.values().flatten().map(|weight| &weight.array)
    }

    /// The arrays, numbered as in a Keras 3 file.
    ///
    /// # Errors
    /// If an array belongs to no embedding, LSTM or dense layer.
    pub fn into_stored(self) -> Result<Stored, ExchangeError> {
        let mut stored = Stored::new();
        for (layer, weights) in self.0 {
            if weights.is_empty() && layer != "top_level_model_weights" {
                stored.insert(layer.clone(), Vars::default());
            }
            let is_lstm = |owner: &str| {
                let mut weights = weights.iter();
                weights.any(|w| w.owner == owner && w.role == "recurrent_kernel")
            };
            let cells: Vec<bool> = weights.iter().map(|w| is_lstm(&w.owner)).collect();
            for (weight, is_cell) in weights.into_iter().zip(cells) {
                let n = match (weight.role.as_str(), is_cell) {
                    ("embeddings" | "kernel", _) => 0,
                    ("recurrent_kernel", _) | ("bias", false) => 1,
                    ("bias", true) => 2,
                    _ => return Err(super::vars::not_a_weight(&weight.array.name)),
                };
                let cell = if is_cell { "/cell" } else { "" };
                let path = format!("{layer}/{}{cell}", weight.owner);
                let vars = stored.entry(path).or_default();
                vars.arrays.insert(n, weight.array);
            }
        }
        Ok(stored)
    }
}
