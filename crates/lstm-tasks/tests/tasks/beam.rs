//! E31 against exhaustive search.

use lstm_gates::Init;
use lstm_model::{Network, NetworkConfig, NetworkPass, Spec};
use lstm_tasks::{Beam, Continuation, Continuing, Hypothesis, TasksError};
use lstm_text::Batch;
use nalgebra::DMatrix;
use proptest::prelude::*;

const BEGIN: u32 = 0;
const END: u32 = 1;
const VOCAB: usize = 4;

/// A model whose distribution of the next token is an arbitrary function of all tokens before it.
struct Oracle {
    seed: u64,
    written: Vec<Vec<u32>>,
    /// The number of hypotheses at each step.
    widths: Vec<usize>,
}

impl Oracle {
    fn new(seed: u64) -> Self {
        Self {
            seed,
            written: vec![Vec::new()],
            widths: Vec::new(),
        }
    }

    fn log_p(&self, written: &[u32]) -> Vec<f64> {
        let place = written.iter().fold(self.seed, |sum, &token| {
            sum.wrapping_mul(31) + u64::from(token) + 1
        });
        let z: Vec<f64> = (0..VOCAB as u64)
            .map(|token| 3.0 * ((place % 10_007) as f64 * 1.7 + token as f64 * 2.3).sin())
            .collect();
        let log_z = lstm_model::log_sum_exp(&z);
        z.iter().map(|z| z - log_z).collect()
    }
}

impl Continuation for Oracle {
    fn advance(&mut self, from: &[usize], tokens: &[u32]) -> DMatrix<f64> {
        self.written = from
            .iter()
            .zip(tokens)
            .map(|(&k, &token)| [&self.written[k][..], &[token]].concat())
            .collect();
        self.widths.push(from.len());
        let columns: Vec<f64> = self.written.iter().flat_map(|w| self.log_p(w)).collect();
        DMatrix::from_vec(VOCAB, from.len(), columns)
    }
}

/// Every sequence that ends within `max_len` tokens.
fn exhaustive(beam: &Beam, seed: u64) -> Vec<Hypothesis> {
    let oracle = Oracle::new(seed);
    let mut all = Vec::new();
    let mut open = vec![(vec![BEGIN], 0.0)];
    for n in 1..=beam.max_len {
        let mut next = Vec::new();
        for (written, sum) in &open {
            for (token, log_p) in (0..).zip(oracle.log_p(written)) {
                let sum = sum + log_p;
                if token == END {
                    all.push(Hypothesis {
                        tokens: written[1..].to_vec(),
                        log_probability: sum,
                        score: sum / beam.penalty(n),
                    });
                } else {
                    next.push(([&written[..], &[token]].concat(), sum));
                }
            }
        }
        open = next;
    }
    all.sort_by(|a, b| b.score.total_cmp(&a.score));
    all
}

fn beam(width: usize, length_penalty: f64) -> Beam {
    Beam {
        width,
        length_penalty,
        max_len: 4,
        begin: BEGIN,
        end: Some(END),
    }
}

proptest! {
    #[test]
    fn a_beam_as_wide_as_all_sequences_finds_the_best_of_them(seed in any::<u32>(), penalty in 0.0..1.5) {
        // No more than 3³ sequences are open before the last token.
        let beam = beam(27, penalty);
        let found = beam.search(&mut Oracle::new(seed.into())).unwrap();
        let all = exhaustive(&beam, seed.into());
        prop_assert_eq!(found.len(), 27.min(all.len()));
        for (found, best) in found.iter().zip(&all) {
            prop_assert!((found.score - best.score).abs() < 1e-12);
        }
        prop_assert_eq!(&found[0].tokens, &all[0].tokens);
    }

    #[test]
    fn a_narrow_beam_never_claims_more_than_there_is(seed in any::<u32>(), width in 1..4usize) {
        let beam = beam(width, 0.6);
        let mut oracle = Oracle::new(seed.into());
        let found = beam.search(&mut oracle).unwrap();
        let all = exhaustive(&beam, seed.into());
        prop_assert!(found.len() <= width);
        prop_assert!(oracle.widths.iter().all(|&w| w <= width));
        for hypothesis in &found {
            let same = all.iter().find(|one| one.tokens == hypothesis.tokens).unwrap();
            prop_assert!((same.score - hypothesis.score).abs() < 1e-12);
        }
        prop_assert!(found.is_sorted_by(|a, b| a.score >= b.score));
    }
}

#[test]
fn a_language_model_writes_its_likeliest_text_of_a_given_length() {
    let config = NetworkConfig {
        vocab_size: 3,
        embed_size: 2,
        hidden_size: 4,
        layers: 2,
        dropout: 0.0,
        head_dropout: 0.0,
        init: Init::PytorchUniform,
    };
    let mut network = Network::<Spec<f64>>::init(config, 3).unwrap();
    // The logits are far apart, so that the order of texts does not depend on rounding.
    network.head.w *= 40.0;
    let (text, length) = ([2, 0, 1], 5);
    let beam = Beam {
        width: 81,
        length_penalty: 0.0,
        max_len: length,
        begin: text[2],
        end: None,
    };
    let found = beam
        .search(&mut Continuing::new(&network, &text[..2]))
        .unwrap();
    let log_p = |written: &[u32]| -> f64 {
        let inputs = [&text[..], &written[..length - 1]].concat();
        let mut targets = text[1..].to_vec();
        targets.extend(written);
        let mask = (0..targets.len()).map(|n| n >= 2).collect();
        let batch = Batch {
            seq_len: inputs.len(),
            batch_size: 1,
            inputs,
            targets,
            mask,
        };
        -network
            .loss(NetworkPass::new(&batch, &network.zero_states(1)))
            .nats
    };
    let all = (0..3_u32.pow(length as u32)).map(|n| -> Vec<u32> {
        (0..length as u32)
            .map(|place| n / 3_u32.pow(place) % 3)
            .collect()
    });
    let best = all.max_by(|a, b| log_p(a).total_cmp(&log_p(b))).unwrap();
    assert_eq!(found[0].tokens, best);
    assert!((found[0].log_probability - log_p(&best)).abs() < 1e-12);
    assert_eq!(found.len(), 81);
}

/// The empty sequence has probability 0.4, and the best sequence of one token 0.6 · 0.5.
struct TwoWays;

impl Continuation for TwoWays {
    fn advance(&mut self, _: &[usize], tokens: &[u32]) -> DMatrix<f64> {
        let p = match tokens[0] {
            BEGIN => [0.0, 0.4, 0.6, 0.0],
            _ => [0.0, 0.5, 0.5, 0.0],
        };
        DMatrix::from_column_slice(VOCAB, 1, &p.map(f64::ln))
    }
}

#[test]
fn the_length_penalty_decides_between_short_and_long() {
    let best = |length_penalty| beam(1, length_penalty).search(&mut TwoWays).unwrap()[0].clone();
    // ln 0.4 = −0.916 for one token, ln 0.3 = −1.204 for two.
    assert!(best(0.0).tokens.is_empty());
    assert!((best(0.0).score - 0.4_f64.ln()).abs() < 1e-15);
    // (7/6)² = 1.361: −1.204/1.361 = −0.885 is more than −0.916.
    assert_eq!(best(2.0).tokens, [2]);
    assert!((best(2.0).score - 0.3_f64.ln() * 36.0 / 49.0).abs() < 1e-15);
}

#[test]
fn what_does_not_end_is_given_up() {
    struct Endless;
    impl Continuation for Endless {
        fn advance(&mut self, from: &[usize], _: &[u32]) -> DMatrix<f64> {
            DMatrix::from_fn(VOCAB, from.len(), |token, _| match token as u32 {
                END => f64::NEG_INFINITY,
                _ => -1.0,
            })
        }
    }
    assert_eq!(beam(2, 1.0).search(&mut Endless), Ok(vec![]));
}

#[test]
fn probabilities_that_are_no_numbers_are_an_error_at_whatever_step_they_come() {
    struct NanAtStep(usize);
    impl Continuation for NanAtStep {
        fn advance(&mut self, from: &[usize], _: &[u32]) -> DMatrix<f64> {
            let is_last = self.0 == 0;
            self.0 = self.0.saturating_sub(1);
            let mut log_p = DMatrix::from_element(VOCAB, from.len(), -1.0);
            if is_last {
                // Positive or negative, NaN is sorted first or last.
                log_p[(2, from.len() - 1)] = -f64::NAN;
            }
            log_p
        }
    }
    for step in 0..3 {
        let found = beam(2, 1.0).search(&mut NanAtStep(step));
        assert_eq!(found, Err(TasksError::NotFinite), "step {step}");
    }
}
