//! `run.safetensors`: what only training needs. Optimiser moments, carried states, settings, plan,
//! position, and the fingerprint of the data.
//!
//! A run and its model are two files, each replaced by one rename, and they always belong together:
//!
//! 1. The new model is written to `model.safetensors.next`.
//! 2. `run.safetensors` is replaced. It names its model by checksum; from now on the new pair counts.
//! 3. `model.safetensors.next` is renamed to `model.safetensors`.
//!
//! If the machine stops before 2, the old pair is there. If it stops between 2 and 3, the run finds
//! its model in `model.safetensors.next`, and the next session does the rename. Every step is synced
//! before the next one begins.

use crate::legacy::Legacy;
use crate::model_file::{self, MODEL, StoredModel, write_tensors};
use crate::{
    Application, Description, Fingerprint, Plan, TrainError, TrainerState, files, tensor_file,
};
use lstm_model::{Canonical, Tensors};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::Path;

/// The run in a run's directory.
pub const RUN: &str = "run.safetensors";

const NEXT: &str = "model.safetensors.next";
const FORMAT: &str = "lstm-run";

/// Which models a run leaves behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// The last one and the best one by validation loss.
    #[default]
    Both,
    /// The best one; the last one and the run are removed when the run is finished.
    Best,
    /// The last one.
    Last,
}

/// A run without its tensors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunHeader<A> {
    /// The checksum of the model's weights.
    pub model_crc32: u32,
    /// The engine that trains; any engine can go on.
    pub engine: String,
    /// The threads that train; with as many, a resumed run is the same to the bit.
    pub threads: usize,
    /// The application's settings.
    pub settings: A,
    /// The fingerprint of the data.
    pub data: Fingerprint,
    /// When it stops and evaluates.
    pub plan: Plan,
    /// Which models it leaves behind.
    pub keep: Keep,
    /// How far it has come.
    pub state: TrainerState,
}

/// What the headers of version 1 have in common.
#[derive(Deserialize)]
struct Version1 {
    engine: String,
    threads: usize,
    text: Fingerprint,
    plan: Plan,
    state: TrainerState,
}

impl<A: Application> RunHeader<A> {
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

/// A run as it was read, with its model.
#[derive(Debug)]
pub struct StoredRun<A: Application> {
    /// Its model.
    pub model: StoredModel<A::Description>,
    /// The run without its tensors.
    pub header: RunHeader<A>,
    /// Optimiser moments and carried states.
    pub tensors: Tensors,
}

impl<A: Application> StoredRun<A> {
    /// Reads the run in `dir`, and its model.
    ///
    /// # Errors
    /// [`TrainError`] saying which file is missing, unreadable, damaged or of another kind.
    pub fn read(dir: &Path) -> Result<Self, TrainError> {
        let path = dir.join(RUN);
        let Some(file) = tensor_file::read(&path, FORMAT, A::Description::KIND)? else {
            return Self::read_legacy(dir);
        };
        let header: RunHeader<A> = serde_json::from_value(file.header)
            .map_err(|e| TrainError::file(&path, format!("its header: {e}")))?;
        header
            .plan
            .check()
            .map_err(|e| TrainError::file(&path, e))?;
        Ok(Self {
            model: model_of(dir, header.model_crc32)?,
            header,
            tensors: file.tensors,
        })
    }

    fn read_legacy(dir: &Path) -> Result<Self, TrainError> {
        let Some(legacy) = Legacy::read(dir, A::Description::KIND)? else {
            return Err(TrainError::NoRun {
                dir: dir.to_owned(),
                file: RUN,
            });
        };
        let header = legacy.header.clone();
        let (model, tensors) = StoredModel::from_legacy(legacy)?;
        let header = RunHeader::from_version_1(&header, model.crc32)
            .map_err(|error| TrainError::file(&model.path, error))?;
        Ok(Self {
            model,
            header,
            tensors,
        })
    }
}

/// The run's own model, which may not have come to its final place.
fn model_of<D: Description>(dir: &Path, crc32: u32) -> Result<StoredModel<D>, TrainError> {
    let path = dir.join(MODEL);
    let model = StoredModel::read_file(&path)?;
    if let Some(model) = model
        && model.crc32 == crc32
    {
        return Ok(model);
    }
    let next = dir.join(NEXT);
    if let Some(model) = StoredModel::read_file(&next)?
        && model.crc32 == crc32
    {
        // If it cannot be renamed now, the next save does it.
        let _ = files::rename(&next, &path);
        return Ok(model);
    }
    let why = format!(
        "it does not belong to {RUN} beside it; to train this model further, begin a run of its own with --from"
    );
    Err(TrainError::file(&path, why))
}

/// Writes a run and its model into `dir`; the header gets the model's checksum.
///
/// # Errors
/// [`TrainError::Io`]; the run that was there is then still there.
pub(crate) fn write<A: Application>(
    dir: &Path,
    description: &A::Description,
    network: &impl Canonical,
    header: &mut RunHeader<A>,
    tensors: &Tensors,
) -> Result<(), TrainError> {
    let (next, path) = (dir.join(NEXT), dir.join(MODEL));
    // The model of the last save may still be waiting for its rename.
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
    tensor_file::write(&dir.join(RUN), FORMAT, kind, &new, tensors)?;
    header.model_crc32 = new.model_crc32;
    files::rename(&next, &path)
}
