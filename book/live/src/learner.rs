//! A network that learns a text in the page, one training step for each call.
//!
//! It is the tour's network with fewer cells: an embedding, one layer, a head, trained by truncated
//! back-propagation through time and Adam. A page can wait for a step of this size without a jerk.

use crate::mailbox::answer;
use lstm_bptt::clip_global_norm;
use lstm_model::{
    BatchState, Batched, Network, NetworkConfig, NetworkPass, Parameters, Purpose, Reader, Sampler,
};
use lstm_text::{Streams, Vocabulary};
use lstm_train::{Optimizer, OptimizerState};
use rand::RngExt;

/// The number of streams.
const BATCH_SIZE: usize = 8;
/// The steps of a window.
const SEQ_LEN: usize = 32;
const EMBED_SIZE: usize = 32;
const LEARNING_RATE: f64 = 4e-3;
const MAX_NORM: f32 = 5.0;
/// The probability that a stream starts again from a zero state, so that a sample can start from one.
const RESTART: f64 = 0.05;
/// A text with more characters or kinds of characters is refused: the steps would take too long.
const LONGEST: usize = 200_000;
const MOST_KINDS: usize = 2000;
/// The cells that a page can choose.
const SIZES: [usize; 3] = [32, 64, 128];

/// A text, and a network that learns it.
pub struct Learner {
    vocabulary: Vocabulary,
    ids: Vec<u32>,
    network: Network<Batched<f32>>,
    gradient: Network<Batched<f32>>,
    optimizer: OptimizerState<Network<Batched<f32>>>,
    /// The states in which the next window of each stream starts (E8).
    carried: Vec<BatchState<f32>>,
    seed: u64,
    steps: usize,
}

impl Learner {
    /// A network of `hidden_size` cells with weights drawn from `seed`, before its first step; `None` if
    /// the text is too short or too long, or if a page cannot choose the size.
    pub fn new(text: &str, hidden_size: usize, seed: u64) -> Option<Self> {
        let vocabulary = Vocabulary::from_text(text).ok()?;
        // Not `encode`, whose messages would bring the tables of Unicode into the module.
        let ids: Vec<u32> = text.chars().filter_map(|c| vocabulary.id(c)).collect();
        let fits = (BATCH_SIZE * SEQ_LEN..=LONGEST).contains(&ids.len())
            && vocabulary.len() <= MOST_KINDS
            && SIZES.contains(&hidden_size);
        let config = NetworkConfig {
            vocab_size: vocabulary.len(),
            embed_size: EMBED_SIZE,
            hidden_size,
            layers: 1,
            ..NetworkConfig::default()
        };
        let network = Network::init(config, seed).ok().filter(|_| fits)?;
        Some(Self {
            optimizer: OptimizerState::new(Optimizer::ADAM, &network),
            gradient: network.zeros_like(),
            carried: network.zero_states(BATCH_SIZE),
            network,
            vocabulary,
            ids,
            seed,
            steps: 0,
        })
    }

    /// `learner_start`. Out: V, the number of characters, the number of weights.
    pub fn about(&self, mailbox: &mut [f64]) -> Option<usize> {
        let sizes = [
            self.vocabulary.len(),
            self.ids.len(),
            self.network.parameter_count(),
        ];
        answer(mailbox, &sizes.map(|n| n as f64))
    }

    /// `learner_step`: one training step (E1–E23). Out: its number, the loss in nats per character before
    /// it, the norm of the gradient before clipping (E18).
    pub fn step(&mut self, mailbox: &mut [f64]) -> Option<usize> {
        let streams = Streams::new(&self.ids, BATCH_SIZE, SEQ_LEN).ok()?;
        let chunk = self.steps % streams.len();
        let mut rng = Purpose::Restart.rng(self.seed, self.steps as u64, 0);
        for stream in 0..BATCH_SIZE {
            if chunk == 0 || rng.random_bool(RESTART) {
                self.carried.iter_mut().for_each(|s| s.set_zero(stream));
            }
        }
        let batch = streams.chunk(chunk);
        let pass = NetworkPass::new(&batch, &self.carried);
        self.gradient.set_zero();
        let dlast = self.network.zero_states(BATCH_SIZE);
        let scale = 1.0 / batch.tokens() as f32;
        let (loss, _) = self
            .network
            .loss_and_gradient(pass, scale, &dlast, &mut self.gradient);
        let norm = clip_global_norm(&mut self.gradient.slices_mut(), MAX_NORM);
        let mean = loss.nats * scale;
        if !(mean.is_finite() && norm.is_finite()) {
            return None;
        }
        self.optimizer.step(
            &mut self.network,
            &self.gradient,
            LEARNING_RATE,
            &lstm_model::Alone,
        );
        self.carried = loss.last;
        self.steps += 1;
        answer(
            mailbox,
            &[self.steps as f64, f64::from(mean), f64::from(norm)],
        )
    }

    /// `learner_sample`: generates `length` characters behind the text's first one (E24). In: τ. Out: the
    /// code point of each.
    pub fn sample(&self, mailbox: &mut [f64], length: usize) -> Option<usize> {
        let sampler = Sampler::new(*mailbox.first()?, None, None).ok()?;
        let mut rng = Purpose::Sampling.rng(self.seed, self.steps as u64, 0);
        let mut reader = self.network.reader(1);
        // Behind the end of a line, a new one begins.
        let mut id = self.vocabulary.id('\n').unwrap_or(self.ids[0]);
        let mut points = Vec::new();
        for _ in 0..length {
            reader.read(&[id]);
            id = sampler.sample(reader.logits(), &mut rng);
            points.push(f64::from(u32::from(self.vocabulary.char(id)?)));
        }
        answer(mailbox, &points)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mailbox::CAPACITY;

    #[test]
    fn a_text_of_two_words_is_learnt_by_heart() {
        let text = "tick tock\n".repeat(60);
        let mut learner = Learner::new(&text, 32, 1).unwrap();
        let mut mailbox = vec![0.0; CAPACITY];
        assert_eq!(learner.about(&mut mailbox), Some(3));
        assert_eq!(mailbox[..2], [7.0, 600.0]);
        let losses: Vec<f64> = (0..150)
            .map(|_| {
                learner.step(&mut mailbox).unwrap();
                mailbox[1]
            })
            .collect();
        // ln 7 before the first step, and almost nothing after 150.
        assert!((losses[0] - 7.0_f64.ln()).abs() < 0.2, "{}", losses[0]);
        assert!(losses[149] < 0.1, "{}", losses[149]);
        mailbox[0] = 0.0;
        learner.sample(&mut mailbox, 10).unwrap();
        let sample: String = mailbox[..10]
            .iter()
            .map(|&p| char::from_u32(p as u32).unwrap())
            .collect();
        assert_eq!(sample, "tick tock\n");
    }

    #[test]
    fn texts_that_are_too_short_or_too_long_and_other_sizes_are_refused() {
        let text = |n: usize| "ab".repeat(n);
        assert!(Learner::new(&text(127), 32, 1).is_none());
        assert!(Learner::new(&text(128), 32, 1).is_some());
        assert!(Learner::new(&text(128), 33, 1).is_none());
        assert!(Learner::new(&text(100_001), 32, 1).is_none());
    }
}
