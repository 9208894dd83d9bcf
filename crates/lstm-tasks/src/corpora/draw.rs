//! Drawing distinct examples and deciding which of them are held out.

use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::collections::HashSet;

/// Examples for training and for validation. The two parts share no source sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Corpus<T> {
    /// The training examples.
    pub train: Vec<T>,
    /// The held-out examples: about a tenth as many.
    pub held_out: Vec<T>,
}

/// One source sentence in 11 is held out.
const HELD_OUT: u32 = 11;

/// Draws until there are `train` distinct training examples.
///
/// # Panics
/// If the grammar has fewer sentences, which shows in 1000 draws in a row without a new one.
pub(super) fn corpus<T>(
    seed: u64,
    train: usize,
    draw: impl Fn(&mut ChaCha8Rng) -> T,
    source: impl Fn(&T) -> String,
) -> Corpus<T> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut seen = HashSet::new();
    let mut corpus = Corpus {
        train: Vec::with_capacity(train),
        held_out: Vec::new(),
    };
    let mut old = 0;
    while corpus.train.len() < train {
        let example = draw(&mut rng);
        let source = source(&example);
        let part = if crc32fast::hash(source.as_bytes()).is_multiple_of(HELD_OUT) {
            &mut corpus.held_out
        } else {
            &mut corpus.train
        };
        if seen.insert(source) {
            part.push(example);
            old = 0;
        } else {
            old += 1;
            assert!(old < 1000, "the grammar has fewer than {train} sentences");
        }
    }
    corpus
}

/// One of the elements, all equally likely.
pub(super) fn one<'a, T>(rng: &mut impl Rng, of: &'a [T]) -> &'a T {
    &of[rng.random_range(0..of.len())]
}

/// True with probability 1/n.
pub(super) fn once_in(rng: &mut impl Rng, n: u32) -> bool {
    rng.random_range(0..n) == 0
}
