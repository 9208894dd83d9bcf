//! `model.safetensors`: weights, configuration and vocabulary. Generating, evaluating, exporting and
//! further training need no other file, so a model can be copied anywhere.

use crate::legacy::Legacy;
use crate::{Description, TrainError, files, tensor_file};
use lstm_model::{Canonical, Engine, ModelError, Tensors};
use std::path::{Path, PathBuf};

/// The last model of a run, in the run's directory.
pub const MODEL: &str = "model.safetensors";

/// The model with the lowest validation loss, in the run's directory.
pub const BEST: &str = "best.safetensors";

const FORMAT: &str = "lstm-model";

/// A model file in memory: its description and its tensors.
#[derive(Debug)]
pub struct StoredModel<D> {
    /// The path of the file.
    pub path: PathBuf,
    /// The model's description.
    pub description: D,
    /// The checksum of the tensors.
    pub crc32: u32,
    /// The weights by name.
    pub tensors: Tensors,
}

impl<D: Description> StoredModel<D> {
    /// Reads a model file, or the model of a run's directory: the one with the lowest validation loss,
    /// or the last one if nothing was held out.
    ///
    /// # Errors
    /// [`TrainError`] naming the file that is missing, cannot be read, is damaged or has another kind.
    pub fn read(path: &Path) -> Result<Self, TrainError> {
        if !path.is_dir() && path.exists() {
            return Self::read_file(path)?.ok_or_else(|| no_model(path));
        }
        let (best, last) = (path.join(BEST), path.join(MODEL));
        // A pipe or a device in place of one of our files is refused, whichever of them is read.
        files::expect_readable_or_absent(&last)?;
        for file in [best, last] {
            if let Some(model) = Self::read_file(&file)? {
                return Ok(model);
            }
        }
        match Legacy::read(path, D::KIND)? {
            Some(legacy) => Ok(Self::from_legacy(legacy)?.0),
            None => Err(no_model(path)),
        }
    }

    /// The model in a checkpoint of version 1, and the tensors that are not weights.
    pub(crate) fn from_legacy(legacy: Legacy) -> Result<(Self, Tensors), TrainError> {
        let Legacy {
            path,
            header,
            weights,
            others,
        } = legacy;
        let description =
            D::from_version_1(&header).map_err(|error| TrainError::file(&path, error))?;
        description
            .check()
            .map_err(|e| TrainError::file(&path, e))?;
        let model = Self {
            crc32: tensor_file::checksum(&weights),
            tensors: weights,
            description,
            path,
        };
        Ok((model, others))
    }

    /// Reads a model file; `None` if there is no such file.
    pub(crate) fn read_file(path: &Path) -> Result<Option<Self>, TrainError> {
        let Some(file) = tensor_file::read(path, FORMAT, D::KIND)? else {
            return Ok(None);
        };
        let description: D = serde_json::from_value(file.header)
            .map_err(|e| TrainError::file(path, format!("its description: {e}")))?;
        description.check().map_err(|e| TrainError::file(path, e))?;
        Ok(Some(Self {
            path: path.to_owned(),
            description,
            crc32: file.stamp.crc32,
            tensors: file.tensors,
        }))
    }

    /// The description, and a network with the stored weights.
    ///
    /// # Errors
    /// [`TrainError::File`] if the tensors do not fit the description.
    pub fn network<R: Engine<Scalar = f32>>(self) -> Result<(D, D::Network<R>), TrainError> {
        let Self {
            path,
            description,
            mut tensors,
            ..
        } = self;
        let mut load = || {
            // Memory is taken for what the file holds, not for what it promises. A smaller difference
            // is told below by the name of the tensor.
            let (expected, found) = (description.parameter_count(), count(&tensors));
            if expected / 2 > found {
                let why = format!("{found} numbers, and its description asks for {expected}");
                return Err(ModelError::tensor("(all)", why));
            }
            if let Some(name) = not_finite(&tensors) {
                return Err(ModelError::tensor(
                    name,
                    "it has a number that is not finite",
                ));
            }
            let mut network: D::Network<R> = description.zeros()?;
            network.import("", &mut tensors)?;
            match tensors.keys().next() {
                Some(name) => Err(ModelError::tensor(name, "this model has no such tensor")),
                None => Ok(network),
            }
        };
        let network = load().map_err(|error| TrainError::file(&path, error))?;
        Ok((description, network))
    }
}

/// Writes a model file; an existing file is replaced atomically.
///
/// # Errors
/// [`TrainError::Io`]; an existing file is then unchanged.
pub fn write_model<D: Description>(
    path: &Path,
    description: &D,
    network: &impl Canonical,
) -> Result<(), TrainError> {
    write_tensors(path, description, &weights(network))
}

pub(crate) fn write_tensors<D: Description>(
    path: &Path,
    description: &D,
    tensors: &Tensors,
) -> Result<(), TrainError> {
    tensor_file::write(path, FORMAT, D::KIND, description, tensors)
}

/// The weights of a network by name.
pub(crate) fn weights(network: &impl Canonical) -> Tensors {
    let mut tensors = Tensors::new();
    network.export("", &mut tensors);
    tensors
}

/// A tensor with NaN or an infinity. Training never saves one, and whatever it computes is NaN.
fn not_finite(tensors: &Tensors) -> Option<&str> {
    let found = tensors
        .iter()
        .find(|(_, tensor)| !tensor.data.iter().all(|v| v.is_finite()));
    found.map(|(name, _)| name.as_str())
}

fn count(tensors: &Tensors) -> usize {
    tensors.values().map(|tensor| tensor.data.len()).sum()
}

fn no_model(path: &Path) -> TrainError {
    TrainError::NoModel {
        dir: path.to_owned(),
        file: MODEL,
    }
}
