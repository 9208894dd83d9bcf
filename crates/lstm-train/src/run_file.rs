//! `run.safetensors`: the state of training. It holds the optimiser's moments, carried states, settings,
//! plan, progress, and the fingerprint of the data.
//!
//! A run and its model are two files, each replaced by one rename. They are saved in three steps, so that
//! they always belong together:
//!
//! 1. The new model is written to `model.safetensors.next`.
//! 2. `run.safetensors` is replaced. It has the checksum of its model. From now on the new pair is valid.
//! 3. `model.safetensors.next` is renamed to `model.safetensors`.
//!
//! If the machine stops before 2, the old pair is read. If it stops between 2 and 3, the run's model is
//! read from `model.safetensors.next`, and the next save renames it. Every step is synced before the
//! next one begins.

use crate::legacy::Legacy;
use crate::model_file::{self, MODEL, StoredModel, write_tensors};
use crate::workers::check_threads;
use crate::{
    Application, Description, Fingerprint, Plan, TrainError, TrainerState, files, tensor_file,
};
use lstm_model::{Canonical, ModelError, Tensors};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::Path;

/// The name of the run file in a run's directory.
pub const RUN: &str = "run.safetensors";

pub(crate) const NEXT: &str = "model.safetensors.next";
const FORMAT: &str = "lstm-run";

/// Which models remain when a run is finished.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// The last model, and the best model by validation loss.
    #[default]
    Both,
    /// The best model. The last model and the run file are removed.
    Best,
    /// The last model.
    Last,
}

/// A run without its tensors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunHeader<A> {
    /// The checksum of the model's weights.
    pub model_crc32: u32,
    /// The name of the engine. A run can be resumed on any engine.
    pub engine: String,
    /// The number of threads. With the same number, a resumed run has the same bits.
    pub threads: usize,
    /// The application's settings.
    pub settings: A,
    /// The fingerprint of the data.
    pub data: Fingerprint,
    /// When the run evaluates and when it stops.
    pub plan: Plan,
    /// Which models remain when the run is finished.
    pub keep: Keep,
    /// The state of the trainer.
    pub state: TrainerState,
}

/// The fields that all headers of version 1 have.
#[derive(Deserialize)]
struct Version1 {
    engine: String,
    threads: usize,
    text: Fingerprint,
    plan: Plan,
    state: TrainerState,
}

impl<A: Application> RunHeader<A> {
    /// Checks every number that the header holds.
    ///
    /// # Errors
    /// [`ModelError`] naming one that is out of range.
    pub(crate) fn check(&self) -> Result<(), ModelError> {
        check_threads(self.threads)?;
        self.settings.check()?;
        self.plan.check()?;
        self.state.check()
    }

    fn from_version_1(header: &Value, model_crc32: u32) -> serde_json::Result<Self> {
        let common: Version1 = serde_json::from_value(header.clone())?;
        Ok(Self {
            model_crc32,
            engine: common.engine,
            threads: common.threads,
            settings: A::from_version_1(header)?,
            data: common.text,
            plan: common.plan,
            keep: Keep::Last,
            state: common.state,
        })
    }
}

/// A run file in memory, with its model.
#[derive(Debug)]
pub struct StoredRun<A: Application> {
    /// The model.
    pub model: StoredModel<A::Description>,
    /// The run without its tensors.
    pub header: RunHeader<A>,
    /// The optimiser's moments and the carried states.
    pub tensors: Tensors,
}

impl<A: Application> StoredRun<A> {
    /// Reads the run in `dir`, and its model. A process that trains there may replace both meanwhile:
    /// the two that are returned belong together.
    ///
    /// # Errors
    /// [`TrainError`] naming the file that is missing, cannot be read, is damaged or has another kind.
    pub fn read(dir: &Path) -> Result<Self, TrainError> {
        let path = dir.join(RUN);
        let mut model_crc32 = None;
        loop {
            let Some(file) = tensor_file::read(&path, FORMAT, A::Description::KIND)? else {
                return Self::read_legacy(dir);
            };
            let header: RunHeader<A> = serde_json::from_value(file.header)
                .map_err(|e| TrainError::file(&path, format!("its header: {e}")))?;
            header.check().map_err(|e| TrainError::file(&path, e))?;
            if let Some(model) = model_of(dir, header.model_crc32)? {
                return Ok(Self {
                    model,
                    header,
                    tensors: file.tensors,
                });
            }
            // The model may have been replaced after the run was read; then the run has been, too.
            if model_crc32.replace(header.model_crc32) == Some(header.model_crc32) {
                let why = format!(
                    "it does not belong to {RUN} beside it; to train this model further, begin a run of its own with --from"
                );
                return Err(TrainError::file(&dir.join(MODEL), why));
            }
        }
    }

    fn read_legacy(dir: &Path) -> Result<Self, TrainError> {
        let Some(legacy) = Legacy::read(dir, A::Description::KIND)? else {
            return Err(TrainError::no_run(dir));
        };
        let header = legacy.header.clone();
        let (model, tensors) = StoredModel::from_legacy(legacy)?;
        let header = RunHeader::from_version_1(&header, model.crc32)
            .map_err(|error| TrainError::file(&model.path, error))?;
        header
            .check()
            .map_err(|e| TrainError::file(&model.path, e))?;
        Ok(Self {
            model,
            header,
            tensors,
        })
    }
}

/// The model with this checksum. It may not have been renamed yet, or be renamed during the search.
fn model_of<D: Description>(dir: &Path, crc32: u32) -> Result<Option<StoredModel<D>>, TrainError> {
    for name in [MODEL, NEXT, MODEL] {
        let model = StoredModel::read_file(&dir.join(name))?;
        if let Some(model) = model.filter(|model| model.crc32 == crc32) {
            return Ok(Some(model));
        }
    }
    Ok(None)
}

/// Writes a run and its model into `dir`, and stores the model's checksum in the header.
///
/// # Errors
/// [`TrainError::Io`]; the old run is then unchanged.
pub(crate) fn write<A: Application>(
    dir: &Path,
    description: &A::Description,
    network: &impl Canonical,
    header: &mut RunHeader<A>,
    tensors: &Tensors,
) -> Result<(), TrainError> {
    let (next, path) = (dir.join(NEXT), dir.join(MODEL));
    // The model of the last save may not have been renamed yet.
    if next.exists()
        && let Ok(Some(model)) = StoredModel::<A::Description>::read_file(&next)
        && model.crc32 == header.model_crc32
    {
        files::rename(&next, &path)?;
    }
    let weights = model_file::weights(network);
    write_tensors(&next, description, &weights)?;
    let new = RunHeader {
        model_crc32: tensor_file::checksum(&weights),
        ..header.clone()
    };
    let kind = A::Description::KIND;
    tensor_file::write(&dir.join(RUN), FORMAT, kind, &new, tensors).inspect_err(|error| {
        // If only the sync failed, the new run is there and needs its model.
        if !matches!(error, TrainError::Io { action: "sync", .. }) {
            drop(files::remove(&next));
        }
    })?;
    header.model_crc32 = new.model_crc32;
    files::rename(&next, &path)
}
