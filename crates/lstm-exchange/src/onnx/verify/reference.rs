//! The language model that a structure describes, computed by the cell of lstm-cell.

use super::differs;
use crate::onnx::structure::Structure;
use crate::onnx::value::count;
use crate::{ExchangeError, Layout, Tensor};
use lstm_cell::{State, step};
use lstm_gates::LstmParams;
use nalgebra::{DMatrix, DVector};

pub(super) struct Reference {
    /// E, V×D; `None` if the input is one-hot.
    embedding: Option<DMatrix<f64>>,
    /// Bottom layer first.
    layers: Vec<LstmParams<f64>>,
    head_w: DMatrix<f64>,
    head_b: DVector<f64>,
}

impl Reference {
    /// The model, unless the logits of `ids` ids would take far more memory than its weights.
    pub fn new(structure: &Structure, ids: usize) -> Result<Self, ExchangeError> {
        let layers = structure.layers.iter().map(|layer| {
            let bias = match &layer.biases {
                Some([b_x, b_h]) => b_x.data.iter().zip(&b_h.data).map(|(x, h)| x + h).collect(),
                None => vec![0.0; layer.w_h.shape[0]],
            };
            Layout::PYTORCH.params(&layer.w_x, &layer.w_h, &bias)
        });
        let model = Self {
            embedding: structure.embedding.as_ref().map(Tensor::to_matrix),
            layers: layers.collect(),
            head_w: structure.head_w.to_matrix(),
            head_b: DVector::from_column_slice(&structure.head_b.data),
        };
        let (v, h) = model.head_w.shape();
        let weights = model.layers.iter().map(LstmParams::parameter_count);
        let weights = weights.sum::<usize>() + model.head_w.len();
        let most = (16 * weights + (1 << 18)).min(1 << 27);
        if count(&[ids, v + h]).is_none_or(|n| n > most) {
            return Err(differs(&format!("it has {v} logits for each of {ids} ids")));
        }
        Ok(model)
    }

    pub fn vocab_size(&self) -> usize {
        self.head_b.len()
    }

    /// The logits of every step of one sequence from a zero state, T×V.
    pub fn logits(&self, ids: impl Iterator<Item = usize>) -> Vec<f64> {
        let mut states: Vec<_> = self
            .layers
            .iter()
            .map(|p| State::zeros(p.hidden_size()))
            .collect();
        let mut logits = Vec::new();
        for id in ids {
            let mut output = self.input(id);
            for (params, state) in self.layers.iter().zip(&mut states) {
                *state = step(params, &output, state).state();
                output.clone_from(&state.h);
            }
            let z_t = &self.head_w * output + &self.head_b; // E20
            logits.extend_from_slice(z_t.as_slice());
        }
        logits
    }

    /// x_t: a row of the embedding, or a one-hot vector (E19).
    fn input(&self, id: usize) -> DVector<f64> {
        match &self.embedding {
            Some(embedding) => embedding.row(id).transpose(),
            None => DVector::from_fn(self.vocab_size(), |n, _| f64::from(u8::from(n == id))),
        }
    }
}
