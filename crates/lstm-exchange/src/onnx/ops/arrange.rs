//! Operators that select, move or cast numbers.

use super::{Call, One, broadcast, broadcast_strides, strides};
use crate::onnx::proto::dtype::{BOOL, DOUBLE, FLOAT, FLOAT16, INT32, INT64};
use crate::onnx::value::{ElementType, Value};
use crate::{ExchangeError, Tensor};

impl Call<'_> {
    pub(super) fn transpose(&mut self) -> One {
        self.known(&["perm"])?;
        let value = self.input(0)?.clone();
        let rank = value.shape().len();
        let perm = match self.ints("perm")? {
            Some(perm) => {
                let perm = perm.iter().map(|&axis| self.axis(axis, rank));
                perm.collect::<Result<Vec<_>, _>>()?
            }
            None => (0..rank).rev().collect(),
        };
        if perm.len() != rank || (0..rank).any(|n| !perm.contains(&n)) {
            return Err(self.wrong(format!(
                "{perm:?} is not a permutation of {rank} dimensions"
            )));
        }
        let own = strides(value.shape());
        let shape: Vec<usize> = perm.iter().map(|&n| value.shape()[n]).collect();
        let steps: Vec<isize> = perm.iter().map(|&n| own[n]).collect();
        let tensor = self.pick(value.data(), &shape, &steps, 0)?;
        Ok(Value {
            tensor,
            element_type: value.element_type,
        })
    }

    pub(super) fn expand(&mut self) -> One {
        self.known(&[])?;
        let (value, wanted) = (self.input(0)?.clone(), self.sizes(1)?);
        let shape = broadcast(value.shape(), &wanted);
        let shape = shape.ok_or_else(|| {
            self.wrong(format!("cannot expand {:?} to {wanted:?}", value.shape()))
        })?;
        let tensor = self.pick(
            value.data(),
            &shape,
            &broadcast_strides(value.shape(), &shape),
            0,
        )?;
        Ok(Value {
            tensor,
            element_type: value.element_type,
        })
    }

    pub(super) fn slice(&mut self) -> One {
        self.known(&["starts", "ends", "axes"])?;
        let value = self.input(0)?.clone();
        let rank = value.shape().len();
        // Attributes before version 10, inputs since.
        let (starts, ends, axes, steps) = match (self.ints("starts")?, self.ints("ends")?) {
            (Some(starts), Some(ends)) => (starts, ends, self.ints("axes")?, None),
            _ => {
                let list = |n: usize| self.optional(n).map(|_| self.integers(n)).transpose();
                (self.integers(1)?, self.integers(2)?, list(3)?, list(4)?)
            }
        };
        let axes = axes.unwrap_or_else(|| (0..starts.len() as i64).collect());
        let steps = steps.unwrap_or_else(|| vec![1; starts.len()]);
        if [ends.len(), axes.len(), steps.len()] != [starts.len(); 3] {
            return Err(self.wrong("its starts, ends, axes and steps differ in number"));
        }
        let (mut shape, mut strides, mut first) =
            (value.shape().to_vec(), strides(value.shape()), 0);
        let mut seen = Vec::new();
        for (n, &step) in steps.iter().enumerate() {
            let axis = self.axis(axes[n], rank)?;
            let size = value.shape()[axis] as i64;
            if step == 0 || seen.contains(&axis) {
                return Err(self.wrong(format!("step {step} along axis {axis}")));
            }
            seen.push(axis);
            let (low, high) = if step > 0 { (0, size) } else { (-1, size - 1) };
            let place =
                |at: i64| (if at < 0 { at.saturating_add(size) } else { at }).clamp(low, high);
            let (start, end) = (place(starts[n]), place(ends[n]));
            let span = if step > 0 { end - start } else { start - end };
            let len = span.max(0).unsigned_abs().div_ceil(step.unsigned_abs());
            shape[axis] = len as usize;
            if len > 0 {
                first += start as isize * strides[axis];
            }
            // With at most one element the stride is not used, and its product with the step may overflow.
            strides[axis] = match len {
                0 | 1 => 0,
                _ => strides[axis] * step as isize,
            };
        }
        let tensor = self.pick(value.data(), &shape, &strides, first)?;
        Ok(Value {
            tensor,
            element_type: value.element_type,
        })
    }

    pub(super) fn concat(&mut self) -> One {
        self.known(&["axis"])?;
        let axis = self.axis(self.int("axis", 1)?, self.input(0)?.shape().len())?;
        let parts = (0..self.inputs.len()).map(|n| self.input(n).cloned());
        let parts = parts.collect::<Result<Vec<_>, _>>()?;
        let mut shape = parts[0].shape().to_vec();
        for part in &parts[1..] {
            let mut own = part.shape().to_vec();
            if own.len() != shape.len() {
                return Err(self.wrong(format!("cannot join {shape:?} and {own:?}")));
            }
            let size = std::mem::replace(&mut own[axis], shape[axis]);
            if own != shape {
                return Err(self.wrong(format!("cannot join {shape:?} and {own:?}")));
            }
            shape[axis] = shape[axis].saturating_add(size);
        }
        self.pay(&shape)?;
        let mut data = Vec::new();
        for outer in 0..shape[..axis].iter().product() {
            for part in &parts {
                let run: usize = part.shape()[axis..].iter().product();
                data.extend_from_slice(&part.data()[outer * run..(outer + 1) * run]);
            }
        }
        Ok(Value {
            tensor: Tensor::new(&shape, data),
            element_type: parts[0].element_type,
        })
    }

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
            Ok(FLOAT | DOUBLE | FLOAT16) => (ElementType::Float, |n| n),
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
