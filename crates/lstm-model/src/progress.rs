//! A run's settings and where it stands: all of it but its tensors.

use crate::{Loss, ModelError, Optimizer, Schedule, ScheduleState};
use serde::{Deserialize, Serialize};

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

impl Plan {
    /// Whether a run that stands at `progress` is at its end.
    pub fn is_reached(&self, progress: &Progress) -> bool {
        self.steps.is_some_and(|steps| progress.step >= steps)
            || self
                .seconds
                .is_some_and(|seconds| progress.seconds >= seconds)
    }
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
