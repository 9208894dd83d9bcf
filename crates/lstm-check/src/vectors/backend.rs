//! Test cases of the ONNX operator `LSTM`, in the layout of ONNX's backend tests, so that runtimes can
//! run them with their own runners.
//!
//! No case depends on a point that the specification leaves undefined. The inputs are exact in single
//! precision; the expected outputs are computed in double precision and then rounded.

mod cases;

use crate::Mistake;
use crate::recorded::{Inputs, OnnxLstm, json};
use lstm_exchange::Tensor;
use lstm_exchange::onnx::{
    AttributeValue, ElementType, LSTM_INPUTS, LstmNode, StoredTensor, Value, lstm_model,
};
use std::collections::BTreeMap;
use std::path::PathBuf;

pub use cases::backend_cases;

/// A test case: one node and its inputs.
#[derive(Clone, Debug)]
pub struct BackendCase {
    /// The name of its folder.
    pub name: &'static str,
    /// What it tests.
    pub purpose: &'static str,
    /// The node's attributes.
    pub attributes: BTreeMap<String, AttributeValue>,
    /// The node's inputs in the order of [`LSTM_INPUTS`]; `None` for an input that is left out.
    pub inputs: [Option<Tensor>; 8],
}

impl BackendCase {
    /// Whether the case has the feature that a mistake affects.
    pub fn applies(&self, mistake: Mistake) -> bool {
        self.lstm().applies(mistake)
    }

    /// Y, Y_h and Y_c in double precision, with a mistake or without.
    pub fn outputs(&self, mistake: Option<Mistake>) -> [Tensor; 3] {
        self.lstm().outputs(mistake)
    }

    /// The files by their paths in the case's folder: `model.onnx`, `test_data_set_0/input_0.pb` and so
    /// on, `test_data_set_0/output_0.pb` and so on.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let node = LstmNode {
            attributes: self.attributes.clone(),
            inputs: self.inputs.each_ref().map(Option::as_ref),
        };
        let outputs = self.outputs(None);
        let mut files = vec![(
            PathBuf::from("model.onnx"),
            lstm_model(self.name, &node, &outputs),
        )];
        let mut put = |kind: &str, n: usize, name: &str, tensor: &Tensor| {
            let value = Value {
                tensor: tensor.clone(),
                element_type: if name == "sequence_lens" {
                    ElementType::Int
                } else {
                    ElementType::Float
                },
            };
            let path = format!("test_data_set_0/{kind}_{n}.pb");
            files.push((path.into(), StoredTensor::to_bytes(name, &value)));
        };
        let weights = ["W", "R", "B", "P"];
        let inputs = LSTM_INPUTS.iter().zip(&self.inputs);
        let inputs = inputs.filter_map(|(&name, tensor)| Some((name, tensor.as_ref()?)));
        let inputs = inputs.filter(|(name, _)| !weights.contains(name));
        inputs
            .enumerate()
            .for_each(|(n, (name, tensor))| put("input", n, name, tensor));
        let outputs = ["Y", "Y_h", "Y_c"].into_iter().zip(&outputs);
        outputs
            .enumerate()
            .for_each(|(n, (name, tensor))| put("output", n, name, tensor));
        files
    }

    fn lstm(&self) -> OnnxLstm {
        let input = |name: &str| {
            let n = LSTM_INPUTS.iter().position(|own| *own == name)?;
            self.inputs[n].clone()
        };
        let attributes = json(&self.attributes, f64::from);
        OnnxLstm::new(&attributes, Inputs(&input)).expect("a case is a valid node")
    }
}
