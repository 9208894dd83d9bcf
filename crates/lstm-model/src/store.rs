//! Checkpoints on disk: tensors as safetensors, everything else as a JSON sidecar.
//!
//! A save writes the tensors to a file of a new name, flushes it to the disk, and then puts the
//! sidecar, which names that file, in place by one rename. The rename is the moment at which the new
//! checkpoint takes the old one's place: whenever the process dies, the directory holds one or the
//! other, whole. The old tensors are removed afterwards.

use crate::{ModelError, Tensor, Tensors};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

/// The sidecar's name in a checkpoint's directory.
pub const SIDECAR: &str = "checkpoint.json";

const FORMAT: &str = "lstm-checkpoint";
const VERSION: u32 = 1;

/// What a kind of checkpoint says about itself besides its tensors.
pub trait Header: Serialize + DeserializeOwned {
    /// What it is a checkpoint of.
    const KIND: &'static str;
}

#[derive(Serialize, Deserialize)]
struct Sidecar<H> {
    format: String,
    version: u32,
    kind: String,
    tensors: TensorFile,
    header: H,
}

/// Which file holds the tensors, and how to know that it is whole.
#[derive(Serialize, Deserialize)]
struct TensorFile {
    file: String,
    bytes: usize,
    crc32: u32,
}

/// What is read first, to say what is wrong before the rest is taken apart.
#[derive(Deserialize)]
struct Stamp {
    format: String,
    version: u32,
    kind: String,
}

/// Puts a checkpoint in place of the one in `dir`, if any. `name` tells this save's tensors from the last.
///
/// # Errors
/// [`ModelError::Io`]; the checkpoint that was there is then still there.
pub fn save<H: Header>(
    dir: &Path,
    name: &str,
    header: &H,
    tensors: &Tensors,
) -> Result<(), ModelError> {
    fs::create_dir_all(dir).map_err(ModelError::io("create", dir))?;
    let bytes = to_safetensors(tensors)?;
    let file = unused_name(dir, name);
    let sidecar = Sidecar {
        format: FORMAT.into(),
        version: VERSION,
        kind: H::KIND.into(),
        tensors: TensorFile {
            file: file.clone(),
            bytes: bytes.len(),
            crc32: crc32fast::hash(&bytes),
        },
        header,
    };
    let json = serde_json::to_vec_pretty(&sidecar).expect("a header is plain data");
    write_synced(&dir.join(&file), &bytes)?;
    let partial = dir.join("checkpoint.json.partial");
    write_synced(&partial, &json)?;
    let sidecar = dir.join(SIDECAR);
    fs::rename(&partial, &sidecar).map_err(ModelError::io("write", &sidecar))?;
    sync_directory(dir);
    remove_other_tensors(dir, &file);
    Ok(())
}

/// Reads the checkpoint in `dir`.
///
/// # Errors
/// [`ModelError`] saying which file is missing, unreadable, damaged or foreign.
pub fn load<H: Header>(dir: &Path) -> Result<(H, Tensors), ModelError> {
    let path = dir.join(SIDECAR);
    let json = match fs::read(&path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(ModelError::NoCheckpoint {
                dir: dir.to_owned(),
                file: SIDECAR,
            });
        }
        other => other.map_err(ModelError::io("read", &path))?,
    };
    let stamp: Stamp = serde_json::from_slice(&json).map_err(|e| {
        ModelError::checkpoint(
            &path,
            format!("it is truncated, damaged or foreign JSON: {e}"),
        )
    })?;
    if stamp.format != FORMAT || stamp.version != VERSION {
        let why = format!(
            "its format is {} version {}, expected {FORMAT} version {VERSION}",
            stamp.format, stamp.version
        );
        return Err(ModelError::checkpoint(&path, why));
    }
    if stamp.kind != H::KIND {
        let why = format!(
            "it is a {} checkpoint, expected a {} one",
            stamp.kind,
            H::KIND
        );
        return Err(ModelError::checkpoint(&path, why));
    }
    let sidecar: Sidecar<H> =
        serde_json::from_slice(&json).map_err(|e| ModelError::checkpoint(&path, e))?;
    let tensors = read_tensors(dir, &path, &sidecar.tensors)?;
    Ok((sidecar.header, tensors))
}

fn read_tensors(dir: &Path, sidecar: &Path, expected: &TensorFile) -> Result<Tensors, ModelError> {
    if expected.file.contains(['/', '\\']) || !expected.file.ends_with(".safetensors") {
        let why = format!("it names {:?} as its tensors", expected.file);
        return Err(ModelError::checkpoint(sidecar, why));
    }
    let path = dir.join(&expected.file);
    let bytes = fs::read(&path).map_err(ModelError::io("read", &path))?;
    if bytes.len() != expected.bytes {
        let why = format!(
            "it is {} bytes long, expected {}: it was truncated or replaced",
            bytes.len(),
            expected.bytes
        );
        return Err(ModelError::checkpoint(&path, why));
    }
    let crc32 = crc32fast::hash(&bytes);
    if crc32 != expected.crc32 {
        let why = format!(
            "its checksum is {crc32:08x}, expected {:08x}: it was changed after it was saved",
            expected.crc32
        );
        return Err(ModelError::checkpoint(&path, why));
    }
    from_safetensors(&bytes).map_err(|why| ModelError::checkpoint(&path, why))
}

fn to_safetensors(tensors: &Tensors) -> Result<Vec<u8>, ModelError> {
    let bytes: Vec<(&String, &Tensor, Vec<u8>)> = tensors
        .iter()
        .map(|(name, tensor)| {
            let bytes = tensor.data.iter().flat_map(|v| v.to_le_bytes()).collect();
            (name, tensor, bytes)
        })
        .collect();
    let views = bytes
        .iter()
        .map(|(name, tensor, bytes)| {
            let view = TensorView::new(Dtype::F32, tensor.shape.clone(), bytes)
                .map_err(|e| ModelError::tensor(name, e))?;
            Ok((name.as_str(), view))
        })
        .collect::<Result<Vec<_>, ModelError>>()?;
    safetensors::serialize(views, None).map_err(|e| ModelError::tensor("(all)", e))
}

fn from_safetensors(bytes: &[u8]) -> Result<Tensors, String> {
    let file =
        SafeTensors::deserialize(bytes).map_err(|e| format!("it is no safetensors file: {e}"))?;
    file.tensors()
        .into_iter()
        .map(|(name, view)| {
            if view.dtype() != Dtype::F32 {
                return Err(format!("tensor {name} is {:?}, expected F32", view.dtype()));
            }
            let data = view
                .data()
                .chunks_exact(4)
                .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                .collect();
            let shape = view.shape().to_vec();
            Ok((name, Tensor { shape, data }))
        })
        .collect()
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), ModelError> {
    let mut file = File::create(path).map_err(ModelError::io("write", path))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(ModelError::io("write", path))
}

/// Makes the rename itself durable where the system can; where it cannot, a crash of the machine (not
/// of the process) may bring the old checkpoint back, whole, if its tensors are still there.
fn sync_directory(dir: &Path) {
    if let Ok(dir) = File::open(dir) {
        let _ = dir.sync_all();
    }
}

/// A name that no file has, so that the tensors of the checkpoint in place are never written over.
fn unused_name(dir: &Path, name: &str) -> String {
    let first = format!("{name}.safetensors");
    if !dir.join(&first).exists() {
        return first;
    }
    let numbered = (2..).map(|n| format!("{name}-{n}.safetensors"));
    numbered
        .into_iter()
        .find(|candidate| !dir.join(candidate).exists())
        .expect("some number is free")
}

/// Best effort: a file left over costs space and nothing else, and the next save tries again.
fn remove_other_tensors(dir: &Path, keep: &str) {
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("weights-") && name.ends_with(".safetensors") && name != keep {
            let _ = fs::remove_file(entry.path());
        }
    }
}
