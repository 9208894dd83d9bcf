//! Networks as named tensors, and their differences.

use crate::subjects::exported;
use lstm_model::{Canonical, Parameters, Tensors};
use std::collections::BTreeMap;

/// The tensors of a network by their canonical names.
pub type Named = BTreeMap<String, Vec<f64>>;

/// For each tensor, the places of its elements among all weights of the spec engine.
pub type Places = BTreeMap<String, Vec<usize>>;

/// The tensors whose names begin with `prefix`, without it.
pub fn named(tensors: Tensors, prefix: &str) -> Named {
    let with_prefix = tensors.into_iter().filter_map(|(name, tensor)| {
        let data = tensor.data.into_iter().map(f64::from).collect();
        Some((name.strip_prefix(prefix)?.to_owned(), data))
    });
    with_prefix.collect()
}

/// Finds the place of every element: sets each weight to its number and exports the network.
pub fn places(mut network: impl Parameters<Scalar = f32> + Canonical) -> Places {
    let slices = network.slices_mut().into_iter();
    for (n, weight) in slices.flatten().enumerate() {
        *weight = n as f32;
    }
    let numbers = named(exported(&network), "").into_iter();
    numbers
        .map(|(name, numbers)| (name, numbers.into_iter().map(|n| n as usize).collect()))
        .collect()
}

/// Sets all weights of a network on the spec engine.
pub fn set_weights(network: &mut impl Parameters<Scalar = f64>, places: &Places, weights: &Named) {
    let mut slices = network.slices_mut();
    let mut to: Vec<_> = slices.iter_mut().flat_map(|s| s.iter_mut()).collect();
    for (places, weights) in places.values().zip(weights.values()) {
        for (&place, &weight) in places.iter().zip(weights) {
            *to[place] = weight;
        }
    }
}

/// The largest difference of two elements, divided by the `unit` of their tensor's largest element, and
/// where it is.
pub fn most_different(
    places: &Places,
    found: &Named,
    expected: &[f64],
    unit: impl Fn(f64) -> f64,
) -> (f64, String) {
    assert!(places.keys().eq(found.keys()));
    let (mut most, mut at) = (0.0, String::new());
    for ((name, places), found) in places.iter().zip(found.values()) {
        assert_eq!(places.len(), found.len(), "{name}");
        let largest = places
            .iter()
            .fold(0.0_f64, |m, &p| m.max(expected[p].abs()));
        for (n, (&place, found)) in places.iter().zip(found).enumerate() {
            let expected = expected[place];
            let off = (found - expected).abs() / unit(largest);
            if off.is_nan() || off > most {
                (most, at) = (off, format!("{name}[{n}] is {found}, expected {expected}"));
            }
        }
    }
    (most, at)
}
