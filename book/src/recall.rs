//! The article's first question, put to trained networks: over what distance do they learn to
//! remember?
//!
//! At step 1 the input is a bit, with a flag; from then on it is noise. After step T the network
//! outputs the bit.

mod figure;
mod networks;
mod record;
#[cfg(test)]
mod tests;

pub use figure::figure;
pub use record::record;

use lstm_bptt::clip_global_norm;
use lstm_gates::sigmoid;
use lstm_model::{Alone, Parameters, Purpose};
use lstm_train::{Optimizer, OptimizerState};
use nalgebra::{DVector, dvector};
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

// ANCHOR: recall
/// A network that reads a sequence and answers with one number, large for a 1 and small for a 0.
trait Answers: Parameters<Scalar = f64> {
    /// The answer; adds the gradient of the cross-entropy to `grad`.
    fn learn(&self, xs: &[DVector<f64>], bit: bool, grad: &mut Self) -> f64;
}

/// x_t = (wire, flag): the bit as ±1 at step 1, and noise from then on.
fn case(seq_len: usize, rng: &mut impl Rng) -> (Vec<DVector<f64>>, bool) {
    let bit = rng.random_bool(0.5);
    let mut xs = vec![dvector![if bit { 1.0 } else { -1.0 }, 1.0]];
    xs.extend((1..seq_len).map(|_| dvector![rng.random_range(-1.0..1.0), 0.0]));
    (xs, bit)
}

/// The cross-entropy's gradient on the answer: p − target.
fn dz(z: f64, bit: bool) -> f64 {
    sigmoid(z) - if bit { 1.0 } else { 0.0 }
}

/// Whether the network gets 400 sequences in a row right within 400 updates of Adam, each
/// from eight new sequences.
fn learns(mut network: impl Answers, seq_len: usize, rng: &mut impl Rng) -> bool {
    let mut adam = OptimizerState::new(Optimizer::ADAM, &network);
    let mut grad = network.zeros_like();
    let mut in_a_row = 0;
    for _ in 0..400 {
        grad.set_zero();
        for _ in 0..8 {
            let (xs, bit) = case(seq_len, rng);
            let is_right = (network.learn(&xs, bit, &mut grad) > 0.0) == bit;
            in_a_row = if is_right { in_a_row + 1 } else { 0 };
        }
        if in_a_row >= 400 {
            return true;
        }
        clip_global_norm(&mut grad.slices_mut(), 8.0);
        adam.step(&mut network, &grad, 0.01, &Alone);
    }
    false
}
// ANCHOR_END: recall

/// The number of networks, each from its own seed.
const SEEDS: u64 = 10;

/// The number of networks that learn it. `network` makes one from a generator of random numbers. Every
/// seed has its own thread, and the result does not depend on their number.
fn count<N: Answers>(seq_len: usize, network: impl Fn(&mut ChaCha8Rng) -> N + Sync) -> usize {
    let is_learnt = |seed: u64| {
        let network = network(&mut Purpose::Weights.rng(seed, 0, 0));
        learns(network, seq_len, &mut Purpose::Check.rng(seed, 0, 0))
    };
    let is_learnt = &is_learnt;
    std::thread::scope(|scope| {
        let run = |seed| scope.spawn(move || is_learnt(seed));
        let runs: Vec<_> = (0..SEEDS).map(run).collect();
        let learnt = runs
            .into_iter()
            .map(|run| run.join().expect("training ends"));
        learnt.filter(|&learnt| learnt).count()
    })
}
