//! The training loop, for anything that has a loss and a gradient.

use crate::{
    Canonical, Descent, Evaluation, Loss, ModelError, Observer, OptimizerState, Parameters, Plan,
    Progress, StepReport, Task, Tensors, TrainerState, bits_per_character, perplexity,
};
use lstm_bptt::clip_global_norm;
use std::time::Instant;

/// A run: a task, its weights, and the optimiser between them.
pub struct Trainer<T: Task> {
    /// What is learned.
    pub task: T,
    /// The weights.
    pub params: T::Params,
    state: TrainerState,
    optimizer: OptimizerState<T::Params>,
    /// Zero between two steps.
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
        while !plan.is_reached(&self.state.progress) {
            let report = self.step()?;
            self.state.progress.seconds = before + start.elapsed().as_secs_f64();
            let flow = observer.on_step(self, &report);
            let due = self.state.progress.step.is_multiple_of(plan.eval_every);
            if due || (plan.is_reached(&self.state.progress) && flow.is_continue()) {
                self.check_weights()?;
                let mut evaluation = self.evaluate()?;
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
                self.check_weights()?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// One step: gradient, clipping (E18), descent (E23).
    fn step(&mut self) -> Result<StepReport, ModelError> {
        let start = Instant::now();
        let step = self.state.progress.step;
        let learning_rate = self.state.schedule.rate(step);
        let Loss { nats, tokens } = self.task.gradient(&self.params, step, &mut self.grad);
        let loss = nats / tokens as f64;
        let max_norm = self
            .state
            .descent
            .max_norm
            .map_or(f32::INFINITY, |c| c as f32);
        let norm = clip_global_norm(&mut self.grad.slices_mut(), max_norm);
        for (what, value) in [("the loss", loss), ("the gradient's norm", f64::from(norm))] {
            if !value.is_finite() {
                self.grad.set_zero();
                return Err(ModelError::NotFinite {
                    step: step + 1,
                    what,
                    learning_rate,
                });
            }
        }
        let (params, grad) = (&mut self.params, &mut self.grad);
        let workers = self.task.workers();
        self.optimizer
            .step_with(workers, params, grad, learning_rate);
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

    /// What the observer saves can be trained on.
    fn check_weights(&self) -> Result<(), ModelError> {
        let slices = self.params.slices();
        if slices.into_iter().flatten().all(|v| v.is_finite()) {
            return Ok(());
        }
        Err(self.not_finite("a weight"))
    }

    fn not_finite(&self, what: &'static str) -> ModelError {
        let step = self.state.progress.step;
        ModelError::NotFinite {
            step,
            what,
            learning_rate: self.state.schedule.rate(step.saturating_sub(1)),
        }
    }

    fn evaluate(&self) -> Result<Evaluation, ModelError> {
        let Progress {
            step,
            seconds,
            interval,
            interval_seconds,
        } = self.state.progress;
        let train_loss = interval.nats / interval.tokens as f64;
        let val_loss = self.task.validate(&self.params);
        let judged = val_loss.unwrap_or(train_loss);
        if !perplexity(judged).is_finite() {
            return Err(self.not_finite("the perplexity"));
        }
        Ok(Evaluation {
            step,
            seconds,
            train_loss,
            val_loss,
            bpc: bits_per_character(judged),
            perplexity: perplexity(judged),
            chars_per_s: interval.tokens as f64 / interval_seconds,
        })
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
