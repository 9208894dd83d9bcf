//! A recorded file: its tensors, its metadata, and checked access to both.

use crate::CheckError;
use lstm_exchange::{Tensor, TensorFile, Tensors};
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
    /// Whether each tensor was recorded in single precision or less.
    pub is_single: BTreeMap<String, bool>,
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

    /// How many numbers all tensors have together.
    pub(crate) fn count(&self) -> usize {
        self.tensors.values().map(|tensor| tensor.data.len()).sum()
    }

    /// The tensor of this name.
    ///
    /// # Errors
    /// If there is none.
    pub fn get(&self, name: &str) -> Result<&Tensor, CheckError> {
        self.tensors.get(name).ok_or_else(|| CheckError::Missing {
            tensor: name.to_owned(),
        })
    }

    /// The tensor of this name and shape.
    ///
    /// # Errors
    /// If there is none, or if it has another shape.
    pub fn shaped(&self, name: &str, expected: &[usize]) -> Result<&Tensor, CheckError> {
        let tensor = self.get(name)?;
        if tensor.shape != expected {
            return Err(CheckError::Shape {
                tensor: name.to_owned(),
                found: tensor.shape.clone(),
                expected: expected.to_vec(),
            });
        }
        Ok(tensor)
    }

    /// The tensor of this name and number of dimensions.
    ///
    /// # Errors
    /// If there is none, or if it has another number of dimensions.
    pub fn ranked<const N: usize>(&self, name: &str) -> Result<(&Tensor, [usize; N]), CheckError> {
        let tensor = self.get(name)?;
        let sizes = tensor.shape.as_slice().try_into();
        let sizes = sizes.map_err(|_| CheckError::Unsupported {
            what: format!(
                "tensor {name} of shape {:?} (expected {N} dimensions)",
                tensor.shape
            ),
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
            is_count
                .then_some(value as usize)
                .ok_or_else(|| CheckError::Value {
                    tensor: name.to_owned(),
                    index,
                    value,
                    expected: format!("expected an integer from 0 to {most}"),
                })
        };
        tensor.data.iter().enumerate().map(count).collect()
    }

    /// A metadata entry as JSON; text that is no JSON is taken as a string.
    pub fn entry(&self, key: &str) -> Option<Value> {
        let text = self.metadata.get(key)?;
        Some(serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone())))
    }

    /// Checks that a size in the metadata, if it is there, is the size that the tensors have.
    ///
    /// # Errors
    /// If the two differ.
    pub fn expect_size(&self, key: &str, size: usize) -> Result<(), CheckError> {
        match self.metadata.get(key) {
            Some(text) if text.parse() != Ok(size) => Err(CheckError::Metadata {
                key: key.to_owned(),
                why: format!("says {text}, the tensors say {size}"),
            }),
            _ => Ok(()),
        }
    }
}

impl From<TensorFile> for Recording {
    fn from(file: TensorFile) -> Self {
        let mut recording = Self {
            tensors: file.tensors,
            metadata: file.metadata,
            is_single: file.is_single,
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
