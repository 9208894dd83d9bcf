//! E27 and E32: the gradient of the whole labeller against dual numbers and central differences, and
//! the definition of a bidirectional layer.

use crate::oracles::{agree, fill, tensors};
use lstm_bptt::oracle::ScalarFunction;
use lstm_gates::Init;
use lstm_model::{
    Alone, BatchState, Batched, BidirectionalPass, BidirectionalStack, Direction, Dropout, Input,
    Layer, Parameters, Pass, Purpose, Span, Spec,
};
use lstm_tasks::{FEATURES, LabelBatch, Labeler, LabelerConfig};
use nalgebra::{DMatrix, RealField};
use proptest::collection::vec;
use proptest::prelude::*;

#[derive(Clone, Debug)]
struct Case {
    config: LabelerConfig,
    sentences: Vec<Vec<([u32; FEATURES], u32)>>,
    theta: Vec<f64>,
}

impl Case {
    fn batch(&self) -> LabelBatch {
        let sentences = self.sentences.iter();
        let examples: Vec<_> = sentences
            .map(|words| words.iter().copied().unzip())
            .collect();
        LabelBatch::new(&examples)
    }

    fn masks(&self) -> Option<Dropout> {
        Some(Dropout {
            seed: 4,
            step: 1,
            first_sequence: 0,
        })
    }

    fn network<R: Layer>(&self, theta: &[R::Scalar]) -> Labeler<R> {
        let mut network = Labeler::zeros(self.config.clone()).unwrap();
        fill(&mut network, theta);
        network
    }

    fn gradient(&self, scale: f64) -> Vec<Vec<f64>> {
        let network = self.network::<Batched<f64>>(&self.theta);
        let mut grad = network.zeros_like();
        let nats = network.loss_and_gradient(&self.batch(), self.masks(), scale, &mut grad, &Alone);
        assert!((nats - network.loss(&self.batch(), self.masks(), &Alone)).abs() < 1e-12);
        tensors(&grad)
    }
}

impl ScalarFunction for Case {
    fn eval<T: RealField + Copy>(&self, theta: &[T]) -> T {
        self.network::<Batched<T>>(theta)
            .loss(&self.batch(), self.masks(), &Alone)
    }
}

fn case() -> impl Strategy<Value = Case> {
    (1..3usize, 1..3usize).prop_flat_map(|(half, layers)| {
        let config = LabelerConfig {
            vocab_sizes: [4, 3, 3, 2, 2],
            embed_sizes: [2, 1, 1, 1, 1],
            hidden_size: 2 * half,
            layers,
            labels: 3,
            dropout: 0.3,
        };
        let count = Labeler::<Batched<f64>>::zeros(config.clone())
            .unwrap()
            .parameter_count();
        let word = ((0..4u32, 0..3u32, 0..3u32, 0..2u32, 0..2u32), 0..3u32)
            .prop_map(|((a, b, c, d, e), label)| ([a, b, c, d, e], label));
        (vec(vec(word, 1..5), 2..4), vec(-1.0..1.0, count)).prop_map(move |(sentences, theta)| {
            Case {
                config: config.clone(),
                sentences,
                theta,
            }
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn the_gradient_agrees_with_both_oracles(case in case()) {
        agree(&case, &case.theta, &case.gradient(1.0));
    }
}

#[test]
fn the_backward_half_reads_each_sequence_from_its_own_last_token() {
    let mut rng = Purpose::Check.rng(1, 0, 0);
    let stack = BidirectionalStack::<Spec<f64>>::init(Init::PytorchUniform, 2, 3, 1, &mut rng);
    let (lengths, batch_size, seq_len) = ([4, 2], 2, 4);
    let x = DMatrix::from_fn(2, seq_len * batch_size, |r, n| {
        ((3 * r + 5 * n) as f64).sin()
    });
    let span = Span {
        seq_len,
        batch_size,
        lengths: Some(&lengths),
        direction: Direction::Forward,
    };
    let forward = |x: &DMatrix<f64>| {
        stack.forward(BidirectionalPass {
            x,
            span,
            dropout: None,
            team: &Alone,
        })
    };
    let tape = forward(&x);
    for (b, &len) in lengths.iter().enumerate() {
        let read = |layer: &Spec<f64>, order: &[usize]| {
            let columns: Vec<usize> = order.iter().map(|t| t * batch_size + b).collect();
            let own = x.select_columns(&columns);
            let initial = BatchState::zeros(3, 1);
            layer.forward(Pass {
                input: Input::Dense(&own),
                initial: &initial,
                span: Span::full(len, 1),
                team: &Alone,
            })
        };
        let order: Vec<usize> = (0..len).collect();
        let reversed: Vec<usize> = (0..len).rev().collect();
        let forward = read(&stack.layers[0].forward, &order);
        let backward = read(&stack.layers[0].backward, &reversed);
        for t in 0..len {
            let both = tape.output().column(t * batch_size + b);
            assert_eq!(both.rows(0, 3), forward.outputs.column(t));
            assert_eq!(both.rows(3, 3), backward.outputs.column(len - 1 - t));
        }
        let last = &tape.last[0];
        assert_eq!(last.h.column(b).rows(0, 3), forward.last.h.column(0));
        assert_eq!(last.c.column(b).rows(3, 3), backward.last.c.column(0));
    }
    // Other numbers at padding change no real output.
    let mut other = x.clone();
    for t in 2..4 {
        other.column_mut(t * batch_size + 1).fill(7.0);
    }
    let again = forward(&other);
    for t in 0..2 {
        let n = t * batch_size + 1;
        assert_eq!(again.output().column(n), tape.output().column(n));
    }
}
