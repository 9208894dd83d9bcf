//! The arrays of an HDF5 file by their paths, read and written.

use crate::about::ENTRY;
use crate::{ExchangeError, Tensor, Tensors};
use hdf5_pure::{DType, Dataset, Error, File, FileBuilder, Group};

/// What a weights file holds.
#[derive(Debug, Default)]
pub(super) struct Hdf5 {
    /// The arrays in groups named `vars`, without the optimiser's.
    pub arrays: Tensors,
    /// The JSON that this crate adds.
    pub about: Option<String>,
}

/// Models of Keras stay below both limits. In a damaged file a group may contain itself.
const DEEPEST: usize = 12;
const MOST_GROUPS: usize = 10_000;

/// Reads a file's bytes; this takes a small multiple of their length in memory.
pub(super) fn read(bytes: &[u8]) -> Result<Hdf5, ExchangeError> {
    if bytes.starts_with(b"PK") {
        return Err(not_keras(
            "a zip archive, as .keras files are; unzip it and pass its model.weights.h5".into(),
        ));
    }
    let file = File::from_bytes(bytes.to_vec()).map_err(|e| damaged(&e))?;
    let mut walk = Walk {
        found: Hdf5::default(),
        groups: 0,
        bytes_left: bytes.len() as u64,
    };
    let root = file.root();
    if root
        .datasets()
        .map_err(|e| damaged(&e))?
        .iter()
        .any(|name| name == ENTRY)
    {
        let about = file.dataset(ENTRY).map_err(|e| damaged(&e))?;
        walk.sizes(ENTRY, &about, 1)?;
        let text = String::from_utf8(about.read_u8().map_err(|e| damaged(&e))?);
        walk.found.about = Some(text.map_err(|why| ExchangeError::Metadata {
            key: ENTRY.into(),
            why: why.to_string(),
        })?);
    }
    walk.group(&root, "", 0)?;
    Ok(walk.found)
}

struct Walk {
    found: Hdf5,
    groups: usize,
    /// The arrays together are no longer than the file.
    bytes_left: u64,
}

impl Walk {
    fn group(&mut self, group: &Group, path: &str, depth: usize) -> Result<(), ExchangeError> {
        self.groups += 1;
        if depth > DEEPEST || self.groups > MOST_GROUPS {
            return Err(not_keras(format!(
                "it has too many groups, or one that contains itself, at {path}"
            )));
        }
        if path.ends_with("vars/") {
            for name in group.datasets().map_err(|e| damaged(&e))? {
                let path = format!("{path}{name}");
                let array = group.dataset(&name).map_err(|e| damaged(&e))?;
                let tensor = self.array(&path, &array)?;
                self.found.arrays.insert(path, tensor);
            }
        }
        for name in group.groups().map_err(|e| damaged(&e))? {
            // The states of the optimiser and of random number generators are no weights.
            if depth == 0 && name == "optimizer" || name == "seed_generator" {
                continue;
            }
            let below = group.group(&name).map_err(|e| damaged(&e))?;
            self.group(&below, &format!("{path}{name}/"), depth + 1)?;
        }
        Ok(())
    }

    fn array(&mut self, path: &str, array: &Dataset) -> Result<Tensor, ExchangeError> {
        let dtype = array.dtype().map_err(|e| damaged(&e))?;
        let (width, is_single) = match dtype {
            DType::F32 => (4, true),
            DType::F64 => (8, false),
            other => {
                return Err(ExchangeError::Unsupported {
                    what: format!("array {path} of {other} (expected f32 or f64)"),
                });
            }
        };
        let shape = self.sizes(path, array, width)?;
        let data: Vec<f64> = if is_single {
            let numbers = array.read_f32().map_err(|e| damaged(&e))?;
            numbers.into_iter().map(f64::from).collect()
        } else {
            array.read_f64().map_err(|e| damaged(&e))?
        };
        if data.is_empty() || data.len() != shape.iter().product::<usize>() {
            let why = format!("{path} of shape {shape:?} has {} numbers", data.len());
            return Err(not_keras(why));
        }
        Ok(Tensor::new(&shape, data))
    }

    /// An array's shape, unless its numbers would not fit into the file.
    fn sizes(
        &mut self,
        path: &str,
        array: &Dataset,
        width: u64,
    ) -> Result<Vec<usize>, ExchangeError> {
        let shape = array.shape().map_err(|e| damaged(&e))?;
        let bytes = shape.iter().try_fold(width, |n, &size| n.checked_mul(size));
        self.bytes_left = bytes
            .and_then(|bytes| self.bytes_left.checked_sub(bytes))
            .ok_or_else(|| {
                not_keras(format!("{path} of shape {shape:?} is larger than the file"))
            })?;
        Ok(shape.into_iter().map(|size| size as usize).collect())
    }
}

/// A file with the arrays `0`, `1` … at each path below `layers`, in single precision.
pub(super) fn write(
    layers: &[(String, Vec<Tensor>)],
    about: &str,
) -> Result<Vec<u8>, ExchangeError> {
    let mut file = FileBuilder::new();
    let mut top = file.create_group("layers");
    for (path, arrays) in layers {
        let mut names = path.split('/').rev();
        let mut group = top.create_group(names.next().unwrap_or_default());
        for (n, array) in arrays.iter().enumerate() {
            let numbers: Vec<f32> = array.data.iter().map(|&v| v as f32).collect();
            let shape: Vec<u64> = array.shape.iter().map(|&size| size as u64).collect();
            group
                .create_dataset(&n.to_string())
                .with_f32_data(&numbers)
                .with_shape(&shape);
        }
        for name in names {
            let mut outer = top.create_group(name);
            outer.add_group(group.finish());
            group = outer;
        }
        top.add_group(group.finish());
    }
    file.add_group(top.finish());
    file.create_dataset(ENTRY).with_u8_data(about.as_bytes());
    file.finish().map_err(|e| damaged(&e))
}

fn not_keras(why: String) -> ExchangeError {
    ExchangeError::NotKeras { why }
}

fn damaged(error: &Error) -> ExchangeError {
    not_keras(error.to_string())
}
