//! Weights by name: the canonical form in which they are stored.

use crate::{Layer, ModelError};
use lstm_gates::{BLOCKS, LstmParams};
use nalgebra::{DMatrix, DVector};
use std::collections::BTreeMap;

/// A named array of `f32`, row-major as safetensors has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// The length of each dimension, rows first.
    pub shape: Vec<usize>,
    /// The numbers in row-major order.
    pub data: Vec<f32>,
}

/// Tensors by name, in the order of their names.
pub type Tensors = BTreeMap<String, Tensor>;

/// A type whose weights have canonical names and shapes, the same on every engine.
pub trait Canonical {
    /// Adds every tensor to `tensors`, its name prefixed with `prefix`.
    fn export(&self, prefix: &str, tensors: &mut Tensors);

    /// Moves every tensor of `self` out of `tensors`.
    ///
    /// # Errors
    /// [`ModelError::Tensor`] if a tensor is missing, has another shape than in `self`, or has a number
    /// that is not finite.
    fn import(&mut self, prefix: &str, tensors: &mut Tensors) -> Result<(), ModelError>;
}

impl Canonical for DMatrix<f32> {
    fn export(&self, prefix: &str, tensors: &mut Tensors) {
        let tensor = Tensor {
            shape: vec![self.nrows(), self.ncols()],
            data: self.transpose().as_slice().to_vec(),
        };
        tensors.insert(prefix.to_owned(), tensor);
    }

    fn import(&mut self, prefix: &str, tensors: &mut Tensors) -> Result<(), ModelError> {
        let data = take(prefix, &[self.nrows(), self.ncols()], tensors)?;
        *self = DMatrix::from_row_slice(self.nrows(), self.ncols(), &data);
        Ok(())
    }
}

impl Canonical for DVector<f32> {
    fn export(&self, prefix: &str, tensors: &mut Tensors) {
        let tensor = Tensor {
            shape: vec![self.len()],
            data: self.as_slice().to_vec(),
        };
        tensors.insert(prefix.to_owned(), tensor);
    }

    fn import(&mut self, prefix: &str, tensors: &mut Tensors) -> Result<(), ModelError> {
        *self = DVector::from_vec(take(prefix, &[self.len()], tensors)?);
        Ok(())
    }
}

impl<C: Canonical> Canonical for Vec<C> {
    fn export(&self, prefix: &str, tensors: &mut Tensors) {
        for (n, one) in self.iter().enumerate() {
            one.export(&joined(prefix, &n.to_string()), tensors);
        }
    }

    fn import(&mut self, prefix: &str, tensors: &mut Tensors) -> Result<(), ModelError> {
        for (n, one) in self.iter_mut().enumerate() {
            one.import(&joined(prefix, &n.to_string()), tensors)?;
        }
        Ok(())
    }
}

impl<C: Canonical> Canonical for Option<C> {
    fn export(&self, prefix: &str, tensors: &mut Tensors) {
        self.iter().for_each(|one| one.export(prefix, tensors));
    }

    fn import(&mut self, prefix: &str, tensors: &mut Tensors) -> Result<(), ModelError> {
        self.iter_mut()
            .try_for_each(|one| one.import(prefix, tensors))
    }
}

impl Canonical for LstmParams<f32> {
    fn export(&self, prefix: &str, tensors: &mut Tensors) {
        for (k, gate) in BLOCKS.iter().zip(self.blocks()) {
            let gate_name = joined(prefix, &k.to_string());
            gate.w_x.export(&joined(&gate_name, "w_x"), tensors);
            gate.w_h.export(&joined(&gate_name, "w_h"), tensors);
            gate.b.export(&joined(&gate_name, "b"), tensors);
        }
    }

    fn import(&mut self, prefix: &str, tensors: &mut Tensors) -> Result<(), ModelError> {
        for (k, gate) in BLOCKS.iter().zip(self.blocks_mut()) {
            let gate_name = joined(prefix, &k.to_string());
            gate.w_x.import(&joined(&gate_name, "w_x"), tensors)?;
            gate.w_h.import(&joined(&gate_name, "w_h"), tensors)?;
            gate.b.import(&joined(&gate_name, "b"), tensors)?;
        }
        Ok(())
    }
}

/// `prefix.name`, or one of them if the other is empty.
#[must_use]
pub fn joined(prefix: &str, name: &str) -> String {
    match (prefix, name) {
        ("", one) | (one, "") => one.to_owned(),
        _ => format!("{prefix}.{name}"),
    }
}

/// Stores a layer's weights in the canonical form.
pub(crate) fn export_layer<R: Layer<Scalar = f32>>(layer: &R, prefix: &str, tensors: &mut Tensors) {
    layer.to_params().export(prefix, tensors);
}

/// Sets a layer's weights to those that [`export_layer`] stored.
pub(crate) fn import_layer<R: Layer<Scalar = f32>>(
    layer: &mut R,
    prefix: &str,
    tensors: &mut Tensors,
) -> Result<(), ModelError> {
    let mut params = LstmParams::zeros(layer.input_size(), layer.hidden_size());
    params.import(prefix, tensors)?;
    *layer = R::from_params(&params);
    Ok(())
}

fn take(name: &str, shape: &[usize], tensors: &mut Tensors) -> Result<Vec<f32>, ModelError> {
    let tensor = tensors
        .remove(name)
        .ok_or_else(|| ModelError::tensor(name, "missing"))?;
    if tensor.shape != shape {
        let why = format!("its shape is {:?}, expected {shape:?}", tensor.shape);
        return Err(ModelError::tensor(name, why));
    }
    if let Some(n) = tensor.data.iter().position(|v| !v.is_finite()) {
        let why = format!("element {n} is {}", tensor.data[n]);
        return Err(ModelError::tensor(name, why));
    }
    Ok(tensor.data)
}
