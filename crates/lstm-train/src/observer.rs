//! Following a run while it trains.

use crate::{Evaluation, StepReport, Task, TrainError, Trainer};
use std::ops::ControlFlow;

/// The reason why [`Trainer::run`] returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The plan's end was reached.
    Finished,
    /// The validation loss had no new minimum for as many evaluations as the plan's patience allows.
    OutOfPatience,
    /// The observer asked to stop.
    Interrupted,
}

/// Follows a run, for example to show its progress or to save its model. The observer `()` does nothing.
pub trait Observer<T: Task> {
    /// Called after every step. `Break` stops the run.
    fn on_step(&mut self, _trainer: &Trainer<T>, _report: &StepReport) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// Called after every evaluation.
    ///
    /// # Errors
    /// Any error of the observer, such as a file that cannot be written. It stops the run.
    fn on_evaluation(
        &mut self,
        _trainer: &Trainer<T>,
        _evaluation: &Evaluation,
    ) -> Result<(), TrainError> {
        Ok(())
    }

    /// When a run cannot be saved because the disk is full or a limit is reached. `Continue` trains
    /// on and saves later, `Break` ends the run with this error.
    fn on_no_room(&mut self, _error: &TrainError) -> ControlFlow<()> {
        ControlFlow::Break(())
    }
}

impl<T: Task> Observer<T> for () {}
