//! The ONNX operator `LSTM`: directions, lengths, initial states, peepholes, clipping, coupled gates,
//! activations, both layouts.
//!
//! Where the specification leaves a choice, this module does what ONNX Runtime does (version 1.32, compared
//! on over a thousand random cases):
//! - `clip` acts on the gates' pre-activations, peepholes included, and not on the cell.
//! - `input_forget` means f = 1 − i; the peepholes of f have no effect then.
//! - A sequence without steps has zero in Y_h and Y_c, whatever its initial state.
//! - After the end of a sequence Y is zero, and the reverse direction starts at the end.
//! - The names of activations may be in any case. α and β are taken from their lists in the order of the
//!   activations that have them. When a list is exhausted, the defaults are LeakyRelu 0.01, HardSigmoid
//!   0.2 and 0.5, Elu 1, and 0 for ThresholdedRelu, Affine and ScaledTanh. (The specification has 1 for
//!   ThresholdedRelu and no defaults for the other two.)
//!
//! ONNX Runtime does not support `layout` 1. There this module does what ONNX's reference evaluator does.

mod attributes;
mod inputs;
mod node;

use crate::arrange::{Axes, state_tensors, swapped, zero_sequences, zero_states};
use crate::variant::{Computation, Loss, Padding, first_steps};
use crate::{CheckError, Mistake};
use attributes::Attributes;
pub(crate) use inputs::Inputs;
use inputs::Sizes;
use lstm_exchange::Tensor;
pub(super) use node::Node;
use serde_json::{Map, Value};

/// One `LSTM` node.
pub(crate) struct OnnxLstm {
    computation: Computation<f64>,
    is_batch_first: bool,
}

impl OnnxLstm {
    /// The node with these attributes and inputs.
    pub fn new(attributes: &Map<String, Value>, inputs: Inputs<'_>) -> Result<Self, CheckError> {
        let attributes = Attributes::read(attributes)?;
        let axes = if attributes.is_batch_first {
            Axes::BatchFirst
        } else {
            Axes::TimeFirst
        };
        let sizes = Sizes::read(&inputs, &attributes, axes)?;
        let Sizes {
            seq_len,
            batch_size,
            h,
            directions,
            ..
        } = sizes;
        let computation = Computation {
            layers: vec![inputs.layer(&attributes, sizes)?],
            x: axes.sequences(&inputs.needed("X")?),
            steps: first_steps(&inputs.lengths(sizes)?),
            initial: inputs.initial(axes, sizes)?,
            padding: Padding::Zero,
            in_reading_order: false,
            window: None,
            loss: Loss {
                wy: zero_sequences([seq_len, batch_size, directions * h]),
                last: zero_states(&vec![(h, h); directions], batch_size),
            },
        };
        Ok(Self {
            computation,
            is_batch_first: attributes.is_batch_first,
        })
    }

    /// Whether the node has what a mistake is about.
    pub fn applies(&self, mistake: Mistake) -> bool {
        mistake.applies_to(&self.computation)
    }

    /// Y, Y_h and Y_c, in the operator's shapes.
    pub fn outputs(&self, mistake: Option<Mistake>) -> [Tensor; 3] {
        let computation = &self.computation;
        let mut outcome = computation.forward(mistake);
        for (b, steps) in computation.steps.iter().enumerate() {
            if steps.is_empty() && mistake != Some(Mistake::PaddingNotFrozen) {
                for last in &mut outcome.last {
                    last[b].h.fill(0.0);
                    last[b].c.fill(0.0);
                }
            }
        }
        let dirs = computation.layers[0].len();
        let h = computation.layers[0][0].weights.hidden_size();
        let (batch_size, seq_len) = (computation.x.len(), computation.x[0].len());
        let [y_h, y_c] = state_tensors(&outcome.last);
        if self.is_batch_first {
            let mut y = Axes::BatchFirst.tensor(&outcome.y);
            y.shape = vec![batch_size, seq_len, dirs, h];
            return [y, swapped(&y_h), swapped(&y_c)];
        }
        let mut data = Vec::with_capacity(seq_len * dirs * batch_size * h);
        for t in 0..seq_len {
            for n in 0..dirs {
                for sequence in &outcome.y {
                    data.extend_from_slice(sequence[t].rows(n * h, h).into_owned().as_slice());
                }
            }
        }
        [Tensor::new(&[seq_len, dirs, batch_size, h], data), y_h, y_c]
    }
}
