//! Every random choice is a function of the run's seed, the purpose, and a place such as the step.
//!
//! Each choice has a generator of its own, so there is no generator state to save: a run resumed at
//! step n draws the numbers that an uninterrupted run draws at step n.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// The purpose of random numbers. Different purposes have different generators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The initial weights.
    Weights,
    /// The order of the windows in an epoch.
    Shuffle,
    /// Dropout masks.
    Dropout,
    /// Sampled tokens.
    Sampling,
    /// Random cases for gradient checks.
    Check,
    /// The streams that start again from a zero state.
    Restart,
    /// The examples that are held out.
    Split,
}

impl Purpose {
    /// The generator for this purpose at the place `(a, b)`, for example (step, layer) or (epoch, 0).
    #[must_use]
    pub fn rng(self, seed: u64, a: u64, b: u64) -> ChaCha8Rng {
        let mut key = [0; 32];
        for (bytes, word) in key.chunks_exact_mut(8).zip([seed, self as u64, a, b]) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        ChaCha8Rng::from_seed(key)
    }
}
