//! The values of a graph, decoded and encoded.

use super::proto::{TensorData, dtype};
use crate::{ExchangeError, Tensor};

/// The type of an array's numbers. Which precision a file stores them in is not kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ElementType {
    /// Floating-point numbers.
    Float,
    /// Integers.
    Int,
    /// 0 and 1.
    Bool,
}

impl ElementType {
    /// The type for ONNX's number type; `None` if it is not supported.
    pub(super) fn from_onnx(data_type: i32) -> Option<Self> {
        Some(match data_type {
            dtype::FLOAT | dtype::DOUBLE | dtype::FLOAT16 | dtype::BFLOAT16 => Self::Float,
            dtype::INT32 | dtype::INT64 => Self::Int,
            dtype::BOOL => Self::Bool,
            _ => return None,
        })
    }
}

/// An array of a graph. Integers are exact to 2⁵³; graphs use larger ones only to mean "to the end".
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// The numbers.
    pub tensor: Tensor,
    /// Their type.
    pub element_type: ElementType,
}

impl Value {
    pub(super) fn float(tensor: Tensor) -> Self {
        Self {
            tensor,
            element_type: ElementType::Float,
        }
    }

    pub(super) fn int(tensor: Tensor) -> Self {
        Self {
            tensor,
            element_type: ElementType::Int,
        }
    }

    pub(super) fn bool(tensor: Tensor) -> Self {
        Self {
            tensor,
            element_type: ElementType::Bool,
        }
    }

    /// A list of integers, of shape \[N\].
    pub(super) fn ints(numbers: &[i64]) -> Self {
        let data = numbers.iter().map(|&n| n as f64).collect();
        Self::int(Tensor::new(&[numbers.len()], data))
    }

    pub(super) fn shape(&self) -> &[usize] {
        &self.tensor.shape
    }

    pub(super) fn data(&self) -> &[f64] {
        &self.tensor.data
    }

    /// The numbers as integers; `None` if one is not.
    pub(super) fn integers(&self) -> Option<Vec<i64>> {
        let integer = |&n: &f64| (n.fract() == 0.0).then_some(n as i64);
        self.data().iter().map(integer).collect()
    }

    /// Decodes a constant of a file.
    pub(super) fn decode(data: &TensorData) -> Result<Self, ExchangeError> {
        let name = data.name.as_str();
        if data.data_location != 0 || !data.external_data.is_empty() {
            let place = data.external_data.iter().find(|e| e.key == "location");
            let place = place.map_or("another file", |entry| entry.value.as_str());
            return Err(ExchangeError::Unsupported {
                what: format!(
                    "tensor {name}, which is stored outside of the model (in {place}) and cannot be read \
                     from the model's bytes alone,"
                ),
            });
        }
        let sizes = data.dims.iter().map(|&dim| usize::try_from(dim).ok());
        let shape: Option<Vec<usize>> = sizes.collect();
        let counted = shape.and_then(|shape| count(&shape).map(|count| (shape, count)));
        let (shape, count) = counted.ok_or_else(|| ExchangeError::NotOnnx {
            why: format!("tensor {name} has sizes {:?}", data.dims),
        })?;
        let (numbers, element_type) = numbers(data)?;
        if numbers.len() != count {
            let found = numbers.len();
            return Err(ExchangeError::NotOnnx {
                why: format!("tensor {name} of shape {shape:?} has {found} numbers"),
            });
        }
        Ok(Self {
            tensor: Tensor::new(&shape, numbers),
            element_type,
        })
    }

    /// Encodes a constant: floating-point numbers as f32, integers as int64.
    pub(super) fn encode(&self, name: &str) -> TensorData {
        self.encode_as(
            name,
            match self.element_type {
                ElementType::Float => dtype::FLOAT,
                ElementType::Int => dtype::INT64,
                ElementType::Bool => dtype::BOOL,
            },
        )
    }

    /// Encodes a constant as `FLOAT`, `INT32`, `INT64` or `BOOL`.
    pub(super) fn encode_as(&self, name: &str, data_type: i32) -> TensorData {
        let mut raw_data = Vec::new();
        for &n in self.data() {
            match data_type {
                dtype::FLOAT => raw_data.extend((n as f32).to_le_bytes()),
                dtype::INT32 => raw_data.extend((n as i32).to_le_bytes()),
                dtype::INT64 => raw_data.extend((n as i64).to_le_bytes()),
                _ => raw_data.push(u8::from(n != 0.0)),
            }
        }
        TensorData {
            name: name.into(),
            dims: self.shape().iter().map(|&size| size as i64).collect(),
            data_type,
            raw_data,
            ..TensorData::default()
        }
    }
}

/// A constant's numbers, from the field of their type or from raw bytes.
fn numbers(data: &TensorData) -> Result<(Vec<f64>, ElementType), ExchangeError> {
    use ElementType::{Bool, Float, Int};
    let raw = &data.raw_data;
    let int32 = || data.int32_data.iter();
    let half = |&n: &i32| half::f16::from_bits(n as u16).to_f64();
    let bfloat = |&n: &i32| half::bf16::from_bits(n as u16).to_f64();
    Ok(if raw.is_empty() {
        match data.data_type {
            dtype::FLOAT => (data.float_data.iter().map(|&n| n.into()).collect(), Float),
            dtype::DOUBLE => (data.double_data.clone(), Float),
            dtype::FLOAT16 => (int32().map(half).collect(), Float),
            dtype::BFLOAT16 => (int32().map(bfloat).collect(), Float),
            dtype::INT64 => (data.int64_data.iter().map(|&n| n as f64).collect(), Int),
            dtype::INT32 => (int32().map(|&n| n.into()).collect(), Int),
            dtype::BOOL => (int32().map(|&n| n.into()).collect(), Bool),
            other => return Err(unknown_type(data, other)),
        }
    } else {
        match data.data_type {
            dtype::FLOAT => (read(raw, |b| f32::from_le_bytes(b).into()), Float),
            dtype::DOUBLE => (read(raw, f64::from_le_bytes), Float),
            dtype::FLOAT16 => (read(raw, |b| half::f16::from_le_bytes(b).to_f64()), Float),
            dtype::BFLOAT16 => (read(raw, |b| half::bf16::from_le_bytes(b).to_f64()), Float),
            dtype::INT64 => (read(raw, |b| i64::from_le_bytes(b) as f64), Int),
            dtype::INT32 => (read(raw, |b| i32::from_le_bytes(b).into()), Int),
            dtype::BOOL => (read(raw, |[b]: [u8; 1]| b.into()), Bool),
            other => return Err(unknown_type(data, other)),
        }
    })
}

/// The size in bytes of ONNX's number type; `None` if it is not supported.
pub(super) fn width(data_type: i32) -> Option<usize> {
    Some(match data_type {
        dtype::DOUBLE | dtype::INT64 => 8,
        dtype::FLOAT | dtype::INT32 => 4,
        dtype::FLOAT16 | dtype::BFLOAT16 => 2,
        dtype::BOOL => 1,
        _ => return None,
    })
}

fn unknown_type(data: &TensorData, data_type: i32) -> ExchangeError {
    ExchangeError::Unsupported {
        what: format!("tensor {} of ONNX's number type {data_type}", data.name),
    }
}

/// How many numbers a tensor of this shape has; `None` if a size or their product is too large.
pub(super) fn count(shape: &[usize]) -> Option<usize> {
    // The other sizes must be possible even if one of them is zero.
    let rest: usize = shape
        .iter()
        .filter(|&&size| size != 0)
        .try_fold(1_usize, |n, &size| n.checked_mul(size))?;
    Some(if shape.contains(&0) { 0 } else { rest })
}

fn read<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f64) -> Vec<f64> {
    let (chunks, rest) = bytes.as_chunks();
    let numbers = chunks.iter().map(|&chunk| number(chunk));
    // Left-over bytes count as one more number, so that the caller notices them.
    numbers.chain(rest.first().map(|_| f64::NAN)).collect()
}
