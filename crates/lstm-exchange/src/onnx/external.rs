//! Tensors that a model keeps in other files (ONNX's external data). Exporters do this with large
//! weights.
//!
//! The files must lie in the model's folder, because an untrusted model must not be able to read other
//! files.

use super::file::MOST_BYTES;
use super::proto::{Graph, Model, TensorData};
use super::value::{count, width};
use crate::ExchangeError;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};

/// A file may be read this many times its length. The limit is above 1 because tensors may share bytes.
const MOST_READINGS: u64 = 4;

/// Loads external tensors into the model.
pub(super) fn load(model: &mut Model, folder: &Path) -> Result<(), ExchangeError> {
    let mut files = Files {
        folder: folder.to_owned(),
        read: BTreeMap::new(),
        all: 0,
    };
    match &mut model.graph {
        Some(graph) => files.load(graph),
        None => Ok(()),
    }
}

/// The files in a model's folder, and how many bytes were read from each.
struct Files {
    folder: PathBuf,
    read: BTreeMap<PathBuf, u64>,
    all: u64,
}

impl Files {
    fn load(&mut self, graph: &mut Graph) -> Result<(), ExchangeError> {
        for tensor in &mut graph.initializer {
            self.fill(tensor)?;
        }
        for attribute in graph.node.iter_mut().flat_map(|node| &mut node.attribute) {
            if let Some(tensor) = &mut attribute.t {
                self.fill(tensor)?;
            }
            if let Some(graph) = &mut attribute.g {
                self.load(graph)?;
            }
        }
        Ok(())
    }

    fn fill(&mut self, tensor: &mut TensorData) -> Result<(), ExchangeError> {
        if tensor.data_location == 0 && tensor.external_data.is_empty() {
            return Ok(());
        }
        let entry = |key: &str| {
            let own = tensor.external_data.iter().find(|entry| entry.key == key);
            own.map(|entry| entry.value.as_str())
        };
        let wrong = |why: &str| ExchangeError::NotOnnx {
            why: format!(
                "tensor {}, which is stored in another file, {why}",
                tensor.name
            ),
        };
        let location = entry("location").ok_or_else(|| wrong("does not name the file"))?;
        let number = |key: &str| match entry(key).map(str::parse::<u64>) {
            None => Ok(None),
            Some(number) => number
                .map(Some)
                .map_err(|_| wrong(&format!("has no number as {key}"))),
        };
        let sizes = tensor.dims.iter().map(|&dim| usize::try_from(dim).ok());
        let sizes: Option<Vec<usize>> = sizes.collect();
        let bytes = sizes.and_then(|sizes| count(&sizes)?.checked_mul(width(tensor.data_type)?));
        let bytes = bytes.ok_or_else(|| wrong("has an unknown number type or sizes"))? as u64;
        if number("length")?.is_some_and(|length| length != bytes) {
            return Err(wrong(&format!(
                "should have {bytes} bytes, as its shape says"
            )));
        }
        let start = number("offset")?.unwrap_or(0);
        let path = self.path(location).ok_or_else(|| {
            wrong(&format!(
                "names {location:?}, which is no file in the model's folder"
            ))
        })?;
        let data = self.bytes(&path, start, bytes)?;
        let data = data.ok_or_else(|| {
            wrong(&format!(
                "needs {bytes} bytes from byte {start} of {location}, which are not there"
            ))
        })?;
        tensor.raw_data = data;
        tensor.data_location = 0;
        tensor.external_data.clear();
        Ok(())
    }

    /// The file of this name, if it lies in the folder: no absolute path, no `..`, no link to the
    /// outside.
    fn path(&self, location: &str) -> Option<PathBuf> {
        let relative = Path::new(location);
        let is_inside =
            |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
        if location.contains('\\') || !relative.components().all(is_inside) {
            return None;
        }
        let here = if self.folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &self.folder
        };
        let folder = here.canonicalize().ok()?;
        let path = folder.join(relative).canonicalize().ok()?;
        let is_file = path.starts_with(&folder) && path.is_file();
        is_file.then_some(path)
    }

    /// Some bytes of a file; `None` if the file is too short, or has been read too many times.
    fn bytes(
        &mut self,
        path: &Path,
        start: u64,
        bytes: u64,
    ) -> Result<Option<Vec<u8>>, ExchangeError> {
        let io = |source| ExchangeError::Io {
            path: path.to_owned(),
            source,
        };
        let mut file = File::open(path).map_err(io)?;
        let length = file.metadata().map_err(io)?.len();
        let read = self.read.entry(path.to_owned()).or_default();
        *read = read.saturating_add(bytes);
        self.all = self.all.saturating_add(bytes);
        if self.all > MOST_BYTES {
            return Err(ExchangeError::Unsupported {
                what: format!("a model with more than {MOST_BYTES} bytes in other files"),
            });
        }
        let is_there = start.checked_add(bytes).is_some_and(|end| end <= length);
        if !is_there || *read > length.saturating_mul(MOST_READINGS) {
            return Ok(None);
        }
        let mut data = vec![0; usize::try_from(bytes).unwrap_or(usize::MAX)];
        file.seek(SeekFrom::Start(start)).map_err(io)?;
        file.read_exact(&mut data).map_err(io)?;
        Ok(Some(data))
    }
}
