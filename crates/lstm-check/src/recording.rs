//! A recorded file: its tensors, its metadata, and checked access to both.

use crate::CheckError;
use crate::precision::Precision;
use lstm_exchange::{ExchangeError, Tensor, TensorFile, Tensors};
use safetensors::Dtype;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// Recorded tensors and what the file says about them.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// All tensors.
    pub tensors: Tensors,
    /// The metadata: text or JSON by key.
    pub metadata: HashMap<String, String>,
    /// The number type of each tensor; F64 for tensors that are not in the map.
    pub dtypes: BTreeMap<String, Dtype>,
}

impl Recording {
    /// Reads a safetensors file.
    ///
    /// # Errors
    /// As [`TensorFile::open`].
    pub fn open(path: &Path) -> Result<Self, CheckError> {
        Ok(TensorFile::open(path)?.into())
    }

    /// Reads a safetensors file's bytes.
    ///
    /// # Errors
    /// As [`TensorFile::parse`].
    pub fn parse(bytes: &[u8]) -> Result<Self, CheckError> {
        Ok(TensorFile::parse(bytes)?.into())
    }

    /// Whether there is a tensor of this name.
    pub fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// Whether there is a tensor whose name has this prefix.
    pub(crate) fn has_prefix(&self, prefix: &str) -> bool {
        self.tensors.keys().any(|name| name.starts_with(prefix))
    }

    /// The precision of a tensor's numbers.
    pub(crate) fn precision(&self, name: &str) -> Precision {
        let dtype = self.dtypes.get(name);
        dtype.map_or(Precision::Double, |dtype| Precision::of(*dtype))
    }

    /// How many numbers all tensors have together.
    pub(crate) fn count(&self) -> usize {
        self.tensors.values().map(|tensor| tensor.data.len()).sum()
    }

    /// The tensor of this name.
    ///
    /// # Errors
    /// If there is none.
    pub fn get(&self, name: &str) -> Result<&Tensor, CheckError> {
        let tensor = self.tensors.get(name);
        tensor.ok_or_else(|| CheckError::missing(name))
    }

    /// The tensor with this name, in this shape. Dimensions of size 1 are ignored: there may be more or
    /// fewer of them.
    ///
    /// # Errors
    /// If there is none, or if it has another shape.
    pub fn shaped(&self, name: &str, expected: &[usize]) -> Result<Tensor, CheckError> {
        fitted(name, self.get(name)?, expected)
    }

    /// The tensor of this name and number of dimensions.
    ///
    /// # Errors
    /// If there is none, or if it has another number of dimensions.
    pub fn ranked<const N: usize>(&self, name: &str) -> Result<(&Tensor, [usize; N]), CheckError> {
        let tensor = self.get(name)?;
        let sizes = tensor.shape.as_slice().try_into();
        let sizes = sizes.map_err(|_| {
            CheckError::unsupported(format!(
                "tensor {name} of shape {:?} (expected {N} dimensions)",
                tensor.shape
            ))
        })?;
        Ok((tensor, sizes))
    }

    /// The tensor of this name and shape as integers from 0 to `most`.
    ///
    /// # Errors
    /// If there is none, if it has another shape, or if it holds any other number.
    pub fn counts(
        &self,
        name: &str,
        shape: &[usize],
        most: usize,
    ) -> Result<Vec<usize>, CheckError> {
        let tensor = self.shaped(name, shape)?;
        let count = |(index, &value): (usize, &f64)| {
            let is_count = value.fract() == 0.0 && (0.0..=most as f64).contains(&value);
            let wrong = || ExchangeError::Value {
                tensor: name.to_owned(),
                index,
                value,
                expected: format!("expected an integer from 0 to {most}"),
            };
            Ok(is_count.then_some(value as usize).ok_or_else(wrong)?)
        };
        tensor.data.iter().enumerate().map(count).collect()
    }

    /// A metadata entry as JSON; text that is no JSON is taken as a string.
    pub fn entry(&self, key: &str) -> Option<Value> {
        let text = self.metadata.get(key)?;
        Some(serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone())))
    }

    /// A boolean metadata entry: `true`, `True` or 1, `false`, `False` or 0.
    ///
    /// # Errors
    /// If it has any other value.
    pub fn flag(&self, key: &str) -> Result<Option<bool>, CheckError> {
        let Some(text) = self.metadata.get(key) else {
            return Ok(None);
        };
        match text.to_lowercase().as_str() {
            "true" | "1" => Ok(Some(true)),
            "false" | "0" => Ok(Some(false)),
            _ => Err(CheckError::metadata(
                key,
                format!("says {text}, expected true or false"),
            )),
        }
    }

    /// Checks that a size in the metadata, if it is there, is the size that the tensors have.
    ///
    /// # Errors
    /// If the two differ.
    pub fn expect_size(&self, key: &str, size: usize) -> Result<(), CheckError> {
        match self.metadata.get(key) {
            Some(text) if text.parse() != Ok(size) => Err(CheckError::metadata(
                key,
                format!("says {text}, the tensors say {size}"),
            )),
            _ => Ok(()),
        }
    }
}

/// A tensor in another shape that differs only in dimensions of size 1, so that the numbers keep their
/// order.
pub(crate) fn fitted(
    name: &str,
    tensor: &Tensor,
    expected: &[usize],
) -> Result<Tensor, CheckError> {
    if !is_alike(&tensor.shape, expected) {
        return Err(CheckError::shape(name, tensor.shape.clone(), expected));
    }
    Ok(Tensor::new(expected, tensor.data.clone()))
}

/// Whether two shapes differ only in dimensions of size 1.
pub(crate) fn is_alike(one: &[usize], other: &[usize]) -> bool {
    let sizes = |shape: &[usize]| -> Vec<usize> {
        let sizes = shape.iter().copied();
        sizes.filter(|&size| size != 1).collect()
    };
    sizes(one) == sizes(other)
}

impl From<TensorFile> for Recording {
    fn from(file: TensorFile) -> Self {
        let mut recording = Self {
            tensors: file.tensors,
            metadata: file.metadata,
            dtypes: file.dtypes,
        };
        // This project's own vectors keep all entries in one JSON object.
        if let Some(Value::Object(record)) = recording.entry("record") {
            let text = |value: Value| match value {
                Value::String(text) => text,
                other => other.to_string(),
            };
            let entries = record.into_iter().map(|(key, value)| (key, text(value)));
            recording.metadata.extend(entries);
        }
        recording
    }
}
