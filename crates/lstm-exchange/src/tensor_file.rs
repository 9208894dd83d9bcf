//! Safetensors files, read with any of the usual number types.

use crate::sniff::what_it_is;
use crate::{ExchangeError, Tensor, Tensors};
use safetensors::{Dtype, SafeTensors};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// What a safetensors file holds.
#[derive(Clone, Debug, Default)]
pub struct TensorFile {
    /// All tensors.
    pub tensors: Tensors,
    /// The metadata: text by key.
    pub metadata: HashMap<String, String>,
    /// The number type of each tensor.
    pub dtypes: BTreeMap<String, Dtype>,
}

impl TensorFile {
    /// Reads a file.
    ///
    /// # Errors
    /// As [`TensorFile::parse`], or if the file cannot be read.
    pub fn open(path: &Path) -> Result<Self, ExchangeError> {
        let bytes = std::fs::read(path).map_err(|source| ExchangeError::Io {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&bytes)
    }

    /// Reads a file's bytes.
    ///
    /// # Errors
    /// If they are no safetensors file, or if a tensor is empty or has another number type than F64,
    /// F32, F16, BF16, BOOL, I64, I32, I16, I8, U32 and U8.
    pub fn parse(bytes: &[u8]) -> Result<Self, ExchangeError> {
        let header = SafeTensors::read_metadata(bytes);
        let (_, header) = header.map_err(|source| match what_it_is(bytes) {
            Some(what) if !what.starts_with("a safetensors") => ExchangeError::Foreign { what },
            _ => source.into(),
        })?;
        let mut file = Self {
            metadata: header.metadata().clone().unwrap_or_default(),
            ..Self::default()
        };
        for (name, view) in SafeTensors::deserialize(bytes)?.tensors() {
            let data = match view.dtype() {
                Dtype::F64 => numbers(view.data(), f64::from_le_bytes),
                Dtype::F32 => numbers(view.data(), |b| f32::from_le_bytes(b).into()),
                Dtype::F16 => numbers(view.data(), |b| half::f16::from_le_bytes(b).to_f64()),
                Dtype::BF16 => numbers(view.data(), |b| half::bf16::from_le_bytes(b).to_f64()),
                Dtype::I64 => numbers(view.data(), |b| i64::from_le_bytes(b) as f64),
                Dtype::I32 => numbers(view.data(), |b| i32::from_le_bytes(b).into()),
                Dtype::I16 => numbers(view.data(), |b| i16::from_le_bytes(b).into()),
                Dtype::I8 => numbers(view.data(), |b| i8::from_le_bytes(b).into()),
                Dtype::U32 => numbers(view.data(), |b| u32::from_le_bytes(b).into()),
                Dtype::U8 | Dtype::BOOL => numbers(view.data(), |b| u8::from_le_bytes(b).into()),
                other => {
                    return Err(ExchangeError::Dtype {
                        tensor: name,
                        dtype: format!("{other:?}"),
                    });
                }
            };
            if data.is_empty() {
                return Err(ExchangeError::Unsupported {
                    what: format!("an empty tensor ({name}, of shape {:?})", view.shape()),
                });
            }
            file.dtypes.insert(name.clone(), view.dtype());
            file.tensors.insert(name, Tensor::new(view.shape(), data));
        }
        Ok(file)
    }
}

fn numbers<const N: usize>(bytes: &[u8], read: impl Fn([u8; N]) -> f64) -> Vec<f64> {
    let (chunks, _) = bytes.as_chunks();
    chunks.iter().map(|&chunk| read(chunk)).collect()
}
