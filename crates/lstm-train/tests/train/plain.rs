//! A task that carries nothing from step to step, whose losses can be worked out by hand.

use crate::linked::on_each;
use lstm_model::{Head, Parameters};
use lstm_train::{
    BatchSize, Descent, Evaluation, Observer, Optimizer, Outcome, Part, Plan, Processes, Schedule,
    Single, StepReport, Task, TrainError, Trainer, Workers,
};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

const SEQUENCES: usize = 3;

/// The loss of sequence n is ½ (b_n − n·s)², where b is the network's bias.
#[derive(Default)]
struct Plain<const IN_NATS: bool> {
    /// s
    scale: f32,
    /// What the evaluations find, one after the other; then nothing was held out.
    held_out: Vec<f64>,
    evaluations: AtomicUsize,
}

impl<const IN_NATS: bool> Task for Plain<IN_NATS> {
    const IN_NATS: bool = IN_NATS;
    type Network = Head<f32>;
    type Batch = ();
    type Carry = ();

    fn steps_per_epoch(&self) -> u64 {
        1
    }

    fn batch(&mut self, _step: u64) {}

    fn size(&self, _batch: &()) -> BatchSize {
        BatchSize {
            sequences: SEQUENCES,
            tokens: SEQUENCES,
        }
    }

    fn gradient(
        &self,
        network: &Head<f32>,
        _batch: &(),
        part: &Part<'_>,
        grad: &mut Head<f32>,
    ) -> (f64, ()) {
        let losses = part.sequences.clone().map(|n| {
            let residual = network.b[n] - n as f32 * self.scale;
            grad.b[n] += part.scale * residual;
            0.5 * f64::from(residual * residual)
        });
        (losses.sum(), ())
    }

    fn validate(&self, _network: &Head<f32>, _workers: &Workers) -> Option<f64> {
        let n = self.evaluations.fetch_add(1, Ordering::Relaxed);
        self.held_out.get(n).copied()
    }
}

/// A trainer by gradient descent with η = 1/2, on one thread of this process.
fn trainer<const IN_NATS: bool>(
    task: Plain<IN_NATS>,
    processes: Box<dyn Processes>,
) -> Trainer<Plain<IN_NATS>> {
    let descent = Descent {
        optimizer: Optimizer::Sgd,
        learning_rate: 0.5,
        schedule: Schedule::Constant,
        max_norm: None,
    };
    let workers = Workers::across(processes, SEQUENCES).unwrap();
    Trainer::new(task, Head::zeros(SEQUENCES, 1), descent, workers).unwrap()
}

fn with_scale<const IN_NATS: bool>(scale: f32) -> Plain<IN_NATS> {
    Plain {
        scale,
        ..Plain::default()
    }
}

fn every_two(steps: u64) -> Plan {
    Plan {
        eval_every: 2,
        ..Plan::steps(steps)
    }
}

/// Keeps all reports.
#[derive(Default)]
struct Reports {
    steps: Vec<StepReport>,
    evaluations: Vec<Evaluation>,
}

impl<T: Task> Observer<T> for Reports {
    fn on_step(&mut self, _: &Trainer<T>, report: &StepReport) -> ControlFlow<()> {
        self.steps.push(*report);
        ControlFlow::Continue(())
    }

    fn on_evaluation(&mut self, _: &Trainer<T>, found: &Evaluation) -> Result<(), TrainError> {
        self.evaluations.push(*found);
        Ok(())
    }
}

fn near(found: f64, expected: f64) {
    // Measured: 3e−8.
    let error = (found - expected).abs();
    assert!(error < 3e-7 * expected, "{found}, expected {expected}");
}

#[test]
fn several_processes_train_a_task_that_carries_nothing() {
    let train = |processes: Box<dyn Processes>| {
        let mut trainer = trainer(with_scale::<true>(1.0), processes);
        trainer.run(&every_two(5), &mut ()).unwrap();
        assert!(trainer.task.carried_mut(0..SEQUENCES).is_empty());
        assert!(trainer.export().is_empty());
        trainer.network
    };
    let alone = train(Box::new(Single));
    // A step leaves 5/6 of each residual.
    for n in 1..SEQUENCES {
        near(
            alone.b[n].into(),
            n as f64 * (1.0 - (5.0_f64 / 6.0).powi(5)),
        );
    }
    for count in 2..=SEQUENCES {
        for network in on_each(count, |linked| train(Box::new(linked))) {
            assert_eq!(network, alone, "{count} processes");
        }
    }
}

#[test]
fn with_nothing_held_out_an_evaluation_shows_the_loss_of_the_steps_before_it() {
    let first = 2.5 / 3.0;
    let left = 25.0_f64 / 36.0;
    let mut trainer = trainer(with_scale::<true>(1.0), Box::new(Single));
    let mut reports = Reports::default();
    let outcome = trainer.run(&every_two(5), &mut reports).unwrap();
    assert_eq!(outcome, Outcome::Finished);
    for (n, report) in reports.steps.iter().enumerate() {
        assert_eq!((report.step, report.tokens), (n as u64 + 1, SEQUENCES));
        near(report.loss, first * left.powi(n as i32));
        near(
            report.gradient_norm,
            5.0_f64.sqrt() / 3.0 * left.powf(0.5 * n as f64),
        );
    }
    // The last one is of step 5 alone.
    let losses = [
        (1.0 + left) / 2.0,
        left.powi(2) * (1.0 + left) / 2.0,
        left.powi(4),
    ];
    assert_eq!(reports.evaluations.len(), losses.len());
    for (found, loss) in reports.evaluations.iter().zip(losses) {
        near(found.train_loss, first * loss);
        near(found.perplexity.unwrap(), (first * loss).exp());
        near(found.bpc.unwrap(), first * loss / 2.0_f64.ln());
        assert_eq!((found.val_loss, found.is_best), (None, false));
    }
    assert_eq!(trainer.progress().best, None);
}

#[test]
fn the_speed_is_that_of_the_steps_since_the_last_evaluation() {
    let mut trainer = trainer(with_scale::<true>(1.0), Box::new(Single));
    let mut reports = Reports::default();
    trainer.run(&every_two(4), &mut reports).unwrap();
    // The seconds of all steps are within those of the run.
    let least = 2.0 * SEQUENCES as f64 / trainer.progress().seconds;
    for found in &reports.evaluations {
        assert!(found.chars_per_s >= least, "{found:?}");
        assert!(found.seconds <= trainer.progress().seconds);
    }
    let progress = trainer.progress();
    assert_eq!(
        (progress.interval.tokens, progress.interval_seconds),
        (0, 0.0)
    );
}

#[test]
fn a_run_ends_when_its_time_is_up_and_evaluates_in_between() {
    let plan = Plan {
        steps: None,
        seconds: Some(0.05),
        eval_seconds: Some(0.01),
        ..Plan::steps(1)
    };
    let mut alone = trainer(with_scale::<true>(1.0), Box::new(Single));
    let mut reports = Reports::default();
    assert_eq!(alone.run(&plan, &mut reports).unwrap(), Outcome::Finished);
    assert!(alone.progress().seconds >= 0.05);
    // One for each hundredth that a step crossed; a step may cross several.
    let hundredths = reports
        .evaluations
        .iter()
        .map(|e| (e.seconds / 0.01) as u64);
    assert!(hundredths.is_sorted_by(|a, b| a < b));
    // Every process goes by the clock of rank 0.
    let ends = on_each(3, |linked| {
        let mut one = trainer(with_scale::<true>(1.0), Box::new(linked));
        one.run(&plan, &mut ()).unwrap();
        (one.progress().step, one.progress().seconds)
    });
    assert_eq!(ends, [ends[0]; 3]);
}

#[test]
fn a_loss_without_perplexity_may_be_large_and_one_with_it_may_not() {
    let scale = 1000.0;
    let mut reports = Reports::default();
    trainer(with_scale::<false>(scale), Box::new(Single))
        .run(&Plan::steps(1), &mut reports)
        .unwrap();
    let found = reports.evaluations[0];
    near(found.train_loss, 2.5e6 / 3.0);
    assert_eq!((found.perplexity, found.bpc), (None, None));
    let error = trainer(with_scale::<true>(scale), Box::new(Single))
        .run(&Plan::steps(1), &mut ())
        .unwrap_err();
    let message = error.to_string();
    let expected = "the perplexity is not finite at step 1 (learning rate 0.5): ";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn a_validation_loss_that_is_not_a_number_stops_the_run() {
    let task = Plain::<false> {
        held_out: vec![1.0, f64::NAN],
        ..Plain::default()
    };
    let error = trainer(task, Box::new(Single))
        .run(&every_two(8), &mut ())
        .unwrap_err();
    let message = error.to_string();
    let expected = "the loss is not finite at step 4 (learning rate 0.5): ";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn the_best_evaluation_is_the_first_of_the_lowest_ones() {
    let held_out = vec![3.0, 2.0, 2.0, 2.5, 1.0, 1.5];
    let task = Plain::<true> {
        held_out: held_out.clone(),
        ..Plain::default()
    };
    let mut trainer = trainer(task, Box::new(Single));
    let mut reports = Reports::default();
    trainer.run(&every_two(12), &mut reports).unwrap();
    let found = &reports.evaluations;
    let losses: Vec<_> = found.iter().map(|e| e.val_loss.unwrap()).collect();
    assert_eq!(losses, held_out);
    near(found[0].perplexity.unwrap(), 3.0_f64.exp());
    let is_best: Vec<bool> = found.iter().map(|e| e.is_best).collect();
    assert_eq!(is_best, [true, true, false, false, true, false]);
    let progress = trainer.progress();
    let best = progress.best.unwrap();
    assert_eq!(
        (best.step, best.val_loss, progress.since_best),
        (10, 1.0, 1)
    );
    assert_eq!(trainer.network.parameter_count(), SEQUENCES * 2);
}
