//! Runs: they learn, they repeat, they resume to the bit, and they stop before harm is done.

use crate::checkpoints::{TEXT, header, trainer};
use lstm_model::{
    Batched, Cut, Evaluation, ModelError, Network, Observer, Parameters, Plan, Recurrent,
    RunHeader, Sampler, Spec, StepReport, Stream, Task, Trainer, resume, store,
};
use std::ops::ControlFlow;

/// Notes every loss; breaks off after `stop_after` steps of this session.
#[derive(Default)]
pub struct Notes {
    pub losses: Vec<f64>,
    pub evaluations: Vec<Evaluation>,
    pub stop_after: Option<usize>,
}

impl<T: Task> Observer<T> for Notes {
    fn on_step(&mut self, _: &Trainer<T>, report: &StepReport) -> ControlFlow<()> {
        self.losses.push(report.loss);
        match self.stop_after {
            Some(n) if self.losses.len() >= n => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }

    fn on_evaluation(&mut self, _: &Trainer<T>, evaluation: &Evaluation) -> Result<(), ModelError> {
        self.evaluations.push(*evaluation);
        Ok(())
    }
}

fn plan(steps: u64) -> Plan {
    Plan {
        steps: Some(steps),
        seconds: None,
        eval_every: 5,
    }
}

fn losses<R: Recurrent<Scalar = f32>>(cut: Cut, threads: usize, steps: u64) -> Vec<f64> {
    let mut notes = Notes::default();
    assert!(
        trainer::<R>(cut, threads, 0.01)
            .run(&plan(steps), &mut notes)
            .unwrap()
    );
    notes.losses
}

fn bits<R: Recurrent<Scalar = f32>>(network: &Network<R>) -> Vec<u32> {
    network
        .slices()
        .concat()
        .into_iter()
        .map(f32::to_bits)
        .collect()
}

#[test]
fn a_model_learns_a_repeating_text_by_heart() {
    let mut trainer = trainer::<Batched<f32>>(Cut::Streams, 2, 0.02);
    let mut notes = Notes::default();
    trainer.run(&plan(150), &mut notes).unwrap();
    let last = notes.evaluations.last().unwrap();
    let chance = f64::from(10_u8).ln();
    assert!(
        notes.losses[0] > 0.8 * chance,
        "first loss {}",
        notes.losses[0]
    );
    assert!(last.val_loss.unwrap() < 0.15 * chance, "{last:?}");
    assert!((last.perplexity - last.val_loss.unwrap().exp()).abs() < 1e-12);
    let greedy = Sampler::new(0.0, None, None).unwrap();
    let vocabulary = header(Cut::Streams, 2).vocabulary;
    let prime = vocabulary.encode(&TEXT[..6]).unwrap();
    let mut generator = lstm_model::Generator::new(&trainer.params, &prime, 1);
    let mut rng = Stream::Sampling.rng(0, 0, 0);
    let ids: Vec<u32> = (0..20)
        .map(|_| generator.next_token(&greedy, &mut rng))
        .collect();
    assert_eq!(vocabulary.decode(&ids).unwrap(), TEXT[6..26]);
}

#[test]
fn both_engines_have_the_same_losses() {
    for cut in [Cut::Streams, Cut::Windows] {
        let (spec, batched) = (
            losses::<Spec<f32>>(cut, 2, 10),
            losses::<Batched<f32>>(cut, 2, 10),
        );
        for (step, (s, b)) in spec.iter().zip(&batched).enumerate() {
            assert!(
                (s - b).abs() < 1e-4,
                "{cut:?}, step {step}: spec {s}, batched {b}"
            );
        }
    }
}

#[test]
fn the_same_seed_repeats_a_run_to_the_bit_and_threads_change_only_rounding() {
    let one = losses::<Batched<f32>>(Cut::Windows, 1, 12);
    let three = losses::<Batched<f32>>(Cut::Windows, 3, 12);
    assert_eq!(three, losses::<Batched<f32>>(Cut::Windows, 3, 12));
    for (step, (a, b)) in one.iter().zip(&three).enumerate() {
        assert!(
            (a - b).abs() < 1e-4,
            "step {step}: {a} with one thread, {b} with three"
        );
    }
}

#[test]
fn a_resumed_run_is_the_uninterrupted_run_to_the_bit() {
    for cut in [Cut::Streams, Cut::Windows] {
        let mut whole = trainer::<Batched<f32>>(cut, 2, 0.01);
        let mut whole_notes = Notes::default();
        whole.run(&plan(23), &mut whole_notes).unwrap();
        // Broken off where no evaluation is due, within an epoch and past one.
        for stop_after in [1, 7, 16] {
            let dir = tempfile::tempdir().unwrap();
            let mut first = trainer::<Batched<f32>>(cut, 2, 0.01);
            let mut notes = Notes {
                stop_after: Some(stop_after),
                ..Notes::default()
            };
            assert!(!first.run(&plan(23), &mut notes).unwrap());
            header(cut, 2).save(dir.path(), &first).unwrap();
            let (stored, tensors) = store::load(dir.path()).unwrap();
            let task = trainer::<Batched<f32>>(cut, 2, 0.01).task;
            let mut second = resume::<Batched<f32>>(
                dir.path(),
                &stored,
                tensors,
                task.corpus().clone(),
                lstm_model::Workers::new(2).unwrap(),
            )
            .unwrap();
            notes.stop_after = None;
            assert!(second.run(&plan(23), &mut notes).unwrap());
            assert_eq!(
                notes.losses, whole_notes.losses,
                "{cut:?} after {stop_after}"
            );
            assert_eq!(
                bits(&second.params),
                bits(&whole.params),
                "{cut:?} after {stop_after}"
            );
            let curve = |notes: &Notes| -> Vec<_> {
                notes
                    .evaluations
                    .iter()
                    .map(|e| (e.step, e.train_loss, e.val_loss))
                    .collect()
            };
            assert_eq!(curve(&notes), curve(&whole_notes));
        }
    }
}

#[test]
fn a_loss_that_is_not_finite_stops_the_run_before_the_weights_change() {
    let mut trainer = trainer::<Batched<f32>>(Cut::Streams, 1, 0.01);
    trainer.params.head.b[0] = f32::NAN;
    let before = bits(&trainer.params);
    let message = trainer
        .run(&plan(5), &mut Notes::default())
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "the loss is not finite at step 1 (learning rate 0.01): resume from the last checkpoint with a lower learning rate or a smaller norm to clip at"
    );
    assert_eq!(bits(&trainer.params), before);
    assert_eq!(trainer.progress().step, 0);
}
