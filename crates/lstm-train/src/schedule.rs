//! The schedule of the learning rate.

use crate::plan::{check_loss, check_number};
use lstm_model::ModelError;
use serde::{Deserialize, Serialize};

/// How the learning rate changes during a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "lowercase", deny_unknown_fields)]
pub enum Schedule {
    /// η at every step.
    Constant,
    /// From η down to 0 along half a cosine over `steps` steps. arXiv 1608.03983.
    Cosine {
        /// The step at which the rate reaches 0.
        steps: u64,
    },
    /// η is multiplied by `factor` after `patience` validations in a row without a new minimum.
    Plateau {
        /// A number in (0, 1).
        factor: f64,
        /// The number of validations.
        patience: u32,
    },
}

impl Schedule {
    /// η is halved after two validations without a new minimum.
    pub const PLATEAU: Self = Self::Plateau {
        factor: 0.5,
        patience: 2,
    };
}

/// The state of a schedule during a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleState {
    /// The rule.
    pub schedule: Schedule,
    /// η at the start.
    pub learning_rate: f64,
    /// The lowest validation loss so far.
    pub best: Option<f64>,
    /// The number of validations since then.
    pub waited: u32,
    /// The number of times that the rate has been reduced.
    pub reductions: u32,
}

impl ScheduleState {
    /// A schedule before the first step.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn new(schedule: Schedule, learning_rate: f64) -> Result<Self, ModelError> {
        let new = Self {
            schedule,
            learning_rate,
            best: None,
            waited: 0,
            reductions: 0,
        };
        new.check()?;
        Ok(new)
    }

    /// # Errors
    /// [`ModelError::Setting`] if the learning rate is not a positive number, or the schedule cannot be
    /// followed.
    pub fn check(&self) -> Result<(), ModelError> {
        let eta = self.learning_rate;
        check_number("learning rate", eta, eta > 0.0, "a positive number")?;
        let best = self.best.unwrap_or(0.0);
        check_loss("best validation loss", best)?;
        match self.schedule {
            Schedule::Constant => Ok(()),
            Schedule::Cosine { steps: 0 } => {
                Err(ModelError::setting("steps of the cosine", 0, "at least 1"))
            }
            Schedule::Cosine { .. } => Ok(()),
            Schedule::Plateau { factor, patience } => {
                if patience == 0 {
                    return Err(ModelError::setting(
                        "patience of the plateau",
                        0,
                        "at least 1",
                    ));
                }
                let is_in_range = factor > 0.0 && factor < 1.0;
                check_number(
                    "factor of the plateau",
                    factor,
                    is_in_range,
                    "between 0 and 1",
                )
            }
        }
    }

    /// η of the next step after `step` steps.
    pub fn rate(&self, step: u64) -> f64 {
        self.learning_rate
            * match self.schedule {
                Schedule::Constant => 1.0,
                Schedule::Cosine { steps } => {
                    let progress = (step as f64 / steps as f64).min(1.0);
                    0.5 * (1.0 + (std::f64::consts::PI * progress).cos())
                }
                Schedule::Plateau { factor, .. } => {
                    factor.powi(i32::try_from(self.reductions).unwrap_or(i32::MAX))
                }
            }
    }

    /// Takes a validation loss into account.
    pub fn observe(&mut self, val_loss: f64) {
        if self.best.is_none_or(|best| val_loss < best) {
            self.best = Some(val_loss);
            self.waited = 0;
            return;
        }
        self.waited = self.waited.saturating_add(1);
        if let Schedule::Plateau { patience, .. } = self.schedule
            && self.waited >= patience
        {
            self.reductions = self.reductions.saturating_add(1);
            self.waited = 0;
        }
    }
}
