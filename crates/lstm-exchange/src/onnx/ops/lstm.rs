//! The operator `LSTM`, by the cell that all recordings are computed with.

use super::{Call, Outputs};
use crate::ExchangeError;
use crate::onnx::proto::{Attribute, kind};
use crate::onnx::value::Value;
use crate::recorded::{ONNX_INPUTS, Onnx, Operator};
use serde_json::{Map, Value as Json, json};

/// About how many vectors of H a step leaves.
const STEP: usize = 16;

impl Call<'_> {
    pub(super) fn lstm(&mut self) -> Outputs {
        let attributes = self
            .node
            .attribute
            .iter()
            .map(|a| Ok((a.name.clone(), self.json(a)?)));
        let attributes = attributes.collect::<Result<Map<_, _>, ExchangeError>>()?;
        for n in 0..self.inputs.len() {
            if n >= ONNX_INPUTS.len()
                || self
                    .optional(n)
                    .is_some_and(|value| value.data().is_empty())
            {
                return Err(self.wrong(format!("input {n} is one too many or has no numbers")));
            }
        }
        let (x, r) = (self.input(0)?.shape(), self.input(2)?.shape());
        if let (&[first, second, d], &[dirs, _, h]) = (x, r) {
            let sizes = [
                first,
                second,
                dirs,
                h.saturating_mul(STEP).saturating_add(d),
            ];
            let work = [
                first,
                second,
                dirs,
                h.saturating_mul(4),
                h.saturating_add(d),
            ];
            self.pay(&sizes)?;
            self.work(&work)?;
        }
        let input = |name: &str| {
            let n = ONNX_INPUTS.iter().position(|own| *own == name)?;
            Some(self.optional(n)?.tensor.clone())
        };
        let lstm = Onnx::new(&Operator {
            attributes: &attributes,
            input: &input,
        });
        let lstm = lstm.map_err(|error| self.wrong(error.to_string()))?;
        let outputs = lstm.outputs(self.mistake).map(Value::float);
        self.lstms.push(lstm);
        Ok(outputs.into())
    }

    /// A file has f32; whoever recorded the outputs in f64 may have used more digits.
    fn exact(&self, f: f32) -> f64 {
        let full = self.exact.iter().copied().find(|&full| full as f32 == f);
        full.unwrap_or(f.into())
    }

    fn json(&self, attribute: &Attribute) -> Result<Json, ExchangeError> {
        let text = |bytes: &Vec<u8>| json!(String::from_utf8_lossy(bytes));
        Ok(match attribute.kind {
            kind::FLOAT => json!(self.exact(attribute.f.unwrap_or(0.0))),
            kind::INT => json!(attribute.i.unwrap_or(0)),
            kind::STRING => text(attribute.s.as_ref().unwrap_or(&Vec::new())),
            kind::FLOATS => attribute
                .floats
                .iter()
                .map(|&f| json!(self.exact(f)))
                .collect(),
            kind::INTS => json!(attribute.ints),
            kind::STRINGS => attribute.strings.iter().map(text).collect(),
            _ => {
                return Err(ExchangeError::Unsupported {
                    what: format!("the attribute {} of {}", attribute.name, self.node.title()),
                });
            }
        })
    }
}
