//! The training loss over a run, for its curve.

use crate::plan::{MAX_STEPS, check_number};
use lstm_model::ModelError;
use serde::{Deserialize, Serialize};

/// The training losses of single batches at evenly spaced steps, the first one included.
///
/// The loss of step 0 is that of a model before its first step, about ln V. A long run keeps fewer
/// steps: whenever there are too many losses, every second one is dropped. Which steps are kept depends
/// only on the number of steps, so a resumed run has the same history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LossHistory {
    /// The number of steps from one loss to the next.
    every: u64,
    /// The number of steps before each batch, and its mean loss in nats.
    losses: Vec<(u64, f32)>,
}

impl Default for LossHistory {
    fn default() -> Self {
        Self {
            every: 1,
            losses: Vec::new(),
        }
    }
}

/// The largest number of losses.
const MOST: usize = 600;

impl LossHistory {
    /// Notes the loss of the batch after `step` steps.
    pub fn note(&mut self, step: u64, loss: f64) {
        if self.losses.len() == MOST {
            self.every *= 2;
            let every = self.every;
            self.losses.retain(|(step, _)| step.is_multiple_of(every));
        }
        if step.is_multiple_of(self.every) {
            self.losses.push((step, loss as f32));
        }
    }

    /// The steps and their losses, in ascending order.
    pub fn losses(&self) -> impl Iterator<Item = (u64, f64)> {
        self.losses.iter().map(|&(step, loss)| (step, loss.into()))
    }

    /// Checks a history that was read, of a run of `steps` steps.
    pub(crate) fn check(&self, steps: u64) -> Result<(), ModelError> {
        let every = self.every;
        if !(1..=MAX_STEPS).contains(&every) || self.losses.len() > MOST {
            let what = "steps between two losses";
            return Err(ModelError::setting(
                what,
                every,
                "the spacing of at most 600",
            ));
        }
        if !self.losses.is_sorted_by(|a, b| a.0 < b.0) {
            let what = "steps of the losses";
            return Err(ModelError::setting(
                what,
                "a smaller one",
                "ascending steps",
            ));
        }
        if let Some(&(last, _)) = self.losses.last()
            && last >= steps
        {
            let what = "step of the last loss";
            return Err(ModelError::setting(
                what,
                last,
                "a step that the run has taken",
            ));
        }
        self.losses()
            .try_for_each(|(_, loss)| check_number("loss of a step", loss, true, "a finite number"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_keeps_evenly_spaced_losses_from_the_first_step_on() {
        let mut history = LossHistory::default();
        for step in 0..100_000 {
            history.note(step, step as f64);
        }
        let kept: Vec<_> = history.losses().collect();
        assert_eq!(history.every, 256);
        assert_eq!(kept.len(), 100_000_usize.div_ceil(256));
        for (n, &(step, loss)) in kept.iter().enumerate() {
            assert_eq!((step, loss), (256 * n as u64, 256.0 * n as f64));
        }
        history.check(100_000).unwrap();
    }

    #[test]
    fn a_run_that_is_resumed_anywhere_has_the_same_history() {
        let loss = |step: u64| 1.0 / (step as f64 + 1.0);
        let mut whole = LossHistory::default();
        (0..2000).for_each(|step| whole.note(step, loss(step)));
        for pause in [1, 599, 600, 601, 1199, 1777] {
            let mut first = LossHistory::default();
            (0..pause).for_each(|step| first.note(step, loss(step)));
            let json = serde_json::to_string(&first).unwrap();
            let mut second: LossHistory = serde_json::from_str(&json).unwrap();
            (pause..2000).for_each(|step| second.note(step, loss(step)));
            assert_eq!(second, whole, "paused at {pause}");
        }
    }

    #[test]
    fn a_history_may_have_600_losses() {
        let losses = (0..600).map(|step| (step, 1.0)).collect();
        LossHistory { every: 1, losses }.check(600).unwrap();
    }

    #[test]
    fn a_history_that_cannot_be_is_refused() {
        for (every, losses) in [
            (0, vec![]),
            (1, vec![(7, 1.0)]),
            (1, vec![(1, 1.0), (1, 1.0)]),
            (1, vec![(0, f32::INFINITY)]),
            (1, (0..601).map(|step| (step, 1.0)).collect()),
        ] {
            assert!(LossHistory { every, losses }.check(7).is_err());
        }
    }
}
