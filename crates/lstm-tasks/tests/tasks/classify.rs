//! A classifier: its gradient against dual numbers and central differences, padding, the split of its
//! data, and the best possible classifier of the generated words.

use crate::oracles::{agree, fill, tensors};
use crate::subjects::{classified_series, classified_texts};
use lstm_bptt::oracle::ScalarFunction;
use lstm_fast::Fast;
use lstm_model::{Alone, Batched, Dropout, Engine, Layer, Parameters};
use lstm_tasks::classify::generated::{LANGUAGES, posterior, words};
use lstm_tasks::classify::{
    ClassBatch, ClassSource, Classifier, ClassifierConfig, ClassifyModel, ClassifySettings,
    Example, Pooling, Steps, best,
};
use lstm_tasks::data::Sequence;
use lstm_tasks::forecast::HeldOut;
use lstm_tasks::metrics::Confusion;
use lstm_text::InputLimit;
use lstm_train::{Description, Workers};
use nalgebra::{DMatrix, RealField, convert, dmatrix};
use proptest::collection::vec;
use proptest::prelude::*;

#[derive(Clone, Debug)]
struct Case {
    config: ClassifierConfig,
    examples: Vec<Example>,
    theta: Vec<f64>,
}

impl Case {
    fn network<R: Layer>(&self, theta: &[R::Scalar]) -> Classifier<R> {
        let mut network = Classifier::zeros(self.config.clone()).unwrap();
        fill(&mut network, theta);
        network
    }

    fn batch<T: RealField + Copy>(&self) -> ClassBatch<T> {
        ClassBatch::new(&self.examples, |number| convert(f64::from(number)))
    }

    fn masks(&self) -> Option<Dropout> {
        Some(Dropout {
            seed: 4,
            step: 1,
            first_sequence: 0,
        })
    }

    fn gradient(&self) -> Vec<Vec<f64>> {
        let network = self.network::<Batched<f64>>(&self.theta);
        let mut grad = network.zeros_like();
        let (batch, masks) = (self.batch(), self.masks());
        let nats = network.loss_and_gradient(&batch, masks, 1.0, &mut grad, &Alone);
        assert!((nats - network.loss(&batch, masks, &Alone)).abs() < 1e-12);
        tensors(&grad)
    }
}

impl ScalarFunction for Case {
    fn eval<T: RealField + Copy>(&self, theta: &[T]) -> T {
        let network = self.network::<Batched<T>>(theta);
        network.loss(&self.batch(), self.masks(), &Alone)
    }
}

/// Tokens if `vocab_size` is above 0, else rows of two numbers.
fn examples(vocab_size: usize) -> BoxedStrategy<Vec<Example>> {
    let steps = match vocab_size {
        0 => vec(-1.0..1.0_f32, 2..10)
            .prop_map(|mut numbers| {
                numbers.truncate(numbers.len() / 2 * 2);
                Steps::Rows(DMatrix::from_vec(2, numbers.len() / 2, numbers))
            })
            .boxed(),
        v => vec(0..v as u32, 1..6).prop_map(Steps::Tokens).boxed(),
    };
    let example = (steps, 0..3u32).prop_map(|(steps, label)| Example { steps, label });
    vec(example, 1..4).boxed()
}

fn case() -> impl Strategy<Value = Case> {
    let pooling = prop_oneof![Just(Pooling::Last), Just(Pooling::Mean)];
    let config = (1..3usize, 1..3usize, any::<bool>(), pooling, any::<bool>());
    let config =
        config.prop_map(
            |(half, layers, bidirectional, pooling, of_tokens)| ClassifierConfig {
                vocab_size: if of_tokens { 5 } else { 0 },
                input_size: 2,
                hidden_size: 2 * half,
                layers,
                bidirectional,
                pooling,
                classes: 3,
                dropout: 0.3,
            },
        );
    config.prop_flat_map(|config| {
        let weights = vec(-1.0..1.0, config.parameter_count());
        (examples(config.vocab_size), weights).prop_map(move |(examples, theta)| Case {
            config: config.clone(),
            examples,
            theta,
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_gradient_agrees_with_both_oracles(case in case()) {
        agree(&case, &case.theta, &case.gradient());
    }

    #[test]
    fn padding_changes_no_answer(case in case()) {
        let network = case.network::<Batched<f64>>(&case.theta);
        let together = network.logits(&case.batch(), &Alone);
        for (example, z) in case.examples.iter().zip(together.column_iter()) {
            let alone = ClassBatch::new([example], |number| convert(f64::from(number)));
            let off = (network.logits(&alone, &Alone).column(0) - z).amax();
            prop_assert!(off < 1e-12, "{off:e}");
        }
    }
}

/// Two sequences of two units, of which the second reads backward; the second sequence has one step.
#[test]
fn pooling_and_its_gradient_of_a_worked_case() {
    let h = dmatrix![
        1.0, 7.0, 2.0, 0.0, 6.0, 0.0;
        4.0, 8.0, 5.0, 0.0, 9.0, 0.0
    ];
    let padded = lstm_tasks::Padded::new(&[vec![0, 0, 0], vec![0]]);
    let span = padded.span();
    assert_eq!(
        Pooling::Last.pool(&h, span, 1),
        dmatrix![6.0, 7.0; 4.0, 8.0]
    );
    assert_eq!(
        Pooling::Last.pool(&h, span, 2),
        dmatrix![6.0, 7.0; 9.0, 8.0]
    );
    assert_eq!(
        Pooling::Mean.pool(&h, span, 1),
        dmatrix![3.0, 7.0; 6.0, 8.0]
    );
    let ds = dmatrix![3.0, 1.0; 6.0, 2.0];
    let mut dh = h.clone();
    Pooling::Last.spread(&ds, span, 1, &mut dh);
    let expected = dmatrix![
        0.0, 1.0, 0.0, 0.0, 3.0, 0.0;
        6.0, 2.0, 0.0, 0.0, 0.0, 0.0
    ];
    assert_eq!(dh, expected);
    Pooling::Mean.spread(&ds, span, 1, &mut dh);
    let expected = dmatrix![
        1.0, 1.0, 1.0, 0.0, 1.0, 0.0;
        2.0, 2.0, 2.0, 0.0, 2.0, 0.0
    ];
    assert_eq!(dh, expected);
}

/// −Σ ln p, and how often the most probable language is right.
fn judged(change: impl Fn(&mut [f64; 3])) -> (f64, f64) {
    let (mut nats, mut confusion) = (0.0, Confusion::new(3));
    let words = words();
    for word in &words {
        let Sequence::Text(text) = &word.sequence else {
            unreachable!("words are texts");
        };
        let meant = LANGUAGES
            .iter()
            .position(|name| *name == word.label)
            .unwrap();
        let mut p = posterior(text);
        change(&mut p);
        let all: f64 = p.iter().sum();
        nats -= (p[meant] / all).ln();
        confusion.add(meant, best(&p));
    }
    (nats / words.len() as f64, confusion.accuracy().unwrap())
}

#[test]
fn no_classifier_near_the_posterior_of_the_generated_words_is_better() {
    let (nats, accuracy) = judged(|_| {});
    for factor in [0.7, 1.4] {
        for k in 0..3 {
            let (other, right) = judged(|p| p[k] *= factor);
            assert!(other > nats, "class {k} times {factor}: {other} {nats}");
            assert!(
                right <= accuracy + 0.002,
                "class {k} times {factor}: {right} {accuracy}"
            );
        }
        let (other, _) = judged(|p| *p = p.map(|p| p.powf(factor)));
        assert!(other > nats, "power {factor}: {other} {nats}");
    }
}

/// A letter tells nothing: each is as frequent in every language.
#[test]
fn the_letters_of_the_generated_words_are_equally_frequent() {
    let mut counts = [[0.0; 8]; 3];
    for word in words() {
        let Sequence::Text(text) = &word.sequence else {
            unreachable!("words are texts");
        };
        let k = LANGUAGES
            .iter()
            .position(|name| *name == word.label)
            .unwrap();
        text.bytes()
            .for_each(|letter| counts[k][usize::from(letter - b'a')] += 1.0);
    }
    for counts in counts {
        let all: f64 = counts.iter().sum();
        // Three standard deviations in the rarest language, whose 1200 words have 25,000 letters.
        assert!(
            counts
                .iter()
                .all(|count| (count / all - 0.125).abs() < 0.0065),
            "{counts:?}"
        );
    }
}

#[test]
fn the_split_is_a_function_of_the_seed() {
    let settings = |seed| ClassifySettings {
        source: ClassSource::Generated,
        held_out: HeldOut::default(),
        batch_size: 32,
        seed,
    };
    let read = |seed| settings(seed).read(InputLimit::default()).unwrap();
    let (one, same, other) = (read(1), read(1), read(2));
    assert_eq!(one.test, same.test);
    assert_ne!(one.test, other.test);
    assert_eq!(
        (one.train.len(), one.val.len(), one.test.len()),
        (8400, 1800, 1800)
    );
}

/// A model answers the same whatever it reads beside, but for rounding.
#[test]
fn a_sequence_has_the_same_answer_in_every_company() {
    fn answers_agree<R: Engine<Scalar = f32>>(model: &ClassifyModel<R>, sequences: &[&Sequence]) {
        let workers = Workers::new(2).unwrap();
        let together = model.log_probabilities(sequences, &workers).unwrap();
        for (sequence, expected) in sequences.iter().zip(&together) {
            let alone = model.log_probabilities(&[sequence], &workers).unwrap();
            assert!((alone[0].iter().map(|log_p| log_p.exp()).sum::<f64>() - 1.0).abs() < 1e-12);
            let pairs = alone[0].iter().zip(expected);
            // A decade above what was measured, 1e−7.
            assert!(
                pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-6),
                "{alone:?} {expected:?}"
            );
        }
    }
    for subject in [
        classified_texts(9, 4, true, Pooling::Last),
        classified_series(9, 4, false, Pooling::Mean),
    ] {
        let description = subject.description;
        let network = description.init::<Fast>(3).unwrap();
        let model = ClassifyModel {
            description,
            network,
        };
        let sequences: Vec<&Sequence> =
            subject.data.train.iter().map(|one| &one.sequence).collect();
        answers_agree(&model, &sequences);
    }
}
