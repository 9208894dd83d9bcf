//! A training step's gradient is the gradient of its batch's loss and does not depend on earlier steps:
//! over whole epochs with short last batches, for every task, engine and number of threads, against the
//! spec engine on one thread. And a run that is resumed at any step has the bits of the uninterrupted run.

use crate::subjects::{
    NetworkOf, Subject, classified_series, classified_texts, exported, pairs, sentences, series,
    text,
};
use lstm_fast::Fast;
use lstm_model::{Batched, Canonical, Engine, Parameters, Spec, Tensors};
use lstm_tasks::Cut;
use lstm_tasks::classify::Pooling;
use lstm_tasks::forecast::{Objective, Reference};
use lstm_train::{Application, Descent, Description, PartGradients, Plan, Task, Trainer, Workers};
use proptest::prelude::*;

/// A decade above the largest difference measured over the cases below, 2e−5 (fast engine).
const TOLERANCE: f32 = 2e-4;

/// The largest difference between two gradients, relative to the largest element of their tensor.
fn difference(a: &Tensors, b: &Tensors) -> f32 {
    assert!(a.keys().eq(b.keys()));
    let tensors = a.values().zip(b.values());
    let of_one = tensors.map(|(a, b)| {
        let largest = a.data.iter().fold(1e-6_f32, |m, v| m.max(v.abs()));
        let pairs = a.data.iter().zip(&b.data);
        pairs.fold(0.0_f32, |m, (a, b)| m.max((a - b).abs())) / largest
    });
    of_one.fold(0.0, f32::max)
}

impl<A: Application> Subject<A> {
    /// Two epochs and two steps: the gradients of the engine `R` on `threads` threads, in memory that held
    /// the gradients of earlier steps, against the spec engine's gradients in new memory.
    fn steps_agree<R: Engine<Scalar = f32>>(&self, threads: usize) {
        type S = Spec<f32>;
        let mut reference: NetworkOf<A, S> = self.description.init(3).unwrap();
        let mut network: NetworkOf<A, R> = self.description.zeros().unwrap();
        let mut reference_task = self.task::<S>(&reference);
        let mut task = self.task::<R>(&network);
        let (one, workers) = (Workers::new(1).unwrap(), Workers::new(threads).unwrap());
        let mut gradients = PartGradients::new(&network);
        for step in 0..2 * task.steps_per_epoch() + 2 {
            network.import("", &mut exported(&reference)).unwrap();
            let (loss, grad, _) = gradients.compute(&mut task, &network, step, &workers);
            let found = exported(grad);
            let mut fresh = PartGradients::new(&reference);
            let (expected_loss, grad, _) =
                fresh.compute(&mut reference_task, &reference, step, &one);
            assert_eq!(loss.tokens, expected_loss.tokens);
            let off = difference(&exported(grad), &found);
            assert!(
                off < TOLERANCE,
                "{} engine, {threads} threads, step {step}: the gradient is off by {off:e}",
                R::NAME
            );
            let off = (loss.nats / expected_loss.nats - 1.0).abs();
            assert!(off < 1e-5, "step {step}: the loss is off by {off:e}");
            let slices = reference.slices_mut().into_iter().zip(grad.slices());
            for (theta, g) in slices.flat_map(|(theta, g)| theta.iter_mut().zip(g)) {
                *theta -= 0.5 * g;
            }
        }
    }

    fn all_engines_agree(&self, threads: usize) {
        self.steps_agree::<Spec<f32>>(threads);
        self.steps_agree::<Batched<f32>>(threads);
        self.steps_agree::<Fast>(threads);
    }

    /// A trainer that was exported and imported after every step, against one that was not.
    fn resumes_at_every_step<R: Engine<Scalar = f32>>(&self, threads: usize) {
        let network: NetworkOf<A, R> = self.description.init(3).unwrap();
        let task = self.task::<R>(&network);
        let workers = || Workers::new(threads).unwrap();
        let descent = Descent::default();
        let mut whole = Trainer::new(task, network.clone(), descent, workers()).unwrap();
        let task = self.task::<R>(&network);
        let mut parts = Trainer::new(task, network.clone(), descent, workers()).unwrap();
        let steps = 2 * whole.task.steps_per_epoch() + 2;
        for step in 1..=steps {
            let plan = Plan::steps(step);
            let _ = whole.run(&plan, &mut ()).unwrap();
            let _ = parts.run(&plan, &mut ()).unwrap();
            assert_eq!(
                exported(&parts.network),
                exported(&whole.network),
                "{} engine, {threads} threads, step {step}",
                R::NAME
            );
            let (state, tensors) = (parts.state(), parts.export());
            let task = self.task::<R>(&network);
            parts = Trainer::import(task, parts.network, &state, tensors, workers()).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_window_s_step_depends_on_no_step_before(
        windows in 1..20_usize, batch_size in 1..8_usize, threads in 1..5_usize,
    ) {
        text(Cut::Windows, windows + 5, 7, batch_size).all_engines_agree(threads);
    }

    #[test]
    fn a_stream_s_step_depends_only_on_the_states_carried_into_it(
        length in 6..20_usize, batch_size in 1..8_usize, threads in 1..5_usize,
    ) {
        text(Cut::Streams, length * batch_size + 1, 7, batch_size).all_engines_agree(threads);
    }

    #[test]
    fn a_pair_s_step_depends_on_no_step_before(
        count in 1..14_usize, batch_size in 1..8_usize, threads in 1..5_usize, copies: bool,
    ) {
        pairs(count, batch_size, copies).all_engines_agree(threads);
    }

    #[test]
    fn a_sentence_s_step_depends_on_no_step_before(
        count in 1..14_usize, batch_size in 1..8_usize, threads in 1..5_usize,
    ) {
        sentences(count, batch_size).all_engines_agree(threads);
    }

    #[test]
    fn a_series_step_depends_on_no_step_before(
        rows in 8..30_usize, batch_size in 1..8_usize, threads in 1..5_usize,
    ) {
        series(rows, batch_size, Objective::Gaussian, Reference::Season).all_engines_agree(threads);
    }

    #[test]
    fn the_step_of_a_classifier_depends_on_no_step_before(
        count in 3..14_usize, batch_size in 1..8_usize, threads in 1..5_usize, both_ways: bool, last: bool,
    ) {
        let pooling = if last { Pooling::Last } else { Pooling::Mean };
        classified_texts(count, batch_size, both_ways, pooling).all_engines_agree(threads);
        classified_series(count, batch_size, both_ways, pooling).all_engines_agree(threads);
    }
}

#[test]
fn every_task_resumes_at_every_step_to_the_bit() {
    for threads in [1, 2, 3] {
        for cut in [Cut::Windows, Cut::Streams] {
            let subject = text(cut, 43, 7, 4);
            subject.resumes_at_every_step::<Batched<f32>>(threads);
            subject.resumes_at_every_step::<Fast>(threads);
        }
        pairs(9, 4, false).resumes_at_every_step::<Fast>(threads);
        pairs(9, 4, true).resumes_at_every_step::<Fast>(threads);
        sentences(9, 4).resumes_at_every_step::<Fast>(threads);
        series(25, 4, Objective::Gaussian, Reference::Season)
            .resumes_at_every_step::<Fast>(threads);
        classified_texts(9, 4, true, Pooling::Last).resumes_at_every_step::<Fast>(threads);
        classified_series(9, 4, false, Pooling::Mean).resumes_at_every_step::<Fast>(threads);
    }
}
