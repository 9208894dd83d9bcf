//! The operator `LSTM`: its inputs and attributes as [`LstmOperator`](crate::onnx::LstmOperator) reads
//! them, and what it may cost.

use super::{Call, Outputs};
use crate::ExchangeError;
use crate::onnx::operator::{AttributeValue, LSTM_INPUTS, LstmNode};
use crate::onnx::proto::{Attribute, kind};
use crate::onnx::value::Value;

/// About how many vectors of H the computation of a step keeps.
const VECTORS_PER_STEP: usize = 16;

impl Call<'_> {
    pub(super) fn lstm(&mut self) -> Outputs {
        self.pay_for_lstm()?;
        let attributes = self.node.attribute.iter();
        let attributes = attributes.map(|a| Ok((a.name.clone(), self.value_of(a)?)));
        let node = LstmNode {
            attributes: attributes.collect::<Result<_, ExchangeError>>()?,
            inputs: std::array::from_fn(|n| {
                let value = self.inputs.get(n).copied().flatten();
                value.map(|value| &value.tensor)
            }),
        };
        let outputs = self.machine.lstm.outputs(&node);
        let outputs = outputs.map_err(|error| self.wrong(error.to_string()))?;
        Ok(outputs.map(Value::float).into())
    }

    fn pay_for_lstm(&mut self) -> Result<(), ExchangeError> {
        for n in 0..self.inputs.len() {
            let is_empty = |value: &Value| value.data().is_empty();
            if n >= LSTM_INPUTS.len() || self.optional(n).is_some_and(is_empty) {
                return Err(self.wrong(format!("input {n} is one too many or has no numbers")));
            }
        }
        let (x, r) = (self.input(0)?.shape(), self.input(2)?.shape());
        let (&[first, second, d], &[dirs, _, h]) = (x, r) else {
            return Ok(());
        };
        let kept = h.saturating_mul(VECTORS_PER_STEP).saturating_add(d);
        let products = [h.saturating_mul(4), h.saturating_add(d)];
        self.pay(&[first, second, dirs, kept])?;
        self.work(&[first, second, dirs, products[0], products[1]])
    }

    fn value_of(&self, attribute: &Attribute) -> Result<AttributeValue, ExchangeError> {
        let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
        Ok(match attribute.kind {
            kind::FLOAT => AttributeValue::Float(attribute.f.unwrap_or(0.0)),
            kind::INT => AttributeValue::Int(attribute.i.unwrap_or(0)),
            kind::STRING => {
                AttributeValue::Text(attribute.s.as_ref().map(text).unwrap_or_default())
            }
            kind::FLOATS => AttributeValue::Floats(attribute.floats.clone()),
            kind::INTS => AttributeValue::Ints(attribute.ints.clone()),
            kind::STRINGS => AttributeValue::Texts(attribute.strings.iter().map(text).collect()),
            _ => {
                return Err(ExchangeError::Unsupported {
                    what: format!("the attribute {} of {}", attribute.name, self.node.title()),
                });
            }
        })
    }
}
