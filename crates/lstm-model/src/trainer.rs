//! The training loop, for anything that has a loss and a gradient.

use crate::{
    Canonical, Loss, ModelError, Optimizer, OptimizerState, Parameters, Schedule, ScheduleState,
    Tensors, bits_per_character, perplexity,
};
use lstm_bptt::clip_global_norm;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::time::Instant;

/// What is learned: weights, batches, a loss.
///
/// Which batch a step sees, and every random choice in it, is a function of `step` and of what
/// [`export`](Self::export) stores. That is all it takes for a resumed run to go on to the bit.
pub trait Task {
    /// The weights.
    type Params: Parameters<Scalar = f32> + Canonical;

    /// Adds the gradient of the mean loss of batch number `step` to `grad`.
    fn gradient(&mut self, params: &Self::Params, step: u64, grad: &mut Self::Params) -> Loss;

    /// The mean loss on what training does not see; `None` if nothing was held out.
    fn validate(&self, params: &Self::Params) -> Option<f64>;

    /// How many steps see everything once.
    fn steps_per_epoch(&self) -> u64;

    /// Stores what one step hands to the next besides the weights, such as a carried state.
    fn export(&self, tensors: &mut Tensors);

    /// Takes back what [`export`](Self::export) stored.
    ///
    /// # Errors
    /// [`ModelError::Tensor`] if a tensor is missing or has another shape.
    fn import(&mut self, tensors: &mut Tensors) -> Result<(), ModelError>;
}

/// How the weights are changed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Descent {
    /// The rule.
    pub optimizer: Optimizer,
    /// η at the start.
    pub learning_rate: f64,
    /// How η changes.
    pub schedule: Schedule,
    /// c of E18; `None` never clips.
    pub max_norm: Option<f64>,
}

/// When to stop, and when to look at the validation loss.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Stop after so many steps in all.
    pub steps: Option<u64>,
    /// Stop after so many seconds in all.
    pub seconds: Option<f64>,
    /// Evaluate every so many steps.
    pub eval_every: u64,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// Steps done.
    pub step: u64,
    /// Seconds spent, evaluations included, over all the sessions of the run.
    pub seconds: f64,
    /// The training loss since the last evaluation.
    pub interval: Loss,
    /// The seconds of those steps alone.
    pub interval_seconds: f64,
}

/// One step as it went.
#[derive(Clone, Copy, Debug)]
pub struct StepReport {
    /// Its number, counted from 1.
    pub step: u64,
    /// Mean loss of its batch in nats.
    pub loss: f64,
    /// Tokens in its batch.
    pub tokens: usize,
    /// ‖g‖₂ before clipping (E18).
    pub gradient_norm: f64,
    /// η used.
    pub learning_rate: f64,
}

/// One line of `metrics.jsonl`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Steps done.
    pub step: u64,
    /// Seconds since the run began.
    pub seconds: f64,
    /// Mean training loss in nats since the evaluation before.
    pub train_loss: f64,
    /// Mean validation loss in nats; `null` if nothing was held out.
    pub val_loss: Option<f64>,
    /// Bits per character (E22) of the validation loss, or else of the training loss.
    pub bpc: f64,
    /// Perplexity (E22) of the same.
    pub perplexity: f64,
    /// Characters (tokens) trained on per second since the evaluation before.
    pub chars_per_s: f64,
}

/// Who watches a run: draws its progress, writes its metrics, saves its checkpoints.
pub trait Observer<T: Task> {
    /// After every step. `Break` stops the run cleanly.
    fn on_step(&mut self, trainer: &Trainer<T>, report: &StepReport) -> ControlFlow<()>;

    /// After every evaluation.
    ///
    /// # Errors
    /// Whatever goes wrong in writing it down; the run then stops.
    fn on_evaluation(
        &mut self,
        trainer: &Trainer<T>,
        evaluation: &Evaluation,
    ) -> Result<(), ModelError>;
}

/// Everything about a run that is not a tensor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainerState {
    /// The rule of descent.
    pub descent: Descent,
    /// n of E23.
    pub optimizer_steps: u64,
    /// The schedule.
    pub schedule: ScheduleState,
    /// Where the run stands.
    pub progress: Progress,
}

impl TrainerState {
    /// A run before its first step.
    ///
    /// # Errors
    /// [`ModelError::Setting`] if the learning rate or the norm to clip at is not positive.
    pub fn new(descent: Descent) -> Result<Self, ModelError> {
        if let Some(c) = descent.max_norm
            && !(c.is_finite() && c > 0.0)
        {
            return Err(ModelError::setting(
                "norm to clip at",
                c,
                "a positive number",
            ));
        }
        Ok(Self {
            schedule: ScheduleState::new(descent.schedule, descent.learning_rate)?,
            descent,
            optimizer_steps: 0,
            progress: Progress::default(),
        })
    }
}

/// A run: a task, its weights, and the optimiser between them.
pub struct Trainer<T: Task> {
    /// What is learned.
    pub task: T,
    /// The weights.
    pub params: T::Params,
    state: TrainerState,
    optimizer: OptimizerState<T::Params>,
    grad: T::Params,
}

impl<T: Task> Trainer<T> {
    /// A run at its beginning.
    ///
    /// # Errors
    /// As [`TrainerState::new`].
    pub fn new(task: T, params: T::Params, descent: Descent) -> Result<Self, ModelError> {
        Ok(Self {
            state: TrainerState::new(descent)?,
            optimizer: OptimizerState::new(descent.optimizer, &params),
            grad: params.zeros_like(),
            task,
            params,
        })
    }

    /// Where the run stands.
    pub fn progress(&self) -> &Progress {
        &self.state.progress
    }

    /// Trains until the plan is fulfilled (`true`) or the observer breaks off (`false`).
    ///
    /// # Errors
    /// [`ModelError::NotFinite`] if the loss is NaN or infinite, before any weight is changed; or
    /// what the observer could not write.
    pub fn run(
        &mut self,
        plan: &Plan,
        observer: &mut impl Observer<T>,
    ) -> Result<bool, ModelError> {
        let (before, start) = (self.state.progress.seconds, Instant::now());
        while !self.is_done(plan) {
            let report = self.step()?;
            self.state.progress.seconds = before + start.elapsed().as_secs_f64();
            let flow = observer.on_step(self, &report);
            let due = self.state.progress.step.is_multiple_of(plan.eval_every);
            if due || (self.is_done(plan) && flow.is_continue()) {
                let mut evaluation = self.evaluate();
                self.state.progress.seconds = before + start.elapsed().as_secs_f64();
                evaluation.seconds = self.state.progress.seconds;
                if due {
                    // Only an evaluation on schedule may change the course of the run: a run that
                    // stops in between and goes on is then the same run.
                    self.state.progress.interval = Loss::default();
                    self.state.progress.interval_seconds = 0.0;
                    if let Some(val_loss) = evaluation.val_loss {
                        self.state.schedule.observe(val_loss);
                    }
                }
                observer.on_evaluation(self, &evaluation)?;
            }
            if flow.is_break() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_done(&self, plan: &Plan) -> bool {
        plan.steps
            .is_some_and(|steps| self.state.progress.step >= steps)
            || plan
                .seconds
                .is_some_and(|seconds| self.state.progress.seconds >= seconds)
    }

    /// One step: gradient, clipping (E18), descent (E23).
    fn step(&mut self) -> Result<StepReport, ModelError> {
        let start = Instant::now();
        let step = self.state.progress.step;
        let learning_rate = self.state.schedule.rate(step);
        self.grad.set_zero();
        let Loss { nats, tokens } = self.task.gradient(&self.params, step, &mut self.grad);
        let loss = nats / tokens as f64;
        let max_norm = self
            .state
            .descent
            .max_norm
            .map_or(f32::INFINITY, |c| c as f32);
        let norm = clip_global_norm(&mut self.grad.slices_mut(), max_norm);
        if !(loss.is_finite() && norm.is_finite()) {
            return Err(ModelError::NotFinite {
                step: step + 1,
                loss: if loss.is_finite() {
                    f64::from(norm)
                } else {
                    loss
                },
                learning_rate,
            });
        }
        self.optimizer
            .step(&mut self.params, &self.grad, learning_rate);
        self.state.progress.step += 1;
        self.state.progress.interval.nats += nats;
        self.state.progress.interval.tokens += tokens;
        self.state.progress.interval_seconds += start.elapsed().as_secs_f64();
        Ok(StepReport {
            step: self.state.progress.step,
            loss,
            tokens,
            gradient_norm: f64::from(norm),
            learning_rate,
        })
    }

    fn evaluate(&self) -> Evaluation {
        let Progress {
            step,
            seconds,
            interval,
            interval_seconds,
        } = self.state.progress;
        let train_loss = interval.nats / interval.tokens as f64;
        let val_loss = self.task.validate(&self.params);
        let judged = val_loss.unwrap_or(train_loss);
        Evaluation {
            step,
            seconds,
            train_loss,
            val_loss,
            bpc: bits_per_character(judged),
            perplexity: perplexity(judged),
            chars_per_s: interval.tokens as f64 / interval_seconds,
        }
    }

    /// Everything there is to know of the run: what is not a tensor, and the tensors.
    pub fn export(&self) -> (TrainerState, Tensors) {
        let mut tensors = Tensors::new();
        self.params.export("weights", &mut tensors);
        if let Some(first) = &self.optimizer.first {
            first.export("optimizer.first", &mut tensors);
        }
        if let Some(second) = &self.optimizer.second {
            second.export("optimizer.second", &mut tensors);
        }
        self.task.export(&mut tensors);
        let state = TrainerState {
            optimizer_steps: self.optimizer.steps,
            ..self.state.clone()
        };
        (state, tensors)
    }

    /// A run where [`export`](Self::export) left it. `params` has the right shapes; its numbers do not matter.
    ///
    /// # Errors
    /// [`ModelError::Tensor`] if a tensor is missing, left over or of another shape.
    pub fn import(
        task: T,
        params: T::Params,
        state: &TrainerState,
        mut tensors: Tensors,
    ) -> Result<Self, ModelError> {
        let mut trainer = Self::new(task, params, state.descent)?;
        trainer.params.import("weights", &mut tensors)?;
        if let Some(first) = &mut trainer.optimizer.first {
            first.import("optimizer.first", &mut tensors)?;
        }
        if let Some(second) = &mut trainer.optimizer.second {
            second.import("optimizer.second", &mut tensors)?;
        }
        trainer.task.import(&mut tensors)?;
        if let Some(name) = tensors.keys().next() {
            return Err(ModelError::tensor(name, "no part of this run"));
        }
        trainer.optimizer.steps = state.optimizer_steps;
        trainer.state = state.clone();
        Ok(trainer)
    }
}
