//! Named arrays of numbers, as files hold them.

use crate::ExchangeError;
use lstm_bptt::oracle::disagreement;
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// An array of any number of dimensions, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// The sizes, outermost first.
    pub shape: Vec<usize>,
    /// The numbers.
    pub data: Vec<f64>,
}

/// Arrays by name.
pub type Tensors = BTreeMap<String, Tensor>;

impl Tensor {
    /// An array of `shape` with the numbers of `data`, row-major.
    ///
    /// # Panics
    /// If they are not as many as the shape says.
    pub fn new(shape: &[usize], data: Vec<f64>) -> Self {
        assert_eq!(
            shape.iter().product::<usize>(),
            data.len(),
            "numbers for {shape:?}"
        );
        Self {
            shape: shape.to_vec(),
            data,
        }
    }

    /// The part number `n` along the first dimension.
    pub fn part(&self, n: usize) -> Self {
        let size = self.data.len() / self.shape[0];
        Self {
            shape: self.shape[1..].to_vec(),
            data: self.data[n * size..(n + 1) * size].to_vec(),
        }
    }
}

/// A recorded file: its tensors, and what it says about itself.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// All tensors.
    pub tensors: Tensors,
    /// Free entries.
    pub metadata: HashMap<String, String>,
    /// How many digits its results were computed with, tensor by tensor: whether in single precision.
    pub single: BTreeMap<String, bool>,
}

impl Recording {
    /// Reads a safetensors file.
    ///
    /// # Errors
    /// If it cannot be read, is no safetensors file, or holds numbers of another type.
    pub fn open(path: &Path) -> Result<Self, ExchangeError> {
        let bytes = std::fs::read(path).map_err(|source| ExchangeError::Io {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&bytes)
    }

    /// As [`Recording::open`], from memory.
    ///
    /// # Errors
    /// As there.
    pub fn parse(bytes: &[u8]) -> Result<Self, ExchangeError> {
        let (_, header) = SafeTensors::read_metadata(bytes)?;
        let mut recording = Self {
            metadata: header.metadata().clone().unwrap_or_default(),
            ..Self::default()
        };
        // All entries in one, as this project's own vectors have them.
        if let Some(Value::Object(record)) = recording.entry("record") {
            let text = |value: Value| match value {
                Value::String(text) => text,
                other => other.to_string(),
            };
            let entries = record.into_iter().map(|(key, value)| (key, text(value)));
            recording.metadata.extend(entries);
        }
        for (name, view) in SafeTensors::deserialize(bytes)?.tensors() {
            let data = match view.dtype() {
                Dtype::F64 => numbers(view.data(), f64::from_le_bytes),
                Dtype::F32 => numbers(view.data(), |b| f32::from_le_bytes(b).into()),
                Dtype::F16 => numbers(view.data(), |b| half::f16::from_le_bytes(b).to_f64()),
                Dtype::BF16 => numbers(view.data(), |b| half::bf16::from_le_bytes(b).to_f64()),
                Dtype::I64 => numbers(view.data(), |b| i64::from_le_bytes(b) as f64),
                Dtype::I32 => numbers(view.data(), |b| i32::from_le_bytes(b).into()),
                other => {
                    return Err(ExchangeError::Dtype {
                        tensor: name,
                        dtype: format!("{other:?}"),
                    });
                }
            };
            if data.is_empty() {
                return Err(ExchangeError::Unsupported {
                    what: format!(
                        "tensor {name} of shape {:?}, which has no numbers,",
                        view.shape()
                    ),
                });
            }
            let is_single = matches!(view.dtype(), Dtype::F32 | Dtype::F16 | Dtype::BF16);
            recording.single.insert(name.clone(), is_single);
            recording
                .tensors
                .insert(name, Tensor::new(view.shape(), data));
        }
        Ok(recording)
    }

    /// Whether there is a tensor of this name.
    pub fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// How many numbers all its tensors have.
    pub(crate) fn count(&self) -> usize {
        self.tensors.values().map(|tensor| tensor.data.len()).sum()
    }

    /// The tensor of this name.
    ///
    /// # Errors
    /// If there is none.
    pub fn get(&self, name: &str) -> Result<&Tensor, ExchangeError> {
        self.tensors
            .get(name)
            .ok_or_else(|| ExchangeError::Missing {
                tensor: name.to_owned(),
            })
    }

    /// The tensor of this name and shape.
    ///
    /// # Errors
    /// If there is none, or one of another shape.
    pub fn shaped(&self, name: &str, expected: &[usize]) -> Result<&Tensor, ExchangeError> {
        let tensor = self.get(name)?;
        if tensor.shape != expected {
            return Err(ExchangeError::Shape {
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
    /// If there is none, or one of another number of dimensions.
    pub fn ranked<const N: usize>(
        &self,
        name: &str,
    ) -> Result<(&Tensor, [usize; N]), ExchangeError> {
        let tensor = self.get(name)?;
        let sizes = tensor.shape.as_slice().try_into();
        let sizes = sizes.map_err(|_| ExchangeError::Unsupported {
            what: format!(
                "tensor {name} of shape {:?}, expected are {N} dimensions,",
                tensor.shape
            ),
        })?;
        Ok((tensor, sizes))
    }

    /// Whole numbers from 0 to `most`.
    ///
    /// # Errors
    /// If the tensor is missing, of another shape, or holds anything else.
    pub fn counts(
        &self,
        name: &str,
        shape: &[usize],
        most: usize,
    ) -> Result<Vec<usize>, ExchangeError> {
        let tensor = self.shaped(name, shape)?;
        let count = |(index, &value): (usize, &f64)| {
            let is_count = value.fract() == 0.0 && (0.0..=most as f64).contains(&value);
            is_count
                .then_some(value as usize)
                .ok_or_else(|| ExchangeError::Value {
                    tensor: name.to_owned(),
                    index,
                    value,
                    expected: format!("expected a whole number from 0 to {most}"),
                })
        };
        tensor.data.iter().enumerate().map(count).collect()
    }

    /// An entry of the metadata as JSON; an entry that is no JSON is a string.
    pub fn entry(&self, key: &str) -> Option<Value> {
        let text = self.metadata.get(key)?;
        Some(serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone())))
    }

    /// Holds a size in the metadata, if it is given, to the one that the tensors have.
    ///
    /// # Errors
    /// If they differ.
    pub fn expect_size(&self, key: &str, size: usize) -> Result<(), ExchangeError> {
        match self.metadata.get(key) {
            Some(text) if text.parse() != Ok(size) => Err(ExchangeError::Metadata {
                key: key.to_owned(),
                why: format!("says {text}, the tensors say {size}"),
            }),
            _ => Ok(()),
        }
    }
}

fn numbers<const N: usize>(bytes: &[u8], read: impl Fn([u8; N]) -> f64) -> Vec<f64> {
    bytes
        .as_chunks()
        .0
        .iter()
        .map(|&chunk| read(chunk))
        .collect()
}

/// How far a computed tensor is from the recorded one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// max |found − expected|
    pub absolute: f64,
    /// The same, relative to the recorded tensor's largest element, or to 0.01 if that is larger.
    pub relative: f64,
    /// Where it is largest.
    pub index: usize,
}

/// Compares two tensors of one shape; an empty one agrees.
pub fn difference(found: &Tensor, expected: &Tensor) -> Difference {
    if found.data.is_empty() {
        return Difference {
            absolute: 0.0,
            relative: 0.0,
            index: 0,
        };
    }
    let worst = disagreement(&found.data, &expected.data);
    Difference {
        absolute: (worst.analytic - worst.oracle).abs(),
        relative: worst.relative,
        index: worst.index,
    }
}
