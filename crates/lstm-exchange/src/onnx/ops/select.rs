//! Operators that select or cast numbers.

use super::{Call, One, broadcast, broadcast_strides};
use crate::onnx::proto::dtype::{BFLOAT16, BOOL, DOUBLE, FLOAT, FLOAT16, INT32, INT64};
use crate::onnx::value::{ElementType, Value};
use crate::{ExchangeError, Tensor};

impl Call<'_> {
    pub(super) fn gather(&mut self) -> One {
        self.known(&["axis"])?;
        let (value, places) = (self.input(0)?.clone(), self.integers(1)?);
        let axis = self.axis(self.int("axis", 0)?, value.shape().len())?;
        let size = value.shape()[axis];
        let place = |&at: &i64| {
            let own = if at < 0 {
                at.saturating_add(size as i64)
            } else {
                at
            };
            usize::try_from(own)
                .ok()
                .filter(|&own| own < size)
                .ok_or_else(|| self.wrong(format!("index {at} of {size}")))
        };
        let places = places.iter().map(place).collect::<Result<Vec<_>, _>>()?;
        let (before, after) = (&value.shape()[..axis], &value.shape()[axis + 1..]);
        let shape = [before, self.input(1)?.shape(), after].concat();
        self.pay(&shape)?;
        let run: usize = after.iter().product();
        let mut data = Vec::new();
        for outer in 0..before.iter().product() {
            for place in &places {
                let at = (outer * size + place) * run;
                data.extend_from_slice(&value.data()[at..at + run]);
            }
        }
        Ok(Value {
            tensor: Tensor::new(&shape, data),
            element_type: value.element_type,
        })
    }

    /// Inputs: indices, depth, and the values for off and on.
    pub(super) fn one_hot(&mut self) -> One {
        self.known(&["axis"])?;
        let (places, depth, values) = (self.integers(0)?, self.sizes(1)?, self.input(2)?.clone());
        let (&[depth], &[off, on]) = (&depth[..], values.data()) else {
            return Err(self.wrong("expected one number as its depth and two as its values"));
        };
        if self.int("axis", -1)? != -1 {
            return Err(ExchangeError::Unsupported {
                what: format!("{} along an axis that is not the last", self.node.title()),
            });
        }
        let mut shape = self.input(0)?.shape().to_vec();
        shape.push(depth);
        let n = self.pay(&shape)?;
        let mut data = vec![off; n];
        for (row, place) in places.into_iter().enumerate() {
            let own = if place < 0 {
                place.saturating_add(depth as i64)
            } else {
                place
            };
            // An index out of range gives a row of `off`.
            if let Some(own) = usize::try_from(own).ok().filter(|&own| own < depth) {
                data[row * depth + own] = on;
            }
        }
        Ok(Value {
            tensor: Tensor::new(&shape, data),
            element_type: values.element_type,
        })
    }

    /// A cast to integers rounds towards zero.
    pub(super) fn cast(&mut self) -> One {
        self.known(&["to", "saturate"])?;
        let to = self.int("to", 0)?;
        let mut value = self.same(0)?;
        let change: (ElementType, fn(f64) -> f64) = match i32::try_from(to) {
            Ok(FLOAT | DOUBLE | FLOAT16 | BFLOAT16) => (ElementType::Float, |n| n),
            Ok(INT32 | INT64) => (ElementType::Int, f64::trunc),
            Ok(BOOL) => (ElementType::Bool, |n| f64::from(u8::from(n != 0.0))),
            _ => {
                return Err(ExchangeError::Unsupported {
                    what: format!("{} to ONNX's number type {to}", self.node.title()),
                });
            }
        };
        value.element_type = change.0;
        value.tensor.data.iter_mut().for_each(|n| *n = change.1(*n));
        Ok(value)
    }

    /// The operator `Where`.
    pub(super) fn choose(&mut self) -> One {
        self.known(&[])?;
        let [condition, yes, no] = [0, 1, 2].map(|n| self.input(n).cloned());
        let (condition, yes, no) = (condition?, yes?, no?);
        let shape = broadcast(yes.shape(), no.shape());
        let shape = shape.and_then(|shape| broadcast(&shape, condition.shape()));
        let shape = shape.ok_or_else(|| self.wrong("its inputs do not broadcast"))?;
        let mut all = Vec::new();
        for value in [&condition, &yes, &no] {
            all.push(self.pick(
                value.data(),
                &shape,
                &broadcast_strides(value.shape(), &shape),
                0,
            )?);
        }
        let pairs = all[1].data.iter().zip(&all[2].data).zip(&all[0].data);
        let data = pairs.map(|((&yes, &no), &c)| if c != 0.0 { yes } else { no });
        Ok(Value {
            tensor: Tensor::new(&shape, data.collect()),
            element_type: yes.element_type,
        })
    }
}
