//! The first thirty steps of training, for every task, engine, instruction set of this machine, and one
//! to three threads, against the spec engine in double precision: loss, norm, gradients, weights.
//!
//! The trainer is that of real runs. Two references are compared with it after every step:
//!
//! - one *beside* it, which gets the trainer's weights before every step. Rounding errors do not add up,
//!   so the tolerance is small;
//! - one *alone*, which has its own weights and its own optimiser. It sees what the trainer keeps from
//!   one step to the next.
//!
//! Each test prints what it measures: `cargo test -p lstm-tasks --test tasks first_steps -- --nocapture`.

mod compare;
mod follower;

use crate::reference::Reference;
use crate::subjects::{Subject, pairs, sentences, text};
use compare::{Places, places};
use follower::{Differences, Follower, Milestone, Truth};
use lstm_fast::{Fast, Level};
use lstm_model::{Batched, Engine, Layer, Spec};
use lstm_tasks::Cut;

const STEPS: u64 = 30;

/// A run of thirty steps.
struct Course<A: Reference> {
    subject: Subject<A>,
    /// c of E18, so chosen that some steps are clipped and some are not.
    max_norm: f64,
    /// The number of sequences in the smallest batch.
    smallest: usize,
    /// The largest differences of all engines, levels and numbers of threads. A decade more is allowed.
    measured: Differences,
}

impl<A: Reference> Course<A> {
    /// The run has a second epoch, a short batch, and steps with and without clipping.
    fn assert_severe(&self, alone: &[Milestone]) {
        let (epoch, _) = self.subject.shape(0);
        assert!(2 * epoch <= STEPS, "an epoch has {epoch} steps");
        let sizes = (0..epoch).map(|step| self.subject.shape(step).1);
        assert_eq!(sizes.min(), Some(self.smallest));
        let clipped = alone.iter().filter(|m| m.norm > self.max_norm).count();
        let norms: Vec<f64> = alone.iter().map(|m| m.norm).collect();
        assert!(
            (5..=25).contains(&clipped),
            "{clipped} steps are clipped: norms {norms:.2?}"
        );
    }

    fn follow<R: Engine<Scalar = f32>>(
        &self,
        (places, alone): (&Places, &[Milestone]),
        name: &str,
        threads: usize,
        prepare: impl Fn(&mut R),
    ) {
        let mut follower = Follower::new((self, places), name, threads, prepare);
        for (step, milestone) in (0..).zip(alone) {
            let report = follower.step(step);
            follower.compare_with(milestone, &report);
        }
        println!("{}: {:?}", follower.name, follower.most);
    }

    fn check_slow_engines(&self) {
        let places = places(self.subject.network::<Spec<f32>>());
        let reference = (&places, &Truth::alone(self, &places)[..]);
        for threads in 1..=3 {
            let (spec, batched) = (Spec::<f32>::NAME, Batched::<f32>::NAME);
            self.follow::<Spec<f32>>(reference, spec, threads, |_| ());
            self.follow::<Batched<f32>>(reference, batched, threads, |_| ());
        }
    }

    fn check_fast_engine(&self) {
        let places = places(self.subject.network::<Spec<f32>>());
        let alone = Truth::alone(self, &places);
        self.assert_severe(&alone);
        for threads in 1..=3 {
            for level in Level::available() {
                let name = format!("fast, {level}");
                self.follow((&places, &alone), &name, threads, |layer: &mut Fast| {
                    *layer = layer.clone().with_level(level);
                });
            }
        }
    }

    fn check(&self) {
        self.check_fast_engine();
        self.check_slow_engines();
    }
}

const fn measured(loss: f64, gradient: f64, loss_alone: f64, weight: f64) -> Differences {
    Differences {
        loss,
        gradient,
        loss_alone,
        weight,
    }
}

/// The last chunk of an epoch is short, and one of the streams has padding in it.
#[test]
fn a_language_model_of_streams_trains_as_the_spec_engine_in_double_precision() {
    let mut subject = text(Cut::Streams, 5 * 32 + 5, 7, 5);
    subject.description.network.embed_size = 7;
    subject.description.network.hidden_size = 19;
    let measured = measured(3.6e-7, 1.7e-6, 7.2e-7, 5.2e-7);
    Course {
        subject,
        max_norm: 0.34,
        smallest: 5,
        measured,
    }
    .check();
}

/// One-hot tokens, and fewer streams than threads.
#[test]
fn a_language_model_without_an_embedding_trains_as_the_spec_engine_in_double_precision() {
    let mut subject = text(Cut::Streams, 2 * 32 + 2, 23, 2);
    subject.description.network.embed_size = 0;
    subject.description.network.hidden_size = 9;
    let measured = measured(1.4e-7, 1.3e-6, 1.6e-7, 3.7e-7);
    Course {
        subject,
        max_norm: 0.4,
        smallest: 2,
        measured,
    }
    .check();
}

/// A full batch has more tokens than the vocabulary, the last batch of an epoch has fewer.
#[test]
fn a_language_model_of_windows_trains_as_the_spec_engine_in_double_precision() {
    let mut subject = text(Cut::Windows, 32 + 5, 41, 5);
    subject.description.network.embed_size = 7;
    subject.description.network.hidden_size = 19;
    let measured = measured(1.8e-7, 1.5e-6, 1.8e-7, 7.1e-7);
    Course {
        subject,
        max_norm: 0.35,
        smallest: 2,
        measured,
    }
    .check();
}

/// The layer is so wide that all threads work on the same sequences, each on other units.
#[test]
fn a_wide_language_model_trains_as_the_spec_engine_in_double_precision() {
    let mut subject = text(Cut::Windows, 27 + 2, 7, 5);
    subject.settings.seq_len = 2;
    subject.description.network.embed_size = 5;
    subject.description.network.hidden_size = 182;
    subject.description.network.layers = 1;
    let measured = measured(5.2e-7, 1.6e-6, 6.1e-7, 4.9e-7);
    Course {
        subject,
        max_norm: 0.5,
        smallest: 2,
        measured,
    }
    .check_fast_engine();
}

#[test]
fn a_labeller_trains_as_the_spec_engine_in_double_precision() {
    let mut subject = sentences(32, 5);
    subject.description.network.hidden_size = 18;
    let measured = measured(6.4e-7, 7.2e-6, 2.8e-7, 4.7e-7);
    Course {
        subject,
        max_norm: 0.8,
        smallest: 2,
        measured,
    }
    .check();
}

#[test]
fn a_translator_trains_as_the_spec_engine_in_double_precision() {
    let mut subject = pairs(32, 5, false);
    subject.description.network.embed_size = 7;
    subject.description.network.hidden_size = 18;
    let measured = measured(1.7e-6, 4.8e-6, 2.3e-7, 4.6e-7);
    Course {
        subject,
        max_norm: 0.75,
        smallest: 2,
        measured,
    }
    .check();
}

#[test]
fn a_summariser_that_copies_trains_as_the_spec_engine_in_double_precision() {
    let mut subject = pairs(32, 5, true);
    subject.description.network.embed_size = 7;
    subject.description.network.hidden_size = 18;
    subject.description.network.layers = 2;
    let measured = measured(9.6e-7, 9.4e-6, 2.7e-7, 4.2e-6);
    Course {
        subject,
        max_norm: 0.5,
        smallest: 2,
        measured,
    }
    .check();
}
