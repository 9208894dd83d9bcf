//! Weights by name: the canonical form in which they are stored.

use crate::{Embedding, Head, ModelError, Network, Recurrent, Stack};
use lstm_gates::{BLOCKS, LstmParams};
use nalgebra::{DMatrix, DVector};
use std::collections::BTreeMap;

/// A named array of `f32`, row-major as safetensors has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Its extents; rows first.
    pub shape: Vec<usize>,
    /// Its numbers, the last index running fastest.
    pub data: Vec<f32>,
}

/// Tensors by name, in the order of their names.
pub type Tensors = BTreeMap<String, Tensor>;

/// Something whose numbers have canonical names and shapes, whatever engine computes with them.
pub trait Canonical {
    /// Adds every tensor under `prefix`.
    fn export(&self, prefix: &str, tensors: &mut Tensors);

    /// Takes every tensor out of `tensors`; the shapes are those of `self`.
    ///
    /// # Errors
    /// [`ModelError::Tensor`] for one that is missing or has another shape.
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

impl Canonical for LstmParams<f32> {
    fn export(&self, prefix: &str, tensors: &mut Tensors) {
        for (k, gate) in BLOCKS.iter().zip(self.blocks()) {
            gate.w_x.export(&format!("{prefix}.{k}.w_x"), tensors);
            gate.w_h.export(&format!("{prefix}.{k}.w_h"), tensors);
            gate.b.export(&format!("{prefix}.{k}.b"), tensors);
        }
    }

    fn import(&mut self, prefix: &str, tensors: &mut Tensors) -> Result<(), ModelError> {
        for (k, gate) in BLOCKS.iter().zip(self.blocks_mut()) {
            gate.w_x.import(&format!("{prefix}.{k}.w_x"), tensors)?;
            gate.w_h.import(&format!("{prefix}.{k}.w_h"), tensors)?;
            gate.b.import(&format!("{prefix}.{k}.b"), tensors)?;
        }
        Ok(())
    }
}

impl<R: Recurrent<Scalar = f32>> Canonical for Stack<R> {
    fn export(&self, prefix: &str, tensors: &mut Tensors) {
        for (l, layer) in self.layers.iter().enumerate() {
            layer.to_params().export(&format!("{prefix}.{l}"), tensors);
        }
    }

    fn import(&mut self, prefix: &str, tensors: &mut Tensors) -> Result<(), ModelError> {
        for (l, layer) in self.layers.iter_mut().enumerate() {
            let mut params = LstmParams::zeros(layer.input_size(), layer.hidden_size());
            params.import(&format!("{prefix}.{l}"), tensors)?;
            *layer = R::from_params(&params);
        }
        Ok(())
    }
}

impl Canonical for Embedding<f32> {
    fn export(&self, prefix: &str, tensors: &mut Tensors) {
        if let Self::Table(e) = self {
            e.export(&format!("{prefix}.w"), tensors);
        }
    }

    fn import(&mut self, prefix: &str, tensors: &mut Tensors) -> Result<(), ModelError> {
        match self {
            Self::Table(e) => e.import(&format!("{prefix}.w"), tensors),
            Self::OneHot { .. } => Ok(()),
        }
    }
}

impl Canonical for Head<f32> {
    fn export(&self, prefix: &str, tensors: &mut Tensors) {
        self.w.export(&format!("{prefix}.w"), tensors);
        self.b.export(&format!("{prefix}.b"), tensors);
    }

    fn import(&mut self, prefix: &str, tensors: &mut Tensors) -> Result<(), ModelError> {
        self.w.import(&format!("{prefix}.w"), tensors)?;
        self.b.import(&format!("{prefix}.b"), tensors)
    }
}

impl<R: Recurrent<Scalar = f32>> Canonical for Network<R> {
    fn export(&self, prefix: &str, tensors: &mut Tensors) {
        self.embedding
            .export(&format!("{prefix}.embedding"), tensors);
        self.stack.export(&format!("{prefix}.layers"), tensors);
        self.head.export(&format!("{prefix}.head"), tensors);
    }

    fn import(&mut self, prefix: &str, tensors: &mut Tensors) -> Result<(), ModelError> {
        self.embedding
            .import(&format!("{prefix}.embedding"), tensors)?;
        self.stack.import(&format!("{prefix}.layers"), tensors)?;
        self.head.import(&format!("{prefix}.head"), tensors)
    }
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
