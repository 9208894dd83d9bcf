//! The softmax head against [`Head`] in double precision.

use crate::case::{Scalar, odd_sizes, to_f64, widened};
use crate::compare::{Named, agree, same_bits};
use lstm_fast::{Fast, Level};
use lstm_gates::LstmParams;
use lstm_model::{Alone, Engine, Head, HeadPass, Layer, Purpose, Spec, Team, Weighting};
use lstm_train::Workers;
use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
use rand::RngExt;

/// A decade above the largest difference in 600 cases, 2.4e−6 of a tensor's magnitude (db_y without fused
/// multiply-add; 2.2e−6 in dh). The difference of [`Head`] in single precision is 2.0e−6 (dh).
const TOLERANCE: f64 = 2.5e-5;

/// A decade above the largest difference of large heads, 7.0e−6 (dh), whose sums have more and larger
/// terms. The difference of [`Head`] in single precision is 5.7e−6 (dh).
const LARGE_TOLERANCE: f64 = 7e-5;

#[derive(Clone, Debug)]
struct Case {
    head: Head<f32>,
    h: DMatrix<f32>,
    targets: Vec<u32>,
    mask: Vec<bool>,
    scale: f32,
    /// The initial value to which the gradient is added.
    grad: Head<f32>,
    /// The factor of each token's gradient, and s of label smoothing.
    weights: Vec<f32>,
    smoothing: f32,
}

fn widened_head<T: Scalar>(head: &Head<f32>) -> Head<T> {
    Head {
        w: widened(&head.w),
        b: DVector::from_iterator(head.b.len(), head.b.iter().map(|&b| b.into())),
    }
}

impl Case {
    /// All results of the head on top of a layer, which `new` builds.
    fn run_head<R: Engine<Scalar: Scalar>>(
        &self,
        team: &dyn Team,
        new: impl Fn(&LstmParams<R::Scalar>) -> R,
    ) -> Vec<Named> {
        let top = new(&LstmParams::zeros(1, self.h.nrows()));
        let head: Head<R::Scalar> = widened_head(&self.head);
        let (h, mut grad) = (widened(&self.h), widened_head(&self.grad));
        let pass = HeadPass {
            h: &h,
            targets: &self.targets,
            mask: &self.mask,
            team,
        };
        let loss = top.head_loss(&head, pass);
        let (nats, dh) = top.head_loss_and_gradient(&head, pass, self.scale.into(), &mut grad);
        let number = |v: R::Scalar| DMatrix::from_element(1, 1, v.into());
        let mut log_p = Vec::new();
        let mut weighted: Head<R::Scalar> = widened_head(&self.grad);
        let weighting = Weighting {
            weigh: &mut |n, log_p_n| {
                log_p.push(log_p_n);
                self.weights[n].into()
            },
            smoothing: self.smoothing.into(),
        };
        let weighted_dh = top.weighted_gradient(&head, pass, weighting, &mut weighted);
        let all = top.log_probabilities(&head, pass);
        let column = |v: &[R::Scalar]| to_f64(&DMatrix::from_column_slice(v.len(), 1, v));
        vec![
            ("the loss alone".to_owned(), number(loss)),
            ("the loss".to_owned(), number(nats)),
            ("dh".to_owned(), to_f64(&dh)),
            ("dW_y".to_owned(), to_f64(&grad.w)),
            ("db_y".to_owned(), column(grad.b.as_slice())),
            ("ln p of the targets".to_owned(), column(&all)),
            ("ln p of the targets that count".to_owned(), column(&log_p)),
            ("weighted dh".to_owned(), to_f64(&weighted_dh)),
            ("weighted dW_y".to_owned(), to_f64(&weighted.w)),
            ("weighted db_y".to_owned(), column(weighted.b.as_slice())),
        ]
    }

    fn run<R: Engine<Scalar: Scalar>>(&self) -> Vec<Named> {
        self.run_head(&Alone, R::from_params)
    }

    fn run_at(&self, level: Level) -> Vec<Named> {
        self.run_head(&Alone, |params| Fast::at(level, params))
    }
}

/// Cases with parts of 128 tokens, or of fewer tokens if the vocabulary is large.
const TOKENS: [usize; 10] = [0, 1, 2, 15, 16, 17, 127, 128, 129, 300];

fn case() -> impl Strategy<Value = Case> {
    case_of(
        prop::sample::select(vec![1_usize, 2, 3, 16, 17, 97, 1000]),
        odd_sizes(),
    )
}

/// Cases with parts of 26 tokens and of 16, and with more units than a block of a product.
fn large_case() -> impl Strategy<Value = Case> {
    prop_oneof![
        case_of(Just(5000), prop::sample::select(vec![1, 33])),
        case_of(Just(9000), prop::sample::select(vec![1, 17])),
        case_of(Just(97), Just(300)),
    ]
}

prop_compose! {
    fn case_of(
        vocab_sizes: impl Strategy<Value = usize>,
        hidden_sizes: impl Strategy<Value = usize>,
    )(
        v in vocab_sizes, hidden in hidden_sizes,
        tokens in prop::sample::select(TOKENS.to_vec()),
        holes in prop::sample::select(vec![0.0, 0.3, 1.0]),
        seed: u64, scale in 0.1..1.0_f32, smoothing in prop::sample::select(vec![0.0, 0.1_f32]),
    ) -> Case {
        let mut rng = Purpose::Check.rng(seed, 0, 0);
        let mut head = |bound: f32| {
            let mut uniform = |rows, columns| {
                DMatrix::from_fn(rows, columns, |_, _| rng.random_range(-bound..bound))
            };
            Head { w: uniform(v, hidden), b: uniform(v, 1).column(0).into_owned() }
        };
        let (head, grad) = (head(2.0), head(1.0));
        Case {
            head, grad, scale, smoothing,
            weights: (0..tokens).map(|_| rng.random_range(0.0..1.0)).collect(),
            h: DMatrix::from_fn(hidden, tokens, |_, _| rng.random_range(-1.0..1.0)),
            targets: (0..tokens).map(|_| rng.random_range(0..v as u32)).collect(),
            mask: (0..tokens).map(|_| !rng.random_bool(holes)).collect(),
        }
    }
}

/// Cases with at least one target, with the number of a target, a unit, and a token of the vocabulary.
fn place() -> impl Strategy<Value = (Case, usize, usize, usize)> {
    let indices = any::<[prop::sample::Index; 3]>();
    let some = case().prop_filter("a token", |case| case.mask.contains(&true));
    (some, indices).prop_map(|(case, [n, unit, id])| {
        let real: Vec<usize> = (0..case.mask.len()).filter(|&n| case.mask[n]).collect();
        let (v, h) = case.head.w.shape();
        (case, real[n.index(real.len())], unit.index(h), id.index(v))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_head_agrees_with_the_head_in_double_precision(case in case()) {
        let expected = case.run::<Spec<f64>>();
        for level in Level::available() {
            agree(&level, &expected, &case.run_at(level), TOLERANCE)?;
        }
    }

    #[test]
    fn an_impossible_token_and_a_certain_one_leave_loss_and_gradient_finite(
        (mut case, n, _, id) in place(), huge in prop::sample::select(vec![1e2_f32, 1e4, 1e30]),
    ) {
        let v = case.head.vocab_size();
        prop_assume!(v > 1);
        // All are to predict the certain one; b_y = −∞ makes another impossible.
        case.targets.fill(id as u32);
        case.head.b[id] = huge;
        case.head.b[(id + 1 + n % (v - 1)) % v] = f32::NEG_INFINITY;
        let expected = case.run::<Spec<f64>>();
        for level in Level::available() {
            agree(&level, &expected, &case.run_at(level), TOLERANCE)?;
        }
    }

    #[test]
    fn huge_logits_of_either_sign_leave_loss_and_gradient_finite(mut case in case()) {
        // Targets are as they were drawn: most of them cost some ten thousand nats.
        case.head.w *= 1e4;
        case.head.b *= 1e4;
        // The loss is a sum of differences of logits, each of up to |b| + Σ |w h|.
        let largest = (1 + case.h.nrows()) as f64 * 2e4;
        let expected = case.run::<Spec<f64>>();
        for level in Level::available() {
            let found = case.run_at(level);
            for (name, tensor) in &found {
                prop_assert!(tensor.iter().all(|v| v.is_finite()), "{}: {}: {}", level, name, tensor);
            }
            for (name, nats) in &found[..2] {
                let (e, f) = (expected[0].1[(0, 0)], nats[(0, 0)]);
                let allowed = TOLERANCE * largest * (1 + case.targets.len()) as f64;
                prop_assert!((e - f).abs() <= allowed, "{level}: {name}: expected {e}, found {f}");
            }
        }
    }

    #[test]
    fn a_loss_with_nan_in_it_is_nan((case, n, unit, id) in place()) {
        let (mut in_h, mut in_w, mut in_b) = (case.clone(), case.clone(), case);
        in_h.h[(unit, n)] = f32::NAN;
        in_w.head.w[(id, unit)] = f32::NAN;
        in_b.head.b[id] = f32::NAN;
        for (place, case) in [("h", in_h), ("W_y", in_w), ("b_y", in_b)] {
            for level in Level::available() {
                for (name, tensor) in &case.run_at(level)[..2] {
                    prop_assert!(
                        tensor[(0, 0)].is_nan(),
                        "{level}, NaN in {place}: {name} is {}", tensor[(0, 0)]
                    );
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn threads_that_share_a_head_change_no_bit(case in large_case(), threads in 2..=4_usize) {
        let alone = case.run::<Fast>();
        let workers = Workers::new(threads).unwrap();
        let shared = case.run_head(&workers.team(), Fast::from_params);
        same_bits(&alone, &shared)?;
    }

    #[test]
    fn a_large_head_agrees_with_the_head_in_double_precision(case in large_case()) {
        let expected = case.run::<Spec<f64>>();
        for level in Level::available() {
            agree(&level, &expected, &case.run_at(level), LARGE_TOLERANCE)?;
        }
    }
}
