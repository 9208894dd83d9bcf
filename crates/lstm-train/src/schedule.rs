//! The learning rate in the course of a run.

use lstm_model::ModelError;
use serde::{Deserialize, Serialize};

/// How the learning rate changes in the course of a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "lowercase", deny_unknown_fields)]
pub enum Schedule {
    /// Always η.
    Constant,
    /// From η down to 0 along half a cosine over `steps` steps. arXiv 1608.03983.
    Cosine {
        /// The step at which it arrives.
        steps: u64,
    },
    /// η, multiplied by `factor` whenever `patience` validations in a row were not the best so far.
    Plateau {
        /// In (0, 1).
        factor: f64,
        /// How many validations to wait.
        patience: u32,
    },
}

impl Schedule {
    /// Halved after two validations without a new best.
    pub const PLATEAU: Self = Self::Plateau {
        factor: 0.5,
        patience: 2,
    };
}

/// A schedule in the course of a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleState {
    /// The rule.
    pub schedule: Schedule,
    /// η at the start.
    pub learning_rate: f64,
    /// The best validation loss so far.
    pub best: Option<f64>,
    /// Validations since the best.
    pub waited: u32,
    /// How many times the plateau rule has reduced the rate.
    pub reductions: u32,
}

impl ScheduleState {
    /// A schedule before the first step.
    ///
    /// # Errors
    /// [`ModelError::Setting`] if the learning rate is not a positive number.
    pub fn new(schedule: Schedule, learning_rate: f64) -> Result<Self, ModelError> {
        if !(learning_rate.is_finite() && learning_rate > 0.0) {
            return Err(ModelError::setting(
                "learning rate",
                learning_rate,
                "a positive number",
            ));
        }
        Ok(Self {
            schedule,
            learning_rate,
            best: None,
            waited: 0,
            reductions: 0,
        })
    }

    /// η for the step after `step` steps.
    pub fn rate(&self, step: u64) -> f64 {
        self.learning_rate
            * match self.schedule {
                Schedule::Constant => 1.0,
                Schedule::Cosine { steps } => {
                    let progress = (step as f64 / steps as f64).min(1.0);
                    0.5 * (1.0 + (std::f64::consts::PI * progress).cos())
                }
                Schedule::Plateau { factor, .. } => factor.powi(self.reductions as i32),
            }
    }

    /// Tells the schedule a validation loss.
    pub fn observe(&mut self, val_loss: f64) {
        if self.best.is_none_or(|best| val_loss < best) {
            self.best = Some(val_loss);
            self.waited = 0;
            return;
        }
        self.waited += 1;
        if let Schedule::Plateau { patience, .. } = self.schedule
            && self.waited >= patience
        {
            self.reductions += 1;
            self.waited = 0;
        }
    }
}
