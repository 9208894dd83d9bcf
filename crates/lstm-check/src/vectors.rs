//! Test vectors: small recordings in double precision that tell a correct LSTM from a wrong one.
//!
//! They hold every value of every step and the gradient of everything. To hide no mistake, all inputs are of
//! order 1 and irregular, D ≠ H, there are two sequences or more, the initial states are not zero, and the
//! loss depends on every h_t, h_T and c_T. All inputs are multiples of 1/4096, which are exact in single
//! precision and in decimals.

mod backend;
mod draw;
mod form;
mod training;
mod write;

use crate::Recording;
use crate::recorded::{ProjectVector, RecordedLstm};
pub use backend::{BackendCase, backend_cases};
use draw::Draw;
use form::FORMS;
use lstm_exchange::Tensors;

/// A test vector.
#[derive(Clone, Debug)]
pub struct TestVector {
    /// The name of its files, without the extension.
    pub name: &'static str,
    /// What it tests.
    pub purpose: &'static str,
    /// Weights, input sequences, states and the loss's weights, with the metadata.
    pub inputs: Recording,
    /// Values and gradients.
    pub computed: Tensors,
}

/// All test vectors, the smallest first.
pub fn vectors() -> Vec<TestVector> {
    let forms = FORMS.iter().enumerate().map(|(n, form)| {
        let lstm = ProjectVector {
            computation: form.computation(&mut Draw::new(n as u64)),
        };
        TestVector::new(form.name, form.purpose, lstm.inputs(), &lstm)
    });
    forms.chain([training::vector()]).collect()
}

impl TestVector {
    fn new(
        name: &'static str,
        purpose: &'static str,
        mut inputs: Recording,
        lstm: &dyn RecordedLstm,
    ) -> Self {
        inputs.metadata.insert("name".into(), name.into());
        inputs.metadata.insert("purpose".into(), purpose.into());
        Self {
            name,
            purpose,
            inputs,
            computed: lstm.compute(None),
        }
    }

    /// Inputs and computed tensors together.
    pub fn recording(&self) -> Recording {
        let mut recording = self.inputs.clone();
        recording.tensors.extend(self.computed.clone());
        recording
    }
}
