//! Which examples are held out: a fraction of every class, by a seed.

use crate::data::{Labelled, Sequence};
use crate::forecast::HeldOut;
use lstm_model::Purpose;
use rand::seq::SliceRandom;
use std::collections::{BTreeMap, HashMap};

/// The training, the validation and the test part.
///
/// The same fraction of every class is held out, up to rounding, and at least one example of it stays in
/// the training part. Equal sequences stay together, so that no part has a sequence of another. The order
/// of the examples is kept.
pub(super) fn split(all: Vec<Labelled>, held_out: HeldOut, seed: u64) -> [Vec<Labelled>; 3] {
    let part = parts(&all, held_out, seed);
    let mut split = [Vec::new(), Vec::new(), Vec::new()];
    for (one, part) in all.into_iter().zip(part) {
        split[part].push(one);
    }
    split
}

/// The number of the part of every example.
fn parts(all: &[Labelled], held_out: HeldOut, seed: u64) -> Vec<usize> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut numbers = HashMap::new();
    for (n, one) in all.iter().enumerate() {
        let group = *numbers
            .entry(content(&one.sequence))
            .or_insert(groups.len());
        match groups.get_mut(group) {
            Some(group) => group.push(n),
            None => groups.push(vec![n]),
        }
    }
    let mut classes: BTreeMap<&str, Vec<Vec<usize>>> = BTreeMap::new();
    for group in groups {
        let label = all[group[0]].label.as_str();
        classes.entry(label).or_default().push(group);
    }
    let mut part = vec![0; all.len()];
    for (k, mut groups) in (0..).zip(classes.into_values()) {
        groups.shuffle(&mut Purpose::Split.rng(seed, k, 0));
        let share = |fraction: f64| (fraction * groups.len() as f64).round() as usize;
        let validation = share(held_out.validation).min(groups.len() - 1);
        let test = share(held_out.test).min(groups.len() - 1 - validation);
        for (n, group) in groups.into_iter().enumerate() {
            let number = match n {
                n if n < validation => 1,
                n if n < validation + test => 2,
                _ => 0,
            };
            group.into_iter().for_each(|n| part[n] = number);
        }
    }
    part
}

/// What is equal in equal sequences.
fn content(sequence: &Sequence) -> Vec<u8> {
    match sequence {
        Sequence::Text(text) => text.as_bytes().to_vec(),
        Sequence::Series { rows, .. } => {
            let values = rows.iter().flatten();
            let bytes = |value: &Option<f64>| value.unwrap_or(f64::NAN).to_le_bytes();
            values.flat_map(bytes).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labelled(n: usize, label: &str) -> Labelled {
        Labelled {
            sequence: Sequence::Text(format!("{label} {n}")),
            label: label.to_owned(),
            line: n,
        }
    }

    #[test]
    fn every_class_has_its_fraction_in_every_part_and_one_example_to_train_on() {
        let all: Vec<Labelled> = [("a", 100), ("b", 40), ("c", 2), ("d", 1)]
            .into_iter()
            .flat_map(|(label, n)| (0..n).map(move |n| labelled(n, label)))
            .collect();
        let held_out = HeldOut {
            validation: 0.2,
            test: 0.5,
        };
        let counts = |seed| {
            let parts = split(all.clone(), held_out, seed);
            parts.map(|part| {
                ["a", "b", "c", "d"]
                    .map(|label| part.iter().filter(|one| one.label == label).count())
            })
        };
        assert_eq!(counts(1), [[30, 12, 1, 1], [20, 8, 0, 0], [50, 20, 1, 0]]);
        assert_eq!(counts(2), counts(1));
        assert_ne!(
            split(all.clone(), held_out, 1),
            split(all.clone(), held_out, 2)
        );
        assert_eq!(split(all.clone(), held_out, 1), split(all, held_out, 1));
    }

    #[test]
    fn equal_sequences_are_in_the_same_part() {
        let all: Vec<Labelled> = (0..300).map(|n| labelled(n % 30, "a")).collect();
        let parts = split(
            all,
            HeldOut {
                validation: 0.3,
                test: 0.3,
            },
            1,
        );
        assert_eq!(parts.each_ref().map(Vec::len), [120, 90, 90]);
        for (n, part) in parts.iter().enumerate() {
            let others = parts.iter().enumerate().filter(|(m, _)| *m != n);
            let mut others = others.flat_map(|(_, other)| other);
            assert!(!others.any(|other| part.iter().any(|one| one.sequence == other.sequence)));
        }
    }
}
