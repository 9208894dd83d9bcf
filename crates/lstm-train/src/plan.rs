//! The settings of a run, and how far it has come: everything but its tensors.

use crate::{Optimizer, Schedule, ScheduleState, TrainError};
use lstm_model::{Loss, ModelError};
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
    /// Stop after this many steps in all.
    pub steps: Option<u64>,
    /// Stop after this many seconds in all.
    pub seconds: Option<f64>,
    /// Evaluate every this many steps.
    pub eval_every: u64,
    /// Stop when this many evaluations in a row brought no new minimum of the validation loss.
    #[serde(default)]
    pub patience: Option<u32>,
}

impl Plan {
    /// A run of this many steps that evaluates at its end.
    #[must_use]
    pub fn steps(steps: u64) -> Self {
        Self {
            steps: Some(steps),
            seconds: None,
            eval_every: steps.max(1),
            patience: None,
        }
    }

    /// Whether a run with this `progress` has come to its end.
    pub fn is_reached(&self, progress: &Progress) -> bool {
        self.steps.is_some_and(|steps| progress.step >= steps)
            || self
                .seconds
                .is_some_and(|seconds| progress.seconds >= seconds)
    }

    /// Whether the validation loss has stalled for longer than the plan allows.
    pub fn is_out_of_patience(&self, progress: &Progress) -> bool {
        self.patience
            .is_some_and(|patience| progress.since_best >= patience)
    }

    /// # Errors
    /// [`ModelError::Setting`] if the plan never evaluates or is not patient for one evaluation.
    pub fn check(&self) -> Result<(), ModelError> {
        let counts = [
            ("steps between evaluations", self.eval_every),
            ("patience", self.patience.map_or(1, u64::from)),
        ];
        for (setting, value) in counts {
            if value == 0 {
                return Err(ModelError::setting(setting, 0, "at least 1"));
            }
        }
        Ok(())
    }
}

/// The evaluation with the lowest validation loss.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Best {
    /// Steps done before it.
    pub step: u64,
    /// Its mean validation loss in nats.
    pub val_loss: f64,
}

/// How far a run has come.
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
    /// The best evaluation so far.
    #[serde(default)]
    pub best: Option<Best>,
    /// Evaluations since the best one.
    #[serde(default)]
    pub since_best: u32,
}

/// Everything about a run that is not a tensor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainerState {
    /// How the weights are changed.
    pub descent: Descent,
    /// n of E23.
    pub optimizer_steps: u64,
    /// The schedule.
    pub schedule: ScheduleState,
    /// How far the run has come.
    pub progress: Progress,
}

impl TrainerState {
    /// The state before the first step.
    ///
    /// # Errors
    /// [`ModelError::Setting`] if the learning rate or the norm to clip at is not positive.
    pub fn new(descent: Descent) -> Result<Self, TrainError> {
        if let Some(c) = descent.max_norm
            && !(c.is_finite() && c > 0.0)
        {
            let expected = "a positive number";
            return Err(ModelError::setting("norm to clip at", c, expected).into());
        }
        Ok(Self {
            schedule: ScheduleState::new(descent.schedule, descent.learning_rate)?,
            descent,
            optimizer_steps: 0,
            progress: Progress::default(),
        })
    }
}
