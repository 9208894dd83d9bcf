//! A safetensors file with tensors and one JSON value.

use crate::{TrainError, files, json};
use lstm_model::{ModelError, Tensor, Tensors};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;

/// The entry of the file's metadata with the JSON value. It is the only entry, so that the same content
/// always gives the same bytes.
const ENTRY: &str = "lstm";

const VERSION: u32 = 1;

/// The first fields of the JSON value.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Stamp {
    /// `lstm-model` or `lstm-run`.
    pub format: String,
    pub version: u32,
    /// The application, for example `language-model`.
    pub kind: String,
    /// The checksum of the tensors' names, shapes and numbers.
    pub crc32: u32,
}

/// The content of a file whose checksum is right.
#[derive(Debug)]
pub(crate) struct TensorFile {
    pub stamp: Stamp,
    /// The description of a model, or the header of a run.
    pub header: Value,
    pub tensors: Tensors,
}

#[derive(Serialize, Deserialize)]
struct Metadata {
    #[serde(flatten)]
    stamp: Stamp,
    header: Value,
}

/// Writes a file; an existing file is replaced atomically.
pub(crate) fn write(
    path: &Path,
    format: &str,
    kind: &str,
    header: &impl Serialize,
    tensors: &Tensors,
) -> Result<(), TrainError> {
    let metadata = Metadata {
        stamp: Stamp {
            format: format.to_owned(),
            version: VERSION,
            kind: kind.to_owned(),
            crc32: checksum(tensors),
        },
        header: serde_json::to_value(header).expect("a header is plain data"),
    };
    let json = serde_json::to_string(&metadata).expect("metadata is plain data");
    files::replace(path, &to_safetensors(tensors, json)?)
}

/// Reads a file of this format and kind; `None` if there is no such file.
pub(crate) fn read(
    path: &Path,
    format: &str,
    kind: &str,
) -> Result<Option<TensorFile>, TrainError> {
    let Some(bytes) = files::read(path)? else {
        return Ok(None);
    };
    let unusable = |why: String| TrainError::file(path, why);
    let (_, metadata) = SafeTensors::read_metadata(&bytes)
        .map_err(|e| unusable(format!("it is truncated, or not a safetensors file: {e}")))?;
    let own = metadata.metadata().as_ref().and_then(|m| m.get(ENTRY));
    let own = own.ok_or_else(|| {
        let why = "it is a safetensors file of another program; `lstm import` reads PyTorch's";
        unusable(why.to_owned())
    })?;
    let Metadata { stamp, header } =
        json::parse(own.as_bytes()).map_err(|e| unusable(format!("its metadata: {e}")))?;
    if stamp.format != format || stamp.version != VERSION {
        return Err(unusable(format!(
            "its format is {} version {}, expected {format} version {VERSION}",
            stamp.format, stamp.version
        )));
    }
    expect_kind(path, kind, &stamp.kind)?;
    let tensors = from_safetensors(&bytes).map_err(unusable)?;
    let crc32 = checksum(&tensors);
    if crc32 != stamp.crc32 {
        return Err(unusable(format!(
            "its checksum is {crc32:08x}, expected {:08x}: it was changed after it was saved",
            stamp.crc32
        )));
    }
    Ok(Some(TensorFile {
        stamp,
        header,
        tensors,
    }))
}

/// Checks that a file has a model of the expected kind.
pub(crate) fn expect_kind(path: &Path, expected: &str, found: &str) -> Result<(), TrainError> {
    if found == expected {
        return Ok(());
    }
    Err(TrainError::Kind {
        path: path.to_owned(),
        found: found.to_owned(),
        expected: expected.to_owned(),
    })
}

/// CRC-32 over every tensor's name, shape and numbers.
pub(crate) fn checksum(tensors: &Tensors) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for (name, tensor) in tensors {
        hasher.update(name.as_bytes());
        for &extent in &tensor.shape {
            hasher.update(&(extent as u64).to_le_bytes());
        }
        hasher.update(&to_bytes(tensor));
    }
    hasher.finalize()
}

fn to_bytes(tensor: &Tensor) -> Vec<u8> {
    tensor.data.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn to_safetensors(tensors: &Tensors, json: String) -> Result<Vec<u8>, ModelError> {
    let bytes: Vec<Vec<u8>> = tensors.values().map(to_bytes).collect();
    let views = tensors.iter().zip(&bytes).map(|((name, tensor), bytes)| {
        let view = TensorView::new(Dtype::F32, tensor.shape.clone(), bytes)
            .map_err(|e| ModelError::tensor(name, e))?;
        Ok((name.as_str(), view))
    });
    let views = views.collect::<Result<Vec<_>, ModelError>>()?;
    let metadata = HashMap::from([(ENTRY.to_owned(), json)]);
    safetensors::serialize(views, Some(metadata)).map_err(|e| ModelError::tensor("(all)", e))
}

/// Every tensor of a safetensors file of single-precision numbers.
pub(crate) fn from_safetensors(bytes: &[u8]) -> Result<Tensors, String> {
    let file = SafeTensors::deserialize(bytes)
        .map_err(|e| format!("it is not a safetensors file: {e}"))?;
    file.tensors()
        .into_iter()
        .map(|(name, view)| {
            if view.dtype() != Dtype::F32 {
                return Err(format!("tensor {name} is {:?}, expected F32", view.dtype()));
            }
            let (numbers, _) = view.data().as_chunks::<4>();
            let data = numbers.iter().map(|&b| f32::from_le_bytes(b)).collect();
            let shape = view.shape().to_vec();
            Ok((name, Tensor { shape, data }))
        })
        .collect()
}
