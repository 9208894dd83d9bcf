//! The recording that belongs to a model: a safetensors file, or the test data of an ONNX test case.

use crate::{CheckError, Recording};
use lstm_exchange::ExchangeError;
use lstm_exchange::onnx::{Graph, StoredTensor};
use safetensors::Dtype;
use std::path::{Path, PathBuf};

/// The folder of a test case that holds `input_0.pb` and so on.
const TEST_DATA: &str = "test_data_set_0";

/// Reads the recording of the model at `path`.
pub(super) fn recording(path: &Path, graph: &Graph) -> Result<Recording, CheckError> {
    let mut looked_for = candidates(path);
    if let Some(found) = looked_for.iter().find(|path| path.is_file()) {
        return Recording::open(found);
    }
    let folder = path.with_file_name(TEST_DATA);
    if folder.is_dir() {
        return test_data(&folder, graph);
    }
    looked_for.push(folder);
    Err(CheckError::NoRecording { looked_for })
}

/// `model.safetensors` for `model.onnx` or `model.maker.onnx`, in the same folder or one folder up.
fn candidates(path: &Path) -> Vec<PathBuf> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let mut stems = vec![stem.as_ref()];
    stems.extend(stem.rsplit_once('.').map(|(stem, _)| stem));
    let folder = path.parent().unwrap_or(Path::new(""));
    let up = match folder.file_name() {
        Some(_) => folder.parent().map(Path::to_owned),
        None => Some(folder.join("..")),
    };
    let folders = [Some(folder.to_owned()), up];
    let in_folder = |folder: &PathBuf| {
        let file = |stem| folder.join(format!("{stem}.safetensors"));
        stems.iter().map(file).collect::<Vec<_>>()
    };
    folders.iter().flatten().flat_map(in_folder).collect()
}

/// The files `input_0.pb` … and `output_0.pb` …, in the order of the graph's inputs and outputs.
fn test_data(folder: &Path, graph: &Graph) -> Result<Recording, CheckError> {
    let mut recording = Recording::default();
    let inputs = graph.needed_inputs().map(|name| format!("in.{name}"));
    let outputs = graph.outputs().map(|name| format!("out.{name}"));
    read(folder, "input", inputs, &mut recording)?;
    read(folder, "output", outputs, &mut recording)?;
    Ok(recording)
}

/// Reads one file for each name, until a file does not exist.
fn read(
    folder: &Path,
    kind: &str,
    names: impl Iterator<Item = String>,
    recording: &mut Recording,
) -> Result<(), CheckError> {
    for (n, name) in names.enumerate() {
        let path = folder.join(format!("{kind}_{n}.pb"));
        if !path.is_file() {
            break;
        }
        let io = |source| ExchangeError::Io {
            path: path.clone(),
            source,
        };
        let stored = StoredTensor::parse(&std::fs::read(&path).map_err(io)?)?;
        recording
            .dtypes
            .insert(name.clone(), dtype(stored.data_type));
        recording.tensors.insert(name, stored.value.tensor);
    }
    Ok(())
}

/// The number type with this code in TensorProto.
fn dtype(data_type: i32) -> Dtype {
    match data_type {
        1 => Dtype::F32,
        10 => Dtype::F16,
        16 => Dtype::BF16,
        11 => Dtype::F64,
        _ => Dtype::I64,
    }
}
