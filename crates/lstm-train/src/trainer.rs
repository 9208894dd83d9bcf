//! The training loop: gradient, clipping, descent, evaluation.

use crate::elements::clip;
use crate::gradient::PartGradients;
use crate::processes::{agree, expect_same};
use crate::{
    Best, Descent, Evaluation, LossHistory, Observer, OptimizerState, Outcome, Plan, Processes,
    Progress, StepReport, Task, TrainError, TrainerState, Workers,
};
use lstm_model::{Canonical, Loss, Parameters, Tensors, bits_per_character, perplexity};
use std::ops::ControlFlow;
use std::time::Instant;

/// A task, its weights, and the optimiser that changes them.
pub struct Trainer<T: Task> {
    /// The task.
    pub task: T,
    /// The weights.
    pub network: T::Network,
    state: TrainerState,
    optimizer: OptimizerState<T::Network>,
    gradients: PartGradients<T::Network>,
    workers: Workers,
}

impl<T: Task> Trainer<T> {
    /// A trainer before the first step.
    ///
    /// # Errors
    /// As [`TrainerState::new`].
    pub fn new(
        task: T,
        network: T::Network,
        descent: Descent,
        workers: Workers,
    ) -> Result<Self, TrainError> {
        Ok(Self {
            state: TrainerState::new(descent)?,
            optimizer: OptimizerState::new(descent.optimizer, &network),
            gradients: PartGradients::new(&network),
            task,
            network,
            workers,
        })
    }

    /// The progress of the run.
    pub fn progress(&self) -> &Progress {
        &self.state.progress
    }

    /// The training losses so far.
    pub fn history(&self) -> &LossHistory {
        &self.state.history
    }

    /// The state of the trainer without its tensors.
    pub fn state(&self) -> TrainerState {
        TrainerState {
            optimizer_steps: self.optimizer.steps,
            ..self.state.clone()
        }
    }

    /// The worker threads.
    pub fn workers(&self) -> &Workers {
        &self.workers
    }

    /// Trains until the plan's end, until patience runs out, or until the observer stops the run.
    ///
    /// # Errors
    /// [`TrainError::NotFinite`] if the loss is NaN or infinite, before any weight is changed; an error of
    /// the observer.
    pub fn run(
        &mut self,
        plan: &Plan,
        observer: &mut impl Observer<T>,
    ) -> Result<Outcome, TrainError> {
        let (before, start) = (self.state.progress.seconds, Instant::now());
        while !plan.is_reached(&self.state.progress) {
            if plan.is_out_of_patience(&self.state.progress) {
                return Ok(Outcome::OutOfPatience);
            }
            let before_step = self.state.progress.seconds;
            let report = self.step()?;
            self.state.progress.seconds = before + start.elapsed().as_secs_f64();
            let flow = observer.on_step(self, &report);
            let flow = self.agree(flow);
            let due = plan.is_due(before_step, &self.state.progress);
            if due || (plan.is_reached(&self.state.progress) && flow.is_continue()) {
                self.check_weights()?;
                let mut evaluation = self.evaluate()?;
                self.state.progress.seconds = before + start.elapsed().as_secs_f64();
                evaluation.seconds = self.state.progress.seconds;
                self.note(&mut evaluation, due);
                self.gradients.share_carried(&mut self.task, &self.workers);
                observer.on_evaluation(self, &evaluation)?;
                let _ = self.agree(flow);
            }
            if flow.is_break() {
                self.check_weights()?;
                self.gradients.share_carried(&mut self.task, &self.workers);
                return Ok(Outcome::Interrupted);
            }
        }
        Ok(Outcome::Finished)
    }

    /// Takes the time of rank 0, and stops if any process wants to.
    fn agree(&mut self, flow: ControlFlow<()>) -> ControlFlow<()> {
        let seconds = &mut self.state.progress.seconds;
        let (told, flow) = agree(self.workers.processes(), *seconds, flow);
        *seconds = told;
        flow
    }

    /// One step: gradient, clipping (E18), descent (E23).
    ///
    /// # Errors
    /// [`TrainError::NotFinite`] if the loss or the gradient is NaN or infinite; the weights are then
    /// unchanged.
    pub fn step(&mut self) -> Result<StepReport, TrainError> {
        let start = Instant::now();
        let step = self.state.progress.step;
        let learning_rate = self.state.schedule.rate(step);
        let (Loss { nats, tokens }, grad, norm) =
            self.gradients
                .compute(&mut self.task, &self.network, step, &self.workers);
        let loss = nats / tokens as f64;
        for (what, value) in [("the loss", loss), ("the gradient's norm", f64::from(norm))] {
            if !value.is_finite() {
                return Err(TrainError::NotFinite {
                    step: step + 1,
                    what,
                    learning_rate,
                });
            }
        }
        let team = self.workers.team();
        if let Some(max_norm) = self.state.descent.max_norm {
            clip(grad, norm, max_norm as f32, &team);
        }
        self.optimizer
            .step(&mut self.network, grad, learning_rate, &team);
        self.state.history.note(step, loss);
        let progress = &mut self.state.progress;
        progress.step += 1;
        progress.interval.add(Loss { nats, tokens });
        progress.interval_seconds += start.elapsed().as_secs_f64();
        Ok(StepReport {
            step: progress.step,
            loss,
            tokens,
            gradient_norm: f64::from(norm),
            learning_rate,
        })
    }

    /// Checks that every weight is finite. This is required before the weights are saved.
    fn check_weights(&self) -> Result<(), TrainError> {
        let slices = self.network.slices();
        if slices.into_iter().flatten().all(|v| v.is_finite()) {
            return Ok(());
        }
        Err(self.not_finite("a weight"))
    }

    fn not_finite(&self, what: &'static str) -> TrainError {
        let step = self.state.progress.step;
        TrainError::NotFinite {
            step,
            what,
            learning_rate: self.state.schedule.rate(step.saturating_sub(1)),
        }
    }

    fn evaluate(&self) -> Result<Evaluation, TrainError> {
        let Progress {
            step,
            seconds,
            interval,
            interval_seconds,
            ..
        } = self.state.progress;
        let train_loss = interval.nats / interval.tokens as f64;
        let val_loss = self.task.validate(&self.network, &self.workers);
        let judged = val_loss.unwrap_or(train_loss);
        let in_nats = |of: fn(f64) -> f64| T::IN_NATS.then(|| of(judged));
        let perplexity = in_nats(perplexity);
        if !perplexity.unwrap_or(judged).is_finite() {
            let what = if T::IN_NATS {
                "the perplexity"
            } else {
                "the loss"
            };
            return Err(self.not_finite(what));
        }
        Ok(Evaluation {
            step,
            seconds,
            train_loss,
            val_loss,
            bpc: in_nats(bits_per_character),
            perplexity,
            chars_per_s: interval.tokens as f64 / interval_seconds,
            is_best: false,
        })
    }

    /// Records an evaluation. Only an evaluation that is due by the plan changes the schedule and the
    /// patience. So the additional evaluation of a run that stops early does not change the resumed run.
    fn note(&mut self, evaluation: &mut Evaluation, due: bool) {
        let progress = &mut self.state.progress;
        if let Some(val_loss) = evaluation.val_loss {
            evaluation.is_best = progress.best.is_none_or(|best| val_loss < best.val_loss);
            if evaluation.is_best {
                progress.best = Some(Best {
                    step: progress.step,
                    val_loss,
                });
            }
            if due {
                progress.since_best = if evaluation.is_best {
                    0
                } else {
                    progress.since_best.saturating_add(1)
                };
                self.state.schedule.observe(val_loss);
            }
        }
        if due {
            progress.interval = Loss::default();
            progress.interval_seconds = 0.0;
        }
    }

    /// Trains together with other processes from now on. All of them must have begun or resumed the same
    /// run, with the same weights; `own` are the names and checksums of everything else that must agree.
    ///
    /// # Errors
    /// [`TrainError::OtherProcess`] if they have not; as [`Workers::new`].
    pub(crate) fn join(
        &mut self,
        processes: Box<dyn Processes>,
        own: &[(&'static str, u32)],
    ) -> Result<(), TrainError> {
        expect_same(&*processes, own)?;
        self.workers = Workers::across(processes, self.workers.threads())?;
        Ok(())
    }

    /// The optimiser's moments and the state that is carried to the next step. A resumed run also needs
    /// the weights and [`state`](Self::state).
    pub fn export(&self) -> Tensors {
        let mut tensors = Tensors::new();
        self.optimizer.first.export("optimizer.first", &mut tensors);
        self.optimizer
            .second
            .export("optimizer.second", &mut tensors);
        self.task.export(&mut tensors);
        tensors
    }

    /// A trainer in the state that [`export`](Self::export) and [`state`](Self::state) stored.
    ///
    /// # Errors
    /// [`TrainError::Model`] naming a tensor that is missing, unexpected, or has the wrong shape.
    pub fn import(
        task: T,
        network: T::Network,
        state: &TrainerState,
        mut tensors: Tensors,
        workers: Workers,
    ) -> Result<Self, TrainError> {
        let mut trainer = Self::new(task, network, state.descent, workers)?;
        let OptimizerState { first, second, .. } = &mut trainer.optimizer;
        first.import("optimizer.first", &mut tensors)?;
        second.import("optimizer.second", &mut tensors)?;
        trainer.task.import(&mut tensors)?;
        if let Some(name) = tensors.keys().next() {
            return Err(TrainError::unexpected_tensor(name));
        }
        trainer.optimizer.steps = state.optimizer_steps;
        trainer.state = state.clone();
        Ok(trainer)
    }
}
