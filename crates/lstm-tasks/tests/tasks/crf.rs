//! E32 against enumeration of every path, dual numbers and central differences.

use approx::abs_diff_eq;
use lstm_bptt::oracle::{ScalarFunction, central_gradient, disagreement, dual_gradient};
use lstm_model::{Direction, Parameters, Span, log_sum_exp};
use lstm_tasks::{Crf, LabelSet, TasksError, viterbi};
use nalgebra::{DMatrix, RealField};
use proptest::collection::vec;
use proptest::prelude::*;

/// A batch with everything the loss depends on.
#[derive(Clone, Debug)]
struct Case {
    labels: usize,
    seq_len: usize,
    lengths: Vec<usize>,
    targets: Vec<u32>,
    /// The emissions, then A, start and end.
    theta: Vec<f64>,
}

impl Case {
    fn span(&self) -> Span<'_> {
        Span {
            seq_len: self.seq_len,
            batch_size: self.lengths.len(),
            lengths: Some(&self.lengths),
            direction: Direction::Forward,
        }
    }

    fn tokens(&self) -> usize {
        self.seq_len * self.lengths.len()
    }

    fn parts<T: RealField + Copy>(&self, theta: &[T]) -> (DMatrix<T>, Crf<T>) {
        let (k, n) = (self.labels, self.tokens());
        let (emissions, mut rest) = theta.split_at(k * n);
        let mut crf = Crf::zeros(k);
        for slice in crf.slices_mut() {
            let len = slice.len();
            slice.copy_from_slice(&rest[..len]);
            rest = &rest[len..];
        }
        (DMatrix::from_column_slice(k, n, emissions), crf)
    }

    /// The emissions of sequence b alone and its targets, without padding.
    fn single(&self, emissions: &DMatrix<f64>, b: usize) -> (DMatrix<f64>, Vec<u32>) {
        let columns: Vec<usize> = (0..self.lengths[b])
            .map(|t| t * self.lengths.len() + b)
            .collect();
        let targets = columns.iter().map(|&n| self.targets[n]).collect();
        (emissions.select_columns(&columns), targets)
    }
}

impl ScalarFunction for Case {
    fn eval<T: RealField + Copy>(&self, theta: &[T]) -> T {
        let (emissions, crf) = self.parts(theta);
        crf.loss(&emissions, &self.targets, self.span())
    }
}

/// K of 1 to 4, T of 1 to 4, B of 1 to 3, lengths of 0 to T, scores up to `scale`.
fn case(scale: f64) -> impl Strategy<Value = Case> {
    (1..5usize, 1..5usize, 1..4usize).prop_flat_map(move |(labels, seq_len, batch)| {
        let tokens = seq_len * batch;
        let weights = labels * (tokens + labels + 2);
        (
            vec(0..=seq_len, batch),
            vec(0..labels as u32, tokens),
            vec(-scale..scale, weights),
        )
            .prop_map(move |(lengths, targets, theta)| Case {
                labels,
                seq_len,
                lengths,
                targets,
                theta,
            })
    })
}

/// Every sequence of `len` labels.
fn all_paths(labels: usize, len: usize) -> Vec<Vec<u32>> {
    (0..len).fold(vec![Vec::new()], |paths, _| {
        paths
            .iter()
            .flat_map(|path| (0..labels as u32).map(|k| path.iter().copied().chain([k]).collect()))
            .collect()
    })
}

/// score(y) of one sequence, computed directly from E32.
fn score(crf: &Crf<f64>, emissions: &DMatrix<f64>, path: &[u32]) -> f64 {
    let y: Vec<usize> = path.iter().map(|&k| k as usize).collect();
    let emitted: f64 = y.iter().enumerate().map(|(t, &k)| emissions[(k, t)]).sum();
    let moved: f64 = y.windows(2).map(|w| crf.transitions[(w[0], w[1])]).sum();
    crf.start[y[0]] + emitted + moved + crf.end[y[y.len() - 1]]
}

fn gradient(case: &Case) -> Vec<f64> {
    let (emissions, crf) = case.parts(&case.theta);
    let mut grad = crf.zeros_like();
    let (_, de) = crf.loss_and_gradient(&emissions, &case.targets, case.span(), 1.0, &mut grad);
    let slices = grad.slices().concat();
    de.as_slice().iter().copied().chain(slices).collect()
}

proptest! {
    #[test]
    fn the_partition_function_is_the_sum_over_every_path(case in case(5.0)) {
        let (emissions, crf) = case.parts(&case.theta);
        let log_z = crf.log_partitions(&emissions, case.span());
        for (b, &len) in case.lengths.iter().enumerate() {
            let (emissions, targets) = case.single(&emissions, b);
            if len == 0 {
                prop_assert_eq!(log_z[b], 0.0);
                continue;
            }
            let scores: Vec<f64> = all_paths(case.labels, len)
                .iter()
                .map(|path| score(&crf, &emissions, path))
                .collect();
            let expected = log_sum_exp(&scores);
            prop_assert!((log_z[b] - expected).abs() < 1e-12, "{} and {expected}", log_z[b]);
            let loss = crf.loss(&emissions, &targets, Span::full(len, 1));
            prop_assert!((loss - expected + score(&crf, &emissions, &targets)).abs() < 1e-12);
        }
    }

    #[test]
    fn the_gradient_is_that_of_dual_numbers_and_central_differences(case in case(3.0)) {
        let analytic = gradient(&case);
        // The gradient is expected less observed counts, up to T·B = 12 (E32). Rounding goes with the
        // counts, not with their difference, which is 0 for a single label.
        let dual = dual_gradient(&case, &case.theta);
        prop_assert!(abs_diff_eq!(&analytic[..], &dual[..], epsilon = 1e-12), "{analytic:?} and {dual:?}");
        let central = disagreement(&analytic, &central_gradient(&case, &case.theta));
        prop_assert!(central.relative < 1e-6, "{central:?}");
    }

    #[test]
    fn scores_far_apart_underflow_in_no_gradient(case in case(400.0)) {
        let analytic = gradient(&case);
        // Scores of up to 5,000, whose rounding errors are those of the logarithms of the counts.
        let dual = dual_gradient(&case, &case.theta);
        prop_assert!(abs_diff_eq!(&analytic[..], &dual[..], epsilon = 1e-10), "{analytic:?} and {dual:?}");
        // In f32 e^−104 is 0, so both fallbacks for underflow are used.
        let theta: Vec<f32> = case.theta.iter().map(|&v| v as f32).collect();
        let (emissions, crf) = case.parts(&theta);
        let mut grad = crf.zeros_like();
        let (nats, de) =
            crf.loss_and_gradient(&emissions, &case.targets, case.span(), 1.0, &mut grad);
        let expected = case.eval(&case.theta);
        prop_assert!((f64::from(nats) - expected).abs() < 2e-2, "{nats} and {expected}");
        let all = de.as_slice().iter().chain(grad.slices().concat().iter()).map(|&v| f64::from(v)).collect::<Vec<_>>();
        prop_assert!(all.iter().all(|v| v.is_finite()));
        // Scores of a thousand and more have a rounding error of 1e−4 in f32.
        for (n, (found, expected)) in all.iter().zip(&analytic).enumerate() {
            prop_assert!((found - expected).abs() < 5e-3, "[{n}]: {found} and {expected}");
        }
    }

    #[test]
    fn a_batch_is_its_sequences_and_padding_takes_no_part(case in case(3.0)) {
        let (emissions, crf) = case.parts(&case.theta);
        let mut together = crf.zeros_like();
        let (nats, de) =
            crf.loss_and_gradient(&emissions, &case.targets, case.span(), 0.5, &mut together);
        let (mut alone, mut sum) = (crf.zeros_like(), 0.0);
        for (b, &len) in case.lengths.iter().enumerate() {
            let (e, targets) = case.single(&emissions, b);
            let (nats, single) =
                crf.loss_and_gradient(&e, &targets, Span::full(len, 1), 0.5, &mut alone);
            sum += nats;
            for t in 0..case.seq_len {
                let de_t = de.column(t * case.lengths.len() + b);
                if t < len {
                    prop_assert!((de_t - single.column(t)).amax() < 1e-13);
                } else {
                    prop_assert_eq!(de_t.amax(), 0.0);
                }
            }
        }
        prop_assert!((nats - sum).abs() < 1e-12);
        for (together, alone) in together.slices().concat().iter().zip(alone.slices().concat()) {
            prop_assert!((together - alone).abs() < 1e-12);
        }
        // The values at padding change nothing, not even the last bit.
        let mut other = case.clone();
        for b in 0..case.lengths.len() {
            for t in case.lengths[b]..case.seq_len {
                let n = t * case.lengths.len() + b;
                other.theta[n * case.labels..(n + 1) * case.labels].fill(f64::NAN);
                other.targets[n] = 0;
            }
        }
        prop_assert_eq!(gradient(&case), gradient(&other));
    }
}

/// O, B-V, I-V, B-A, I-A in an order in which no I-X is next to its B-X.
fn five() -> LabelSet {
    let names = ["I-V", "B-A", "O", "I-A", "B-V"];
    LabelSet::from_names(names.map(str::to_owned).to_vec()).unwrap()
}

fn legal(path: &[u32]) -> bool {
    let names = five();
    let name = |k: u32| names.names()[k as usize].clone();
    path.iter().enumerate().all(|(t, &k)| {
        let before = if t > 0 {
            name(path[t - 1])
        } else {
            "O".to_owned()
        };
        match name(k).as_str() {
            "I-V" => before == "B-V" || before == "I-V",
            "I-A" => before == "B-A" || before == "I-A",
            _ => true,
        }
    })
}

proptest! {
    #[test]
    fn viterbi_finds_the_best_legal_path(
        (lengths, theta, predicates) in (1..5usize).prop_flat_map(|seq_len| (
            vec(1..=seq_len, 1..4usize).prop_map(move |lengths| (seq_len, lengths)),
            vec(-3.0..3.0, 5 * (4 * 3 + 7)),
            proptest::option::of(vec(0..4usize, 3)),
        ))
    ) {
        let (seq_len, lengths) = lengths;
        let case = Case {
            labels: 5,
            seq_len,
            targets: vec![0; seq_len * lengths.len()],
            lengths,
            theta,
        };
        let (emissions, crf) = case.parts(&case.theta);
        let predicates = predicates.map(|p| -> Vec<usize> {
            p.iter().zip(&case.lengths).map(|(&p, &len)| p.min(len - 1)).collect()
        });
        let paths = viterbi(&crf, &emissions, &five(), case.span(), predicates.as_deref()).unwrap();
        for (b, found) in paths.iter().enumerate() {
            let (emissions, _) = case.single(&emissions, b);
            let verb = five().id("B-V").unwrap();
            let best = all_paths(5, case.lengths[b])
                .into_iter()
                .filter(|path| legal(path))
                .filter(|path| predicates.as_ref().is_none_or(|p| {
                    path.iter().enumerate().all(|(t, &k)| (k == verb) == (t == p[b]))
                }))
                .map(|path| score(&crf, &emissions, &path))
                .fold(f64::NEG_INFINITY, f64::max);
            prop_assert!(legal(found));
            prop_assert!((score(&crf, &emissions, found) - best).abs() < 1e-12);
        }
    }
}

#[test]
fn viterbi_names_a_predicate_that_cannot_be() {
    let crf = Crf::<f64>::zeros(5);
    let emissions = DMatrix::zeros(5, 2);
    let decode = |predicate| {
        let span = Span::full(2, 1);
        viterbi(&crf, &emissions, &five(), span, Some(&[predicate]))
    };
    let expected = TasksError::Predicate {
        predicate: 2,
        len: 2,
    };
    assert_eq!(decode(2), Err(expected));
    let labels = LabelSet::from_roles(["A"]);
    let crf = Crf::<f64>::zeros(3);
    let emissions = DMatrix::zeros(3, 2);
    let decoded = viterbi(&crf, &emissions, &labels, Span::full(2, 1), Some(&[0]));
    assert_eq!(decoded, Err(TasksError::NoVerbLabel));
}

#[test]
fn viterbi_refuses_scores_that_overflow() {
    let crf = Crf::<f32>::zeros(5);
    let decode = |emission: f32| {
        let emissions = DMatrix::from_element(5, 3, emission);
        viterbi(&crf, &emissions, &five(), Span::full(3, 1), None)
    };
    assert!(decode(1e38).is_ok());
    for emission in [f32::NAN, f32::INFINITY, 2e38] {
        assert_eq!(decode(emission), Err(TasksError::NotFinite), "{emission}");
    }
}
