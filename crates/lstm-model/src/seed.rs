//! Every random choice is a function of the run's seed, its purpose and its place.
//!
//! No generator lives longer than the choice it makes, so there is no generator's state to save: a
//! run resumed at step n draws what an uninterrupted run draws at step n.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// What randomness is for. Two purposes never share a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The first weights.
    Weights,
    /// The order of the windows in an epoch.
    Shuffle,
    /// Dropout masks.
    Dropout,
    /// Sampled tokens.
    Sampling,
    /// Cases to check gradients on.
    Check,
}

impl Purpose {
    /// The generator for this purpose at `(a, b)`, say (step, layer) or (epoch, 0).
    pub fn rng(self, seed: u64, a: u64, b: u64) -> ChaCha8Rng {
        let mut key = [0; 32];
        for (bytes, word) in key.chunks_exact_mut(8).zip([seed, self as u64, a, b]) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        ChaCha8Rng::from_seed(key)
    }
}
