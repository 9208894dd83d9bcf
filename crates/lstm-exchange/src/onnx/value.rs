//! A value of a graph, and its way to and from a file.

use super::proto::{TensorData, dtype};
use crate::{ExchangeError, Tensor};

/// Whether numbers are whole by their type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Float,
    Int,
    Bool,
}

/// An array; whole numbers are exact to 2⁵³, and greater ones stand for "to the end".
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Value {
    pub tensor: Tensor,
    pub kind: Kind,
}

impl Value {
    pub fn float(tensor: Tensor) -> Self {
        Self {
            tensor,
            kind: Kind::Float,
        }
    }

    pub fn int(tensor: Tensor) -> Self {
        Self {
            tensor,
            kind: Kind::Int,
        }
    }

    /// Of shape [N].
    pub fn ints(numbers: &[i64]) -> Self {
        let data = numbers.iter().map(|&n| n as f64).collect();
        Self::int(Tensor::new(&[numbers.len()], data))
    }

    pub fn shape(&self) -> &[usize] {
        &self.tensor.shape
    }

    pub fn data(&self) -> &[f64] {
        &self.tensor.data
    }

    /// The numbers as whole ones, whatever the shape; none if they are not whole.
    pub fn whole(&self) -> Option<Vec<i64>> {
        let whole = |&n: &f64| (n.fract() == 0.0).then_some(n as i64);
        self.data().iter().map(whole).collect()
    }

    /// Takes a constant out of a file.
    pub fn decode(data: &TensorData) -> Result<Self, ExchangeError> {
        let name = data.name.as_str();
        if data.data_location != 0 || !data.external_data.is_empty() {
            let place = data.external_data.iter().find(|e| e.key == "location");
            let place = place.map_or("another file", |entry| entry.value.as_str());
            return Err(ExchangeError::Unsupported {
                what: format!("tensor {name}, which is kept outside of the file (in {place}),"),
            });
        }
        let shape: Option<Vec<usize>> = data
            .dims
            .iter()
            .map(|&dim| usize::try_from(dim).ok())
            .collect();
        let count = shape.as_deref().and_then(count);
        let (Some(shape), Some(count)) = (shape, count) else {
            return Err(ExchangeError::NotOnnx {
                why: format!("tensor {name} has sizes {:?}", data.dims),
            });
        };
        let raw = &data.raw_data;
        let (numbers, kind): (Vec<f64>, _) = match data.data_type {
            dtype::FLOAT if raw.is_empty() => (
                data.float_data.iter().map(|&n| n.into()).collect(),
                Kind::Float,
            ),
            dtype::FLOAT => (read(raw, |b| f32::from_le_bytes(b).into()), Kind::Float),
            dtype::DOUBLE if raw.is_empty() => (data.double_data.clone(), Kind::Float),
            dtype::DOUBLE => (read(raw, f64::from_le_bytes), Kind::Float),
            dtype::FLOAT16 if raw.is_empty() => {
                let half = |&n: &i32| half::f16::from_bits(n as u16).to_f64();
                (data.int32_data.iter().map(half).collect(), Kind::Float)
            }
            dtype::FLOAT16 => (
                read(raw, |b| half::f16::from_le_bytes(b).to_f64()),
                Kind::Float,
            ),
            dtype::INT64 if raw.is_empty() => (
                data.int64_data.iter().map(|&n| n as f64).collect(),
                Kind::Int,
            ),
            dtype::INT64 => (read(raw, |b| i64::from_le_bytes(b) as f64), Kind::Int),
            dtype::INT32 if raw.is_empty() => (
                data.int32_data.iter().map(|&n| n.into()).collect(),
                Kind::Int,
            ),
            dtype::INT32 => (read(raw, |b| i32::from_le_bytes(b).into()), Kind::Int),
            dtype::BOOL if raw.is_empty() => (
                data.int32_data.iter().map(|&n| n.into()).collect(),
                Kind::Bool,
            ),
            dtype::BOOL => (read(raw, |[b]: [u8; 1]| b.into()), Kind::Bool),
            other => {
                return Err(ExchangeError::Unsupported {
                    what: format!("tensor {name} of ONNX's number type {other}"),
                });
            }
        };
        if numbers.len() != count {
            return Err(ExchangeError::NotOnnx {
                why: format!(
                    "tensor {name} of shape {shape:?} has {} numbers",
                    numbers.len()
                ),
            });
        }
        Ok(Self {
            tensor: Tensor::new(&shape, numbers),
            kind,
        })
    }

    /// A constant of a file: numbers as f32, whole ones as int64.
    pub fn encode(&self, name: &str) -> TensorData {
        let mut raw_data = Vec::new();
        for &n in self.data() {
            match self.kind {
                Kind::Float => raw_data.extend((n as f32).to_le_bytes()),
                Kind::Int => raw_data.extend((n as i64).to_le_bytes()),
                Kind::Bool => raw_data.push(u8::from(n != 0.0)),
            }
        }
        TensorData {
            name: name.into(),
            dims: self.shape().iter().map(|&size| size as i64).collect(),
            data_type: match self.kind {
                Kind::Float => dtype::FLOAT,
                Kind::Int => dtype::INT64,
                Kind::Bool => dtype::BOOL,
            },
            raw_data,
            ..TensorData::default()
        }
    }
}

/// How many numbers a shape has, if that can be said.
pub(super) fn count(shape: &[usize]) -> Option<usize> {
    // A size of zero does not excuse the others: all of them must be sizes.
    let rest: usize = shape
        .iter()
        .filter(|&&size| size != 0)
        .try_fold(1_usize, |n, &size| n.checked_mul(size))?;
    Some(if shape.contains(&0) { 0 } else { rest })
}

fn read<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f64) -> Vec<f64> {
    let (chunks, rest) = bytes.as_chunks();
    let numbers = chunks.iter().map(|&chunk| number(chunk));
    // A rest is a number too many, and is found by the count.
    numbers.chain(rest.first().map(|_| f64::NAN)).collect()
}
