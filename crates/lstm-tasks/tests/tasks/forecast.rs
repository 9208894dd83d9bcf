//! E33–E35: the gradients of a forecasting network against dual numbers and central differences; what is
//! missing or lies after the cut teaches nothing; streaming is reading.

use crate::oracles::{agree, fill, tensors};
use crate::subjects::{Subject, exported, series};
use lstm_bptt::oracle::{ScalarFunction, central_gradient, disagreement, dual_gradient};
use lstm_fast::Fast;
use lstm_model::{Alone, Batched, Dropout, Layer, Parameters};
use lstm_tasks::data::series::Series;
use lstm_tasks::forecast::{
    ForecastModel, ForecastSettings, Forecaster, ForecasterConfig, Objective, Reference,
    WindowBatch,
};
use lstm_train::{Description, Plan, Trainer, Workers};
use nalgebra::{DMatrix, RealField, convert};
use proptest::collection::vec;
use proptest::prelude::*;

#[derive(Clone, Debug)]
struct Case {
    config: ForecasterConfig,
    objective: Objective,
    lengths: Vec<usize>,
    x: Vec<f64>,
    targets: Vec<f64>,
    present: Vec<bool>,
    theta: Vec<f64>,
}

impl Case {
    fn batch<T: RealField + Copy>(&self) -> WindowBatch<T> {
        let columns = self.x.len() / self.config.input_size;
        let x = self.x.iter().map(|&v| convert(v));
        WindowBatch {
            x: DMatrix::from_iterator(self.config.input_size, columns, x),
            targets: self.targets.iter().map(|&v| convert(v)).collect(),
            present: self.present.clone(),
            lengths: self.lengths.clone(),
        }
    }

    fn masks(&self) -> Option<Dropout> {
        Some(Dropout {
            seed: 4,
            step: 1,
            first_sequence: 0,
        })
    }

    fn network<R: Layer>(&self, theta: &[R::Scalar]) -> Forecaster<R> {
        let mut network = Forecaster::zeros(self.config.clone()).unwrap();
        fill(&mut network, theta);
        network
    }

    fn loss<T: RealField + Copy>(&self, theta: &[T]) -> T {
        let network = self.network::<Batched<T>>(theta);
        network.loss(&self.batch(), &self.objective, self.masks(), &Alone)
    }

    /// One over the number of targets. A sum over all of them can be hundreds, and central differences of
    /// hundreds are rounded to 10⁻⁸.
    fn mean(&self) -> f64 {
        let targets = self.present.iter().filter(|present| **present).count();
        1.0 / targets.max(1) as f64
    }

    fn gradient(&self, scale: f64) -> (f64, Vec<Vec<f64>>) {
        let network = self.network::<Batched<f64>>(&self.theta);
        let (mut grad, batch) = (network.zeros_like(), self.batch());
        let (objective, masks) = (&self.objective, self.masks());
        let loss = network.loss_and_gradient(&batch, objective, masks, scale, &mut grad, &Alone);
        (loss, tensors(&grad))
    }
}

impl ScalarFunction for Case {
    fn eval<T: RealField + Copy>(&self, theta: &[T]) -> T {
        self.loss(theta) * convert(self.mean())
    }
}

fn objective() -> impl Strategy<Value = Objective> {
    prop_oneof![
        Just(Objective::default()),
        Just(Objective::Quantiles(vec![0.05, 0.25, 0.5, 0.75])),
        Just(Objective::Gaussian),
    ]
}

/// Values that no network with weights up to 1 reaches: the quantile loss has no kink there.
fn value() -> impl Strategy<Value = f64> {
    prop_oneof![8.0..12.0, -12.0..-8.0]
}

fn case() -> impl Strategy<Value = Case> {
    let sizes = (
        1..4usize,
        1..4usize,
        1..3usize,
        1..4usize,
        2..4usize,
        3..6usize,
    );
    (sizes, objective()).prop_flat_map(|((d, h, layers, targets, batch, steps), objective)| {
        let config = ForecasterConfig {
            input_size: d,
            hidden_size: h,
            layers,
            outputs: targets * objective.per_target(),
            dropout: 0.3,
        };
        let count = Forecaster::<Batched<f64>>::zeros(config.clone())
            .unwrap()
            .parameter_count();
        let columns = steps * batch;
        (
            vec(1..=steps, batch - 1),
            vec(-2.0..2.0, d * columns),
            vec(value(), targets * columns),
            vec(any::<bool>(), targets * columns),
            vec(-1.0..1.0, count),
        )
            .prop_map(move |(mut lengths, x, values, mut present, theta)| {
                // The first is as long as the batch.
                lengths.insert(0, steps);
                for (n, present) in present.iter_mut().enumerate() {
                    let column = n / targets;
                    *present &= column / batch < lengths[column % batch];
                }
                Case {
                    config: config.clone(),
                    objective: objective.clone(),
                    lengths,
                    x,
                    targets: values,
                    present,
                    theta,
                }
            })
    })
}

/// The loss as a function of the head's numbers alone.
#[derive(Debug)]
struct OfZ {
    objective: Objective,
    y: Vec<f64>,
    present: Vec<bool>,
}

impl ScalarFunction for OfZ {
    fn eval<T: RealField + Copy>(&self, z: &[T]) -> T {
        let y: Vec<T> = self.y.iter().map(|&y| convert(y)).collect();
        self.objective.loss(z, &y, &self.present)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_gradient_of_a_network_agrees_with_both_oracles(case in case()) {
        let (loss, gradient) = case.gradient(case.mean());
        prop_assert!((loss - case.loss(&case.theta)).abs() <= 1e-12 * loss.abs().max(1.0));
        agree(&case, &case.theta, &gradient);
    }

    #[test]
    fn the_gradient_is_multiplied_by_its_scale(case in case(), scale in 0.1..3.0) {
        let scaled = case.gradient(scale).1.concat();
        for (scaled, plain) in scaled.iter().zip(case.gradient(1.0).1.concat()) {
            prop_assert!((scaled - scale * plain).abs() < 1e-11 * plain.abs().max(1.0));
        }
    }

    #[test]
    fn a_missing_target_costs_nothing_whatever_stands_there(case in case()) {
        let mut other = case.clone();
        for (target, present) in other.targets.iter_mut().zip(&case.present) {
            if !present {
                *target = f64::NAN;
            }
        }
        prop_assert_eq!(case.gradient(1.0), other.gradient(1.0));
    }
}

proptest! {
    #[test]
    fn the_gradient_of_a_loss_agrees_with_both_oracles(
        objective in objective(),
        all in vec((-3.0..3.0_f64, any::<bool>(), vec(-3.0..3.0_f64, 4)), 1..6),
    ) {
        let size = objective.per_target();
        let (mut y, mut present, mut z) = (Vec::new(), Vec::new(), Vec::new());
        for (value, is_present, numbers) in all {
            // A central difference cannot see across the kink.
            prop_assume!(numbers.iter().all(|z| (z - value).abs() > 1e-3));
            y.push(value);
            present.push(is_present);
            z.extend(&numbers[..size]);
        }
        let mut dz = z.clone();
        let case = OfZ { objective, y, present };
        let loss = case.objective.loss_and_gradient(&mut dz, &case.y, &case.present, 1.0);
        prop_assert_eq!(loss, case.eval(&z));
        let dual = disagreement(&dz, &dual_gradient(&case, &z));
        prop_assert!(dual.relative < 1e-12, "{dual:?}");
        let central = disagreement(&dz, &central_gradient(&case, &z));
        prop_assert!(central.relative < 1e-6, "{central:?}");
    }

    #[test]
    fn sorting_quantiles_that_cross_never_makes_the_loss_larger(
        z in vec(-3.0..3.0_f64, 3), y in -3.0..3.0_f64,
    ) {
        let objective = Objective::default();
        let loss = |z: &[f64]| objective.loss(z, &[y], &[true]);
        let sorted = objective.forecast(&z);
        prop_assert!(sorted.windows(2).all(|pair| pair[0] <= pair[1]));
        prop_assert!(loss(&sorted) <= loss(&z) + 1e-12, "{z:?} {y}");
    }
}

#[test]
fn at_the_kink_the_gradient_is_0_and_far_out_nothing_overflows() {
    let objective = Objective::default();
    let mut z = [1.0_f64; 3];
    assert_eq!(
        objective.loss_and_gradient(&mut z, &[1.0], &[true], 1.0),
        0.0
    );
    assert_eq!(z, [0.0; 3]);
    for a in [-800.0_f64, 800.0] {
        let mut z = [0.5, a];
        let loss = Objective::Gaussian.loss_and_gradient(&mut z, &[0.25], &[true], 1.0);
        assert!(
            loss.is_finite() && z.iter().all(|dz| dz.is_finite()),
            "{a}: {loss} {z:?}"
        );
    }
}

#[test]
fn a_normal_forecast_of_a_worked_case() {
    // s = softplus(a) + 0.001 = 1, so a = ln(e^0.999 − 1).
    let a = (0.999_f64.exp() - 1.0).ln();
    let loss = Objective::Gaussian.loss(&[2.0, a], &[3.0], &[true]);
    let expected = 0.5 + 0.5 * std::f64::consts::TAU.ln();
    assert!((loss - expected).abs() < 1e-14, "{loss}");
    let quantiles = Objective::Gaussian.forecast(&[2.0, a]);
    for (found, expected) in
        quantiles
            .iter()
            .zip([2.0 - 1.281_551_565_544_6, 2.0, 3.281_551_565_544_6])
    {
        assert!((found - expected).abs() < 1e-13, "{quantiles:?}");
    }
}

fn reference() -> impl Strategy<Value = Reference> {
    prop_oneof![
        Just(Reference::Training),
        Just(Reference::Last),
        Just(Reference::Recent),
        Just(Reference::Season),
    ]
}

/// The weights and the validation loss after some steps.
fn trained(subject: &Subject<ForecastSettings>, steps: u64) -> (Vec<u32>, Option<f64>) {
    let network = subject.description.init::<Fast>(3).unwrap();
    let task = subject.task::<Fast>(&network);
    let workers = Workers::new(1).unwrap();
    let mut trainer = Trainer::new(task, network, Default::default(), workers).unwrap();
    let _ = trainer.run(&Plan::steps(steps), &mut ()).unwrap();
    let val_loss = lstm_train::Task::validate(&trainer.task, &trainer.network, trainer.workers());
    let weights = exported(&trainer.network);
    let bits = weights
        .values()
        .flat_map(|tensor| &tensor.data)
        .map(|w| w.to_bits());
    (bits.collect(), val_loss)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_value_after_the_cut_changes_no_weight_to_the_bit(
        reference in reference(), place in 0..30_usize,
        value in prop_oneof![Just(None), (-1e6..1e6_f64).prop_map(Some)],
    ) {
        let subject = series(100, 4, Objective::default(), reference);
        let mut other = series(100, 4, Objective::default(), reference);
        let cuts = subject.settings.held_out.cuts(&subject.data.series, subject.data.step)[0];
        let row = cuts.train + place % (100 - cuts.train);
        other.data.series[0].values[0][row] = value;
        let ((weights, val_loss), (others, other_loss)) = (trained(&subject, 12), trained(&other, 12));
        prop_assert_eq!(weights, others);
        // The test part does not even change the validation loss.
        if row >= cuts.test {
            prop_assert_eq!(val_loss, other_loss);
        }
    }

    #[test]
    fn a_later_value_changes_no_earlier_forecast_to_the_bit(
        reference in reference(), row in 0..100_usize,
        value in prop_oneof![Just(None), (-1e6..1e6_f64).prop_map(Some)],
    ) {
        let subject = series(100, 4, Objective::default(), reference);
        let network = subject.description.init::<Fast>(3).unwrap();
        let model = ForecastModel { description: subject.description.clone(), network };
        let one = &subject.data.series[0];
        let mut other = one.clone();
        other.values[0][row] = value;
        let (mut reader, mut again) = (model.reader(&one.id).unwrap(), model.reader(&one.id).unwrap());
        for t in 0..row {
            reader.read_row(one, t);
            again.read_row(&other, t);
            prop_assert_eq!(reader.forecast(), again.forecast());
        }
    }
}

/// Whatever a series is shifted by, its forecasts are shifted by, unless values are relative to the mean of
/// the training part. The numbers are multiples of 1/64, so that sums of them are exact.
#[test]
fn a_forecast_moves_with_the_level_of_the_series() {
    for reference in [Reference::Last, Reference::Season, Reference::Training] {
        let subject = series(100, 4, Objective::default(), reference);
        let network = subject.description.init::<Fast>(3).unwrap();
        let description = subject.description.clone();
        let model = ForecastModel {
            description,
            network,
        };
        let mut one = subject.data.series[0].clone();
        for value in one.values[0].iter_mut().flatten() {
            *value = (*value * 64.0).round() / 64.0;
        }
        let mut other = one.clone();
        for value in other.values[0].iter_mut().flatten() {
            *value += 4096.0;
        }
        let forecast = |one: &Series| {
            let mut reader = model.reader("a").unwrap();
            (0..50).for_each(|row| reader.read_row(one, row));
            reader.forecast().unwrap().concat()
        };
        for (low, high) in forecast(&one).into_iter().zip(forecast(&other)) {
            let is_moved = (high - low - 4096.0).abs() < 1e-9;
            assert_eq!(
                is_moved,
                reference != Reference::Training,
                "{reference:?}: {low} {high}"
            );
        }
    }
}
