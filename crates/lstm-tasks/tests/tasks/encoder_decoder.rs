//! E27–E30: the gradients of the whole encoder–decoder against dual numbers and central differences,
//! and padding that changes nothing.

use crate::oracles::{agree, fill, tensors};
use lstm_bptt::oracle::{ScalarFunction, disagreement};
use lstm_fast::Fast;
use lstm_model::{Alone, Batched, Canonical, Dropout, Engine, Parameters, Spec, Tensors};
use lstm_tasks::{EncoderDecoder, EncoderDecoderConfig, PairBatch};
use nalgebra::{RealField, convert};
use proptest::collection::vec;
use proptest::prelude::*;

const SMOOTHING: f64 = 0.2;

#[derive(Clone, Debug)]
struct Case {
    config: EncoderDecoderConfig,
    pairs: Vec<(Vec<u32>, Vec<u32>)>,
    theta: Vec<f64>,
}

impl Case {
    fn batch(&self) -> PairBatch {
        PairBatch::new(&self.pairs)
    }

    fn masks(&self) -> Option<Dropout> {
        (self.config.dropout > 0.0).then_some(Dropout {
            seed: 1,
            step: 2,
            first_sequence: 0,
        })
    }

    fn network<R: Engine>(&self, theta: &[R::Scalar]) -> EncoderDecoder<R> {
        let mut network = EncoderDecoder::zeros(self.config.clone()).unwrap();
        fill(&mut network, theta);
        network
    }

    /// The gradient, tensor by tensor.
    fn gradient<R: Engine<Scalar = f64>>(&self, scale: f64) -> Vec<Vec<f64>> {
        let network = self.network::<R>(&self.theta);
        let mut grad = network.zeros_like();
        let masks = self.masks();
        let nats =
            network.loss_and_gradient(&self.batch(), masks, SMOOTHING, scale, &mut grad, &Alone);
        assert!((nats - network.objective(&self.batch(), masks, 0.0, &Alone)).abs() < 1e-12);
        tensors(&grad)
    }
}

impl ScalarFunction for Case {
    fn eval<T: RealField + Copy>(&self, theta: &[T]) -> T {
        self.network::<Batched<T>>(theta).objective(
            &self.batch(),
            self.masks(),
            convert(SMOOTHING),
            &Alone,
        )
    }
}

/// Small networks with weights of order 1, and sequences of different lengths.
fn case(copies: bool, dropout: f64) -> impl Strategy<Value = Case> {
    let sizes = (1..3usize, 1..3usize, 1..4usize);
    sizes.prop_flat_map(move |(half, layers, embed_size)| {
        let config = EncoderDecoderConfig {
            source_vocab: if copies { 7 } else { 6 },
            target_vocab: 7,
            embed_size,
            hidden_size: 2 * half,
            layers,
            dropout,
            copies,
        };
        let count = EncoderDecoder::<Batched<f64>>::zeros(config.clone())
            .unwrap()
            .parameter_count();
        let pair = (vec(1..6u32, 1..5), vec(4..7u32, 0..4));
        (vec(pair, 2..4), vec(-1.0..1.0, count)).prop_map(move |(pairs, theta)| Case {
            config: config.clone(),
            pairs,
            theta,
        })
    })
}

fn check(case: &Case) {
    agree(case, &case.theta, &case.gradient::<Batched<f64>>(1.0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn gradients_with_attention_agree_with_both_oracles(case in case(false, 0.0)) {
        check(&case);
    }

    #[test]
    fn gradients_with_copying_agree_with_both_oracles(case in case(true, 0.0)) {
        check(&case);
    }

    #[test]
    fn gradients_under_dropout_agree_with_both_oracles(case in case(true, 0.4)) {
        check(&case);
    }

    /// A pair has the same loss and gradient alone as in a batch with longer pairs.
    #[test]
    fn padding_changes_nothing(case in case(true, 0.0)) {
        let together = case.gradient::<Batched<f64>>(0.5);
        let mut apart: Vec<Vec<f64>> = together.iter().map(|g| vec![0.0; g.len()]).collect();
        let network = case.network::<Batched<f64>>(&case.theta);
        let mut nats = 0.0;
        for pair in &case.pairs {
            let one = Case { pairs: vec![pair.clone()], ..case.clone() };
            nats += network.loss(&one.batch(), &Alone);
            for (sum, part) in apart.iter_mut().zip(one.gradient::<Batched<f64>>(0.5)) {
                sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
            }
        }
        prop_assert!((network.loss(&case.batch(), &Alone) - nats).abs() < 1e-12 * nats.max(1.0));
        for (together, apart) in together.iter().zip(&apart) {
            if !together.is_empty() {
                prop_assert!(disagreement(together, apart).relative < 1e-12);
            }
        }
    }
}

fn medium() -> EncoderDecoderConfig {
    EncoderDecoderConfig {
        source_vocab: 40,
        target_vocab: 40,
        embed_size: 9,
        hidden_size: 34,
        layers: 2,
        dropout: 0.3,
        copies: true,
    }
}

/// Loss and gradient in single precision, by the tensors' canonical names.
fn canonical<R: Engine<Scalar = f32>>(weights: &Tensors, batch: &PairBatch) -> (f32, Tensors) {
    let mut network = EncoderDecoder::<R>::zeros(medium()).unwrap();
    network.import("weights", &mut weights.clone()).unwrap();
    let mut grad = network.zeros_like();
    let dropout = Dropout {
        seed: 3,
        step: 1,
        first_sequence: 0,
    };
    let nats = network.loss_and_gradient(batch, Some(dropout), 0.1, 0.5, &mut grad, &Alone);
    let mut tensors = Tensors::new();
    grad.export("grad", &mut tensors);
    (nats, tensors)
}

#[test]
fn every_engine_gives_the_same_loss_and_gradient_under_dropout() {
    let tokens =
        |len: u32, first: u32| -> Vec<u32> { (0..len).map(|n| 4 + (first + 5 * n) % 36).collect() };
    let pairs: Vec<(Vec<u32>, Vec<u32>)> = (0..5)
        .map(|n| (tokens(3 + 2 * n, n), tokens(9 - n, 2 * n)))
        .collect();
    let batch = PairBatch::new(&pairs);
    let mut weights = Tensors::new();
    EncoderDecoder::<Spec<f32>>::init(medium(), 5)
        .unwrap()
        .export("weights", &mut weights);
    let (nats, spec) = canonical::<Spec<f32>>(&weights, &batch);
    for (other, tensors) in [
        canonical::<Batched<f32>>(&weights, &batch),
        canonical::<Fast>(&weights, &batch),
    ] {
        assert!((nats - other).abs() < 1e-4 * nats, "{nats} {other}");
        assert_eq!(spec.len(), tensors.len());
        for (name, spec) in &spec {
            let largest = spec.data.iter().fold(1e-3_f32, |m, v| m.max(v.abs()));
            for (a, b) in spec.data.iter().zip(&tensors[name].data) {
                assert!((a - b).abs() < 2e-4 * largest, "{name}: {a} {b}");
            }
        }
    }
}
