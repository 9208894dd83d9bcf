//! The training steps of the applications: translation, summarisation and labelling, with the sizes and
//! the lengths of runs on real data. Only the token ids are arbitrary.

use crate::batches::{Batches, Pair, Words};
use lstm_model::{Engine, Purpose};
use lstm_tasks::{Buckets, EncoderDecoder, EncoderDecoderConfig, Labeler, LabelerConfig};
use lstm_train::{Descent, Task, TrainError, Trainer, Workers};
use rand::{Rng, RngExt};
use rand_distr::{Distribution, LogNormal};
use serde::Serialize;

/// The number of batches of a workload. All of them are timed together, because their lengths differ.
pub(crate) const BATCHES: usize = 8;

/// The number of batches that are drawn. Ordered by length, every eighth is a batch of the workload, so that
/// the lengths within a batch and of all batches are those of training.
const DRAWN: usize = 64;

/// B
const BATCH_SIZE: usize = 64;

/// The first ids of a vocabulary are special tokens.
const SPECIAL: u32 = 4;

/// An application whose training step is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Application {
    /// An encoder–decoder with attention and label smoothing, for sentences as in Tatoeba.
    Translation,
    /// An encoder–decoder that can copy words, for short reports and their headlines.
    Summarisation,
    /// Bidirectional layers and a CRF, for sentences as in a treebank.
    Labelling,
}

/// What a program needs to time the same step elsewhere.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Sizes {
    /// Of translation and summarisation.
    Pairs {
        /// The network.
        network: EncoderDecoderConfig,
        /// ε of label smoothing.
        smoothing: f64,
        /// The lengths of the source and of the target, without its end, of every pair of every batch.
        lengths: Vec<Vec<[usize; 2]>>,
    },
    /// Of labelling.
    Labels {
        /// The network.
        network: LabelerConfig,
        /// The lengths of the sentences of every batch.
        lengths: Vec<Vec<[usize; 2]>>,
    },
}

impl Application {
    /// The sizes of this application.
    #[must_use]
    pub fn sizes(self) -> Sizes {
        let lengths = self.lengths();
        let network = |target_vocab, copies| EncoderDecoderConfig {
            source_vocab: 8000,
            target_vocab,
            embed_size: 128,
            hidden_size: 256,
            layers: 1,
            dropout: if copies { 0.2 } else { 0.4 },
            copies,
        };
        match self {
            Self::Translation => Sizes::Pairs {
                network: network(3728, false),
                smoothing: 0.1,
                lengths,
            },
            Self::Summarisation => Sizes::Pairs {
                network: network(8000, true),
                smoothing: 0.0,
                lengths,
            },
            Self::Labelling => Sizes::Labels {
                network: LabelerConfig {
                    vocab_sizes: [8857, 2460, 2261, 5, 2],
                    embed_sizes: [128, 24, 24, 8, 16],
                    hidden_size: 256,
                    layers: 2,
                    labels: 119,
                    dropout: 0.2,
                },
                lengths,
            },
        }
    }

    /// The lengths of the source and of the target of each pair of each batch. A sentence with labels has
    /// as many labels as words.
    fn lengths(self) -> Vec<Vec<[usize; 2]>> {
        let rng = &mut Purpose::Check.rng(1, self as u64, 0);
        let mut draw = |median: f64, spread: f64| {
            let lengths = LogNormal::new(median.ln(), spread).expect("the spread is finite");
            lengths.sample(rng)
        };
        let whole = |length: f64| (length.round() as usize).clamp(1, 200);
        let mut pair = || match self {
            Self::Translation => {
                let source = draw(7.4, 0.32);
                [whole(source), whole(source * draw(0.96, 0.27))]
            }
            Self::Summarisation => [whole(draw(43.0, 0.46)), whole(draw(8.6, 0.4))],
            Self::Labelling => [whole(draw(21.0, 0.62)); 2],
        };
        let pairs: Vec<_> = (0..DRAWN * BATCH_SIZE).map(|_| pair()).collect();
        let of_one = |[source, target]: &[usize; 2]| match self {
            Self::Labelling => *source,
            _ => source + target,
        };
        let mut buckets = Buckets::new(pairs.iter().map(of_one).collect(), BATCH_SIZE, 1);
        let mut batch = |n| -> Vec<_> { buckets.batch(n).iter().map(|&n| pairs[n]).collect() };
        let mut drawn: Vec<_> = (0..DRAWN as u64).map(&mut batch).collect();
        drawn.sort_by_key(|batch| batch.iter().map(of_one).sum::<usize>());
        let distance = DRAWN / BATCHES;
        let chosen = drawn.into_iter().skip(distance / 2).step_by(distance);
        chosen.collect()
    }

    /// The number of training steps that are timed together, one for each batch.
    #[must_use]
    pub fn batches(self) -> usize {
        BATCHES
    }

    /// The mean number of target tokens, or of words, in a batch.
    #[must_use]
    pub fn tokens(self) -> f64 {
        let end = usize::from(self != Self::Labelling);
        let lengths = self.lengths().concat().into_iter();
        lengths.map(|[_, target]| target + end).sum::<usize>() as f64 / BATCHES as f64
    }

    /// A function that trains on each of the batches once: gradient, clipping and Adam (E18, E23).
    pub(crate) fn round<'a, R: Engine<Scalar = f32> + 'a>(
        self,
        threads: usize,
    ) -> Result<Box<dyn FnMut() + 'a>, TrainError> {
        let rng = &mut Purpose::Check.rng(2, self as u64, 0);
        let workers = Workers::new(threads)?;
        Ok(match self.sizes() {
            Sizes::Pairs {
                network,
                smoothing,
                lengths,
            } => {
                let (source, target) = (network.source_vocab, network.target_vocab);
                let pair =
                    |[s, t]: [usize; 2]| -> Pair { (ids(rng, source, s), ids(rng, target, t)) };
                let task = Batches::<R, Pair>::new(map_all(lengths, pair), smoothing);
                rounds(task, EncoderDecoder::init(network, 1)?, workers)?
            }
            Sizes::Labels { network, lengths } => {
                let (vocab_sizes, labels) = (network.vocab_sizes, network.labels);
                let words = |[length, _]: [usize; 2]| -> Words {
                    let word = |rng: &mut _| vocab_sizes.map(|v| id(rng, 0, v));
                    let words = (0..length).map(|_| word(&mut *rng)).collect();
                    (words, (0..length).map(|_| id(rng, 0, labels)).collect())
                };
                let task = Batches::<R, Words>::new(map_all(lengths, words), 0.0);
                rounds(task, Labeler::init(network, 1)?, workers)?
            }
        })
    }
}

/// Calls `f` with every length of every batch.
fn map_all<X>(lengths: Vec<Vec<[usize; 2]>>, mut f: impl FnMut([usize; 2]) -> X) -> Vec<Vec<X>> {
    let batches = lengths.into_iter();
    batches
        .map(|batch| batch.into_iter().map(&mut f).collect())
        .collect()
}

fn id(rng: &mut impl Rng, first: u32, vocab_size: usize) -> u32 {
    rng.random_range(first..vocab_size as u32)
}

fn ids(rng: &mut impl Rng, vocab_size: usize, len: usize) -> Vec<u32> {
    (0..len).map(|_| id(rng, SPECIAL, vocab_size)).collect()
}

fn rounds<'a, T: Task + 'a>(
    task: T,
    network: T::Network,
    workers: Workers,
) -> Result<Box<dyn FnMut() + 'a>, TrainError> {
    let mut trainer = Trainer::new(task, network, Descent::default(), workers)?;
    Ok(Box::new(move || {
        for _ in 0..BATCHES {
            trainer.step().expect("the loss of a few steps is finite");
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lstm_fast::Fast;

    const ALL: [Application; 3] = [
        Application::Translation,
        Application::Summarisation,
        Application::Labelling,
    ];

    #[test]
    fn lengths_are_those_of_the_data_and_the_same_at_every_call() {
        // Tokens of a batch of 64: Tatoeba 8.8 a pair, headlines 10.3, the treebank 25.4.
        for (application, expected) in ALL.into_iter().zip([8.8, 10.3, 25.4]) {
            let mean = application.tokens() / BATCH_SIZE as f64;
            assert!(
                (mean / expected - 1.0).abs() < 0.1,
                "{application:?}: {mean}"
            );
            assert_eq!(application.lengths(), application.lengths());
        }
    }

    #[test]
    fn every_application_trains_on_its_batches() {
        for application in ALL {
            let mut round = application.round::<Fast>(2).unwrap();
            round();
        }
    }
}
