//! The checkpoint of a run, whatever is trained.

use crate::store::{self, Header};
use crate::{ModelError, Plan, Task, Trainer, TrainerState};
use std::path::Path;

/// What a run's checkpoint says besides its tensors.
pub trait RunHeader: Header {
    /// What is predicted one at a time, in short: `char`, say.
    fn unit(&self) -> &'static str;

    /// When the run stops and evaluates.
    fn plan(&self) -> &Plan;

    /// Where it stands.
    fn state(&self) -> &TrainerState;

    /// Where it stands, to be brought up to date.
    fn state_mut(&mut self) -> &mut TrainerState;

    /// Puts the run's checkpoint into `dir`, this header brought up to date.
    ///
    /// # Errors
    /// As [`store::save`].
    fn save<T: Task>(&mut self, dir: &Path, trainer: &Trainer<T>) -> Result<(), ModelError> {
        let (state, tensors) = trainer.export();
        let name = format!("weights-{:08}", state.progress.step);
        *self.state_mut() = state;
        store::save(dir, &name, self, &tensors)
    }
}
