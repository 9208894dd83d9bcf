//! Networks with dropout, evaluation with carried states, the record of all gates, sums of losses.

use crate::oracles::agree;
use lstm_bptt::oracle::ScalarFunction;
use lstm_model::{
    Alone, BatchState, Batched, Dropout, Engine, HeadPass, Loss, Network, NetworkConfig,
    NetworkPass, Parameters, Span, Spec, log_softmax, softmax,
};
use lstm_text::Batch;
use nalgebra::{DMatrix, DVector, RealField, convert};
use rand::RngExt;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

fn config(embed_size: usize) -> NetworkConfig {
    NetworkConfig {
        vocab_size: 4,
        embed_size,
        hidden_size: 3,
        layers: 2,
        dropout: 0.5,
        head_dropout: 0.25,
        ..NetworkConfig::default()
    }
}

fn batch(seq_len: usize, batch_size: usize, seed: u64) -> Batch {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let tokens = seq_len * batch_size;
    let mut ids = || (0..tokens).map(|_| rng.random_range(0..4)).collect();
    let (inputs, targets) = (ids(), ids());
    let mask = (0..tokens).map(|n| n % 3 != 1).collect();
    Batch::new(seq_len, batch_size, inputs, targets, mask)
}

fn random(network: &mut impl Parameters<Scalar = f64>, seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for slice in network.slices_mut() {
        slice.fill_with(|| rng.random_range(-1.0..1.0));
    }
}

/// The loss of a batch under the masks of one training step, from zero states.
struct Masked {
    config: NetworkConfig,
    batch: Batch,
    dropout: Option<Dropout>,
}

impl Masked {
    fn pass<'a, T>(&'a self, initial: &'a [BatchState<T>]) -> NetworkPass<'a, T> {
        NetworkPass {
            dropout: self.dropout,
            ..NetworkPass::new(&self.batch, initial)
        }
    }

    fn network<T: RealField + Copy>(&self, theta: &[T]) -> Network<Spec<T>> {
        let mut network = Network::<Spec<T>>::zeros(self.config.clone()).unwrap();
        let mut rest = theta.iter().copied();
        for slice in network.slices_mut() {
            slice.fill_with(|| rest.next().unwrap());
        }
        network
    }

    /// The loss and its gradient, added to ones.
    fn analytic<R: Engine<Scalar = f64>>(&self, theta: &[f64]) -> (f64, Vec<f64>) {
        let network = self.network(theta).to_engine::<R>();
        let zero = network.zero_states(self.batch.batch_size);
        let mut grad = network.zeros_like();
        for slice in grad.slices_mut() {
            slice.fill(1.0);
        }
        let (loss, _) = network.loss_and_gradient(self.pass(&zero), 0.5, &zero, &mut grad);
        assert_eq!(loss.last, network.loss(self.pass(&zero)).last);
        let all = grad.to_engine::<Spec<f64>>().slices().concat();
        (loss.nats, all.into_iter().map(|v| v - 1.0).collect())
    }
}

impl ScalarFunction for Masked {
    fn eval<T: RealField + Copy>(&self, theta: &[T]) -> T {
        let network = self.network(theta);
        let zero = network.zero_states(self.batch.batch_size);
        network.loss(self.pass(&zero)).nats * convert::<f64, T>(0.5)
    }
}

#[test]
fn the_gradient_under_dropout_is_that_of_the_loss_with_the_same_masks() {
    for (embed_size, first_sequence) in [(0, 0), (2, 0), (2, 5)] {
        let case = Masked {
            config: config(embed_size),
            batch: batch(4, 3, 1),
            dropout: Some(Dropout {
                seed: 7,
                step: 9,
                first_sequence,
            }),
        };
        let mut weights = Network::<Spec<f64>>::zeros(case.config.clone()).unwrap();
        random(&mut weights, 3);
        let theta = weights.slices().concat();
        let expected = 2.0 * case.eval(&theta);
        let (spec_nats, spec) = case.analytic::<Spec<f64>>(&theta);
        let (batched_nats, batched) = case.analytic::<Batched<f64>>(&theta);
        for nats in [spec_nats, batched_nats] {
            assert!(
                (nats - expected).abs() < 1e-13,
                "{nats}, expected {expected}"
            );
        }
        agree(&case, &theta, [&spec, &batched]);
        let without = Masked {
            dropout: None,
            ..case
        };
        assert!((2.0 * without.eval(&theta) - expected).abs() > 1e-3);
    }
}

fn network<R: Engine<Scalar = f64>>() -> Network<R> {
    let mut network = Network::<R>::zeros(config(2)).unwrap();
    random(&mut network, 11);
    network
}

#[test]
fn evaluation_carries_the_state_from_batch_to_batch() {
    let (network, whole) = (network::<Batched<f64>>(), batch(6, 2, 5));
    let part = |steps: std::ops::Range<usize>| {
        let tokens = 2 * steps.start..2 * steps.end;
        let of = |ids: &[u32]| ids[tokens.clone()].to_vec();
        let mask = whole.mask[tokens.clone()].to_vec();
        Batch::new(steps.len(), 2, of(&whole.inputs), of(&whole.targets), mask)
    };
    let zero = network.zero_states(2);
    let expected = network.loss(NetworkPass::new(&whole, &zero)).nats;
    let found = network.evaluate([part(0..1), part(1..4), part(4..6)], &Alone);
    assert!(
        (found.nats - expected).abs() < 1e-13,
        "{found:?}, expected {expected}"
    );
    assert_eq!(found.tokens, 8);
    assert_eq!(found.tokens, whole.tokens());
    assert_eq!(network.evaluate([], &Alone), Loss::default());
}

#[test]
fn the_record_of_a_sequence_ends_in_the_state_of_the_forward_pass() {
    let (network, ids) = (network::<Batched<f64>>(), [3, 0, 2, 2, 1]);
    let tapes = network.record(&ids);
    let (_, last) = network.next_logits(&ids, &network.zero_states(1), Span::full(5, 1));
    assert_eq!(tapes.len(), 2);
    for (tape, last) in tapes.iter().zip(&last) {
        assert_eq!(tape.steps.len(), 5);
        assert!((&tape.last().h - last.h.column(0)).amax() < 1e-14);
        assert!((&tape.last().c - last.c.column(0)).amax() < 1e-14);
    }
}

#[test]
fn an_engine_without_a_rule_of_its_own_cuts_a_batch_into_a_part_for_each_thread() {
    let network = network::<Batched<f64>>();
    for threads in [2, 5] {
        assert_eq!(network.parts(40, threads), threads);
    }
}

#[test]
fn a_network_gives_its_configuration_and_survives_a_change_of_engine() {
    let batched = network::<Batched<f64>>();
    assert_eq!(batched.config(), &config(2));
    let spec = batched.to_engine::<Spec<f64>>();
    assert_eq!(spec.to_engine::<Batched<f64>>(), batched);
}

#[test]
fn losses_are_added_and_have_a_mean_if_they_have_a_token() {
    let mut loss = Loss {
        nats: 1.5,
        tokens: 2,
    };
    loss.add(Loss {
        nats: 4.5,
        tokens: 4,
    });
    assert_eq!((loss.nats, loss.tokens), (6.0, 6));
    assert_eq!(loss.mean(), Some(1.0));
    assert_eq!(Loss::default().mean(), None);
}

#[test]
fn log_softmax_is_the_logarithm_of_softmax_in_every_column() {
    let z = DMatrix::<f64>::from_row_slice(3, 2, &[0.5, -700.0, 2.0, 700.0, -1.0, 699.0]);
    let mut log_p = z.clone();
    log_softmax(&mut log_p);
    for (log_p, z) in log_p.column_iter().zip(z.column_iter()) {
        let p = softmax(z.as_slice());
        for (log_p, p) in log_p.iter().zip(p).filter(|(_, p)| *p > 0.0) {
            assert!(
                (log_p - p.ln()).abs() < 1e-12,
                "{log_p}, expected {}",
                p.ln()
            );
        }
        assert!((log_p.map(f64::exp).sum() - 1.0).abs() < 1e-12);
    }
}

#[test]
fn states_are_cut_chosen_and_set_to_zero_by_sequence() {
    let state = BatchState {
        h: DMatrix::from_row_slice(1, 4, &[1.0, 2.0, 3.0, 4.0]),
        c: DMatrix::from_row_slice(1, 4, &[5.0, 6.0, 7.0, 8.0]),
    };
    let of = |h: &[f64], c: &[f64]| BatchState {
        h: DMatrix::from_row_slice(1, h.len(), h),
        c: DMatrix::from_row_slice(1, c.len(), c),
    };
    assert_eq!(state.columns(1, 3), of(&[2.0, 3.0], &[6.0, 7.0]));
    let mut changed = state.clone();
    changed.set_zero(2);
    assert_eq!(changed, of(&[1.0, 2.0, 0.0, 4.0], &[5.0, 6.0, 0.0, 8.0]));
    changed.select(&[3, 0, 0]);
    assert_eq!(changed, of(&[4.0, 1.0, 1.0], &[8.0, 5.0, 5.0]));
}

#[test]
fn gradients_are_added_and_set_to_zero_element_by_element() {
    let mut sum = network::<Batched<f64>>();
    let (once, twice) = (sum.slices().concat(), sum.clone());
    sum.add(&twice);
    let expected: Vec<f64> = once.iter().map(|v| v + v).collect();
    assert_eq!(sum.slices().concat(), expected);
    sum.set_zero();
    assert_eq!(sum.slices().concat(), vec![0.0; once.len()]);
}

#[test]
fn a_list_of_weights_and_weights_that_may_be_missing_are_counted_and_changed() {
    let vector = |n| DVector::from_element(n, 1.0);
    let mut list = vec![vector(2), vector(3)];
    assert_eq!(list.parameter_count(), 5);
    let mut some = Some(vector(4));
    assert_eq!(
        (some.slices(), some.parameter_count()),
        (vec![&[1.0; 4][..]], 4)
    );
    list.set_zero();
    some.set_zero();
    assert_eq!(list, [DVector::zeros(2), DVector::zeros(3)]);
    assert_eq!(some, Some(DVector::zeros(4)));
    let mut none = None::<DVector<f64>>;
    assert_eq!((none.slices(), none.parameter_count()), (vec![], 0));
    assert!(none.slices_mut().is_empty());
    assert_eq!(vector(4).parameter_count(), 4);
}

#[test]
fn the_probabilities_of_an_engine_without_a_rule_of_its_own_are_those_of_its_head() {
    let (network, batch) = (network::<Batched<f64>>(), batch(3, 2, 4));
    let h = DMatrix::from_fn(3, 6, |r, n| (r as f64 - n as f64).sin());
    let pass = HeadPass {
        h: &h,
        targets: &batch.targets,
        mask: &batch.mask,
        team: &Alone,
    };
    let found = network.stack.top().log_probabilities(&network.head, pass);
    let expected = network
        .head
        .log_probabilities(&h, &batch.targets, &batch.mask);
    assert_eq!(found, expected);
    assert!(found[0] < 0.0 && found[1] == 0.0, "{found:?}");
}
