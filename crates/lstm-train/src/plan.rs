//! The settings and the progress of a run, without its tensors.

use crate::{LossHistory, Optimizer, Schedule, ScheduleState, TrainError};
use lstm_model::{Loss, ModelError};
use serde::{Deserialize, Serialize};

/// The optimiser, learning rate, schedule and clipping.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Descent {
    /// The optimiser.
    pub optimizer: Optimizer,
    /// η at the start.
    pub learning_rate: f64,
    /// How η changes during the run.
    pub schedule: Schedule,
    /// c of E18; `None` means no clipping.
    pub max_norm: Option<f64>,
}

/// Adam with η = 2e−3, constant, clipped at norm 5.
impl Default for Descent {
    fn default() -> Self {
        Self {
            optimizer: Optimizer::ADAM,
            learning_rate: 2e-3,
            schedule: Schedule::Constant,
            max_norm: Some(5.0),
        }
    }
}

/// When a run stops, and when it evaluates.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The number of steps after which the run stops.
    pub steps: Option<u64>,
    /// The number of seconds after which the run stops.
    pub seconds: Option<f64>,
    /// The number of steps from one evaluation to the next.
    pub eval_every: u64,
    /// The number of seconds from one evaluation to the next; `eval_every` then does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eval_seconds: Option<f64>,
    /// The number of evaluations without a new minimum of the validation loss after which the run stops.
    #[serde(default)]
    pub patience: Option<u32>,
}

impl Plan {
    /// A run of `steps` steps with one evaluation at the end.
    #[must_use]
    pub fn steps(steps: u64) -> Self {
        Self {
            steps: Some(steps),
            seconds: None,
            eval_every: steps.max(1),
            eval_seconds: None,
            patience: None,
        }
    }

    /// Whether a run with this progress has done all its steps, or has used up its time.
    #[must_use]
    pub fn is_reached(&self, progress: &Progress) -> bool {
        self.steps.is_some_and(|steps| progress.step >= steps)
            || self
                .seconds
                .is_some_and(|seconds| progress.seconds >= seconds)
    }

    /// Whether the step that led from `before`, in seconds, to this progress is followed by an evaluation.
    #[must_use]
    pub fn is_due(&self, before: f64, progress: &Progress) -> bool {
        match self.eval_seconds {
            Some(every) => (before / every).floor() < (progress.seconds / every).floor(),
            None => progress.step.is_multiple_of(self.eval_every),
        }
    }

    /// Whether the validation loss has had no new minimum for as long as the plan allows.
    #[must_use]
    pub fn is_out_of_patience(&self, progress: &Progress) -> bool {
        self.patience
            .is_some_and(|patience| progress.since_best >= patience)
    }

    /// Checks the number of steps between evaluations and the patience.
    ///
    /// # Errors
    /// [`ModelError::Setting`] if one of them is 0 or the seconds are not a number.
    pub fn check(&self) -> Result<(), ModelError> {
        if let Some(seconds) = self.seconds {
            check_number("seconds to train", seconds, seconds >= 0.0, "0 or more")?;
        }
        if let Some(every) = self.eval_seconds {
            let what = "seconds between evaluations";
            check_number(what, every, every > 0.0, "a positive number")?;
        }
        ModelError::check_not_zero(&[
            ("steps between evaluations", self.eval_every.min(1) as usize),
            ("patience", self.patience.map_or(1, |n| n.min(1) as usize)),
        ])
    }
}

/// A number that a file or a person gave: finite, and within its range.
pub(crate) fn check_number(
    setting: &'static str,
    value: f64,
    is_in_range: bool,
    expected: &'static str,
) -> Result<(), ModelError> {
    if value.is_finite() && is_in_range {
        return Ok(());
    }
    Err(ModelError::setting(setting, value, expected))
}

/// A loss that a file gave. Rounding can make that of a perfect model a little less than 0.
pub(crate) fn check_loss(what: &'static str, loss: f64) -> Result<(), ModelError> {
    check_number(what, loss, true, "a finite number")
}

/// The evaluation with the lowest validation loss.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Best {
    /// The number of steps before it.
    pub step: u64,
    /// Its mean validation loss in nats.
    pub val_loss: f64,
}

/// The progress of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// The number of steps so far.
    pub step: u64,
    /// The duration of all sessions of the run, evaluations included.
    pub seconds: f64,
    /// The training loss of the steps since the last evaluation.
    pub interval: Loss,
    /// The duration of these steps in seconds, without evaluations.
    pub interval_seconds: f64,
    /// The best evaluation so far.
    #[serde(default)]
    pub best: Option<Best>,
    /// The number of evaluations since the best one.
    #[serde(default)]
    pub since_best: u32,
}

/// The largest number of steps of a run, 2⁵³. JSON and f64 represent every smaller step exactly.
pub(crate) const MAX_STEPS: u64 = 1 << 53;

impl Progress {
    fn check(&self) -> Result<(), ModelError> {
        for (what, value) in [
            ("step", self.step),
            (
                "tokens since the last evaluation",
                self.interval.tokens as u64,
            ),
        ] {
            if value > MAX_STEPS {
                return Err(ModelError::setting(what, value, "at most 2^53"));
            }
        }
        let best = self.best.map_or(0.0, |best| best.val_loss);
        for (what, value) in [
            ("seconds trained", self.seconds),
            ("seconds since the last evaluation", self.interval_seconds),
        ] {
            check_number(what, value, value >= 0.0, "0 or more")?;
        }
        check_loss("loss since the last evaluation", self.interval.nats)?;
        check_loss("best validation loss", best)
    }
}

impl Descent {
    /// # Errors
    /// [`ModelError::Setting`] for a number that is out of range.
    pub fn check(&self) -> Result<(), ModelError> {
        self.optimizer.check()?;
        if let Some(c) = self.max_norm {
            check_number("norm to clip at", c, c > 0.0, "a positive number")?;
        }
        ScheduleState::new(self.schedule, self.learning_rate).map(drop)
    }
}

/// The state of a trainer without its tensors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainerState {
    /// The optimiser, learning rate, schedule and clipping.
    pub descent: Descent,
    /// n of E23.
    pub optimizer_steps: u64,
    /// The state of the schedule.
    pub schedule: ScheduleState,
    /// The progress of the run.
    pub progress: Progress,
    /// The training losses so far.
    #[serde(default)]
    pub history: LossHistory,
}

impl TrainerState {
    /// The state before the first step.
    ///
    /// # Errors
    /// As [`Descent::check`].
    pub fn new(descent: Descent) -> Result<Self, TrainError> {
        descent.check()?;
        Ok(Self {
            schedule: ScheduleState::new(descent.schedule, descent.learning_rate)?,
            descent,
            optimizer_steps: 0,
            progress: Progress::default(),
            history: LossHistory::default(),
        })
    }

    /// # Errors
    /// [`ModelError::Setting`] naming a number that is out of range.
    pub fn check(&self) -> Result<(), ModelError> {
        self.descent.check()?;
        self.schedule.check()?;
        self.progress.check()?;
        self.history.check(self.progress.step)?;
        if self.optimizer_steps > MAX_STEPS {
            let steps = self.optimizer_steps;
            return Err(ModelError::setting(
                "optimiser steps",
                steps,
                "at most 2^53",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_evaluation_is_due_when_a_step_crosses_its_time() {
        let plan = Plan {
            steps: None,
            seconds: Some(60.0),
            eval_seconds: Some(4.0),
            ..Plan::steps(7)
        };
        let is_due = |before, seconds| {
            let progress = Progress {
                step: 7,
                seconds,
                ..Progress::default()
            };
            plan.is_due(before, &progress)
        };
        assert!(is_due(3.9, 4.1) && is_due(3.9, 9.0) && is_due(59.9, 60.0));
        assert!(!is_due(0.0, 3.9) && !is_due(4.0, 7.9));
    }

    #[test]
    fn times_between_evaluations_must_be_positive() {
        for seconds in [0.0, -1.0, f64::NAN] {
            let plan = Plan {
                eval_seconds: Some(seconds),
                ..Plan::steps(1)
            };
            assert!(plan.check().is_err(), "{seconds}");
        }
    }
}
