//! A trainer, step by step, with the two references.

use super::compare::{Named, Places, most_different, named, set_weights};
use super::{Course, STEPS};
use crate::reference::{Carried, Reference};
use crate::subjects::{Subject, exported};
use lstm_bptt::clip_global_norm;
use lstm_model::{Alone, Engine, Parameters, Spec};
use lstm_train::{Descent, Optimizer, OptimizerState, Schedule, StepReport, Trainer, Workers};

/// With β₁ = 1/2 the first moments of the trainer tell its clipped gradient: g = 2 m_n − m_{n−1}. With
/// ε = 1e−8 a gradient that is only rounding error would change its weight by a full step.
const OPTIMIZER: Optimizer = Optimizer::Adam {
    beta1: 0.5,
    beta2: 0.9,
    epsilon: 1e-3,
};
const LEARNING_RATE: f64 = 0.02;

/// The largest differences of a run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Differences {
    /// Of loss and norm, relative, beside.
    pub loss: f64,
    /// Of a gradient beside, relative to the largest element of its tensor.
    pub gradient: f64,
    /// Of the loss, relative, alone.
    pub loss_alone: f64,
    /// Of a weight, alone.
    pub weight: f64,
}

/// The spec engine in double precision: weights and carried states.
pub struct Truth<A: Reference> {
    network: A::Truth,
    carried: Carried,
}

/// What a reference that trains alone has after a step.
pub struct Milestone {
    pub loss: f64,
    pub norm: f64,
    pub weights: Vec<f64>,
}

/// A trainer with the reference beside it.
pub struct Follower<'a, A: Reference, R: Engine<Scalar = f32>> {
    course: &'a Course<A>,
    places: &'a Places,
    pub name: String,
    trainer: Trainer<A::Task<R>>,
    beside: Truth<A>,
    /// m of E23 after the step before.
    first: Named,
    pub most: Differences,
}

fn relative(found: f64, expected: f64) -> f64 {
    (found / expected - 1.0).abs()
}

impl<A: Reference> Truth<A> {
    fn new(subject: &Subject<A>) -> Self {
        Self {
            network: A::zeros(subject),
            carried: Carried::new(),
        }
    }

    /// The loss of a token, the norm of the gradient, and the clipped gradient (E18).
    fn step(&mut self, course: &Course<A>, step: u64) -> (f64, f64, A::Truth) {
        let (loss, mut grad) = A::gradient(&course.subject, &self.network, step, &mut self.carried);
        let norm = clip_global_norm(&mut grad.slices_mut(), course.max_norm);
        (loss.nats / loss.tokens as f64, norm, grad)
    }

    /// The run of a reference that trains alone.
    pub fn alone(course: &Course<A>, places: &Places) -> Vec<Milestone> {
        let mut truth = Self::new(&course.subject);
        let start = course.subject.network::<Spec<f32>>();
        set_weights(&mut truth.network, places, &named(exported(&start), ""));
        let mut optimizer = OptimizerState::new(OPTIMIZER, &truth.network);
        let milestones = (0..STEPS).map(|step| {
            let (loss, norm, grad) = truth.step(course, step);
            optimizer.step(&mut truth.network, &grad, LEARNING_RATE, &Alone);
            let weights = truth.network.slices().concat();
            Milestone {
                loss,
                norm,
                weights,
            }
        });
        milestones.collect()
    }
}

impl<'a, A: Reference, R: Engine<Scalar = f32>> Follower<'a, A, R> {
    /// A trainer before its first step. `prepare` changes its layers.
    pub fn new(
        (course, places): (&'a Course<A>, &'a Places),
        name: &str,
        threads: usize,
        prepare: impl Fn(&mut R),
    ) -> Self {
        let mut network = course.subject.network::<R>();
        A::layers(&mut network).into_iter().for_each(prepare);
        let task = course.subject.task::<R>(&network);
        let descent = Descent {
            optimizer: OPTIMIZER,
            learning_rate: LEARNING_RATE,
            schedule: Schedule::Constant,
            max_norm: Some(course.max_norm),
        };
        let workers = Workers::new(threads).unwrap();
        let trainer = Trainer::new(task, network, descent, workers).unwrap();
        Self {
            first: named(trainer.export(), "optimizer.first."),
            course,
            places,
            name: format!("{name}, {threads} threads"),
            trainer,
            beside: Truth::new(&course.subject),
            most: Differences::default(),
        }
    }

    /// Notes a difference, and panics if it is not allowed.
    fn note(&mut self, of: fn(&mut Differences) -> &mut f64, difference: f64, what: &str) {
        let mut measured = self.course.measured;
        let (name, allowed) = (&self.name, 10.0 * *of(&mut measured));
        let step = self.trainer.progress().step;
        assert!(
            difference <= allowed,
            "{name}, step {step}: {what}: off by {difference:e}, allowed {allowed:e}"
        );
        let most = of(&mut self.most);
        *most = most.max(difference);
    }

    /// A step of the trainer, compared with the reference beside it.
    pub fn step(&mut self, step: u64) -> StepReport {
        let weights = named(exported(&self.trainer.network), "");
        set_weights(&mut self.beside.network, self.places, &weights);
        let (loss, norm, grad) = self.beside.step(self.course, step);
        let report = self.trainer.step().unwrap();
        self.note(|d| &mut d.loss, relative(report.loss, loss), "the loss");
        let off = relative(report.gradient_norm, norm);
        self.note(|d| &mut d.loss, off, "the norm");

        let first = named(self.trainer.export(), "optimizer.first.");
        let mut found = first.clone();
        for (g, before) in found.values_mut().zip(self.first.values()) {
            for (g, before) in g.iter_mut().zip(before) {
                *g = 2.0 * *g - before;
            }
        }
        self.first = first;
        // A tensor whose gradient is a thousandth of the whole is mostly rounding error.
        let least = 1e-3 * norm.min(self.course.max_norm);
        let grad = grad.slices().concat();
        let (off, place) = most_different(self.places, &found, &grad, |m| m.max(least));
        self.note(|d| &mut d.gradient, off, &format!("gradient: {place}"));
        report
    }

    /// Compares the trainer after a step with the reference that trains alone.
    pub fn compare_with(&mut self, alone: &Milestone, report: &StepReport) {
        let off = relative(report.loss, alone.loss);
        self.note(|d| &mut d.loss_alone, off, "the loss, alone");
        let weights = named(exported(&self.trainer.network), "");
        let (off, place) = most_different(self.places, &weights, &alone.weights, |_| 1.0);
        self.note(|d| &mut d.weight, off, &format!("weight, alone: {place}"));
    }
}
