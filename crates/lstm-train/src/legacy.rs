//! Reading checkpoints of version 1: `checkpoint.json` and a safetensors file in the same directory.

use crate::{TrainError, files, json, tensor_file};
use lstm_model::Tensors;
use serde::Deserialize;
use serde_json::Value;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

const SIDECAR: &str = "checkpoint.json";
const FORMAT: &str = "lstm-checkpoint";
const VERSION: u32 = 1;

#[derive(Deserialize)]
struct Sidecar {
    tensors: TensorEntry,
    header: Value,
}

/// The file of tensors, with its length and checksum.
#[derive(Deserialize)]
struct TensorEntry {
    file: String,
    bytes: usize,
    crc32: u32,
}

/// The fields that are checked before the others are read, for a better message.
#[derive(Deserialize)]
struct Stamp {
    format: String,
    version: u32,
    kind: String,
}

/// A checkpoint of version 1.
pub(crate) struct Legacy {
    /// The path of `checkpoint.json`.
    pub path: PathBuf,
    pub header: Value,
    /// The tensors of the model.
    pub weights: Tensors,
    /// The optimiser's moments and the carried states.
    pub others: Tensors,
}

impl Legacy {
    /// The checkpoint of a model of this kind in `dir`, if there is one.
    pub fn read(dir: &Path, kind: &str) -> Result<Option<Self>, TrainError> {
        let path = dir.join(SIDECAR);
        if !dir.is_dir() {
            return Ok(None);
        }
        let Some(bytes) = files::read(&path)? else {
            return Ok(None);
        };
        let sidecar: Value = json::parse(&bytes).map_err(|e| unusable(&path, &e))?;
        let stamp = Stamp::deserialize(&sidecar).map_err(|e| unusable(&path, &e))?;
        if stamp.format != FORMAT || stamp.version != VERSION {
            let why = format!(
                "its format is {} version {}, expected {FORMAT} version {VERSION}",
                stamp.format, stamp.version
            );
            return Err(TrainError::file(&path, why));
        }
        tensor_file::expect_kind(&path, kind, &stamp.kind)?;
        let Sidecar { tensors, header } =
            Sidecar::deserialize(sidecar).map_err(|e| unusable(&path, &e))?;
        let (mut weights, mut others) = (Tensors::new(), Tensors::new());
        for (name, tensor) in read_tensors(dir, &path, &tensors)? {
            match name.strip_prefix("weights.") {
                Some(name) => weights.insert(name.to_owned(), tensor),
                None => others.insert(name, tensor),
            };
        }
        Ok(Some(Self {
            path,
            header,
            weights,
            others,
        }))
    }
}

fn unusable(path: &Path, error: &serde_json::Error) -> TrainError {
    let why = format!("it is not the JSON of a checkpoint, or is truncated: {error}");
    TrainError::file(path, why)
}

fn read_tensors(dir: &Path, sidecar: &Path, entry: &TensorEntry) -> Result<Tensors, TrainError> {
    if entry.file.contains(['/', '\\']) || !entry.file.ends_with(".safetensors") {
        let why = format!(
            "it names {:?} as its file of tensors, expected a .safetensors file in the same directory",
            entry.file
        );
        return Err(TrainError::file(sidecar, why));
    }
    let path = dir.join(&entry.file);
    let bytes = files::read(&path)?
        .ok_or_else(|| TrainError::io("read", &path)(ErrorKind::NotFound.into()))?;
    if bytes.len() != entry.bytes {
        let why = format!(
            "it is {} bytes long, expected {}: it was truncated or replaced",
            bytes.len(),
            entry.bytes
        );
        return Err(TrainError::file(&path, why));
    }
    let crc32 = crc32fast::hash(&bytes);
    if crc32 != entry.crc32 {
        let why = format!(
            "its checksum is {crc32:08x}, expected {:08x}: it was changed after it was saved",
            entry.crc32
        );
        return Err(TrainError::file(&path, why));
    }
    tensor_file::from_safetensors(&bytes).map_err(|why| TrainError::file(&path, why))
}
