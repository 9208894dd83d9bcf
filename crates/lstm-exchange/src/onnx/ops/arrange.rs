//! Operators that move numbers without changing them, or their type alone.

use super::{Call, One, broadcast, stretched, strides};
use crate::onnx::proto::dtype::{BOOL, DOUBLE, FLOAT, FLOAT16, INT32, INT64};
use crate::onnx::value::{Kind, Value};
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
            return Err(self.wrong(format!("{perm:?} is no order of {rank} dimensions")));
        }
        let own = strides(value.shape());
        let shape: Vec<usize> = perm.iter().map(|&n| value.shape()[n]).collect();
        let steps: Vec<isize> = perm.iter().map(|&n| own[n]).collect();
        let tensor = self.pick(value.data(), &shape, &steps, 0)?;
        Ok(Value {
            tensor,
            kind: value.kind,
        })
    }

    pub(super) fn expand(&mut self) -> One {
        self.known(&[])?;
        let (value, wanted) = (self.input(0)?.clone(), self.sizes(1)?);
        let shape = broadcast(value.shape(), &wanted);
        let shape = shape.ok_or_else(|| {
            self.wrong(format!("cannot expand {:?} to {wanted:?}", value.shape()))
        })?;
        let tensor = self.pick(value.data(), &shape, &stretched(value.shape(), &shape), 0)?;
        Ok(Value {
            tensor,
            kind: value.kind,
        })
    }

    pub(super) fn slice(&mut self) -> One {
        self.known(&["starts", "ends", "axes"])?;
        let value = self.input(0)?.clone();
        let rank = value.shape().len();
        // By attribute before version 10.
        let (starts, ends, axes, steps) = match (self.ints("starts")?, self.ints("ends")?) {
            (Some(starts), Some(ends)) => (starts, ends, self.ints("axes")?, None),
            _ => {
                let list = |n: usize| self.optional(n).map(|_| self.whole(n)).transpose();
                (self.whole(1)?, self.whole(2)?, list(3)?, list(4)?)
            }
        };
        let axes = axes.unwrap_or_else(|| (0..starts.len() as i64).collect());
        let steps = steps.unwrap_or_else(|| vec![1; starts.len()]);
        if [ends.len(), axes.len(), steps.len()] != [starts.len(); 3] {
            return Err(self.wrong("has starts, ends, axes and steps of different number"));
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
            // One step further than the last may lie outside; more than one place has a real stride.
            strides[axis] = match len {
                0 | 1 => 0,
                _ => strides[axis] * step as isize,
            };
        }
        let tensor = self.pick(value.data(), &shape, &strides, first)?;
        Ok(Value {
            tensor,
            kind: value.kind,
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
            kind: parts[0].kind,
        })
    }

    pub(super) fn gather(&mut self) -> One {
        self.known(&["axis"])?;
        let (value, places) = (self.input(0)?.clone(), self.whole(1)?);
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
            kind: value.kind,
        })
    }

    /// Indices, depth, and the values of off and on.
    pub(super) fn one_hot(&mut self) -> One {
        self.known(&["axis"])?;
        let (places, depth, values) = (self.whole(0)?, self.sizes(1)?, self.input(2)?.clone());
        let (&[depth], &[off, on]) = (&depth[..], values.data()) else {
            return Err(self.wrong("its depth is one number, its values are two"));
        };
        if self.int("axis", -1)? != -1 {
            return Err(ExchangeError::Unsupported {
                what: format!("{} along another axis than the last", self.node.title()),
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
            // What lies outside has no column.
            if let Some(own) = usize::try_from(own).ok().filter(|&own| own < depth) {
                data[row * depth + own] = on;
            }
        }
        Ok(Value {
            tensor: Tensor::new(&shape, data),
            kind: values.kind,
        })
    }

    /// To whole numbers by cutting off, as ONNX has it.
    pub(super) fn cast(&mut self) -> One {
        self.known(&["to", "saturate"])?;
        let to = self.int("to", 0)?;
        let mut value = self.same(0)?;
        let change: (Kind, fn(f64) -> f64) = match i32::try_from(to) {
            Ok(FLOAT | DOUBLE | FLOAT16) => (Kind::Float, |n| n),
            Ok(INT32 | INT64) => (Kind::Int, f64::trunc),
            Ok(BOOL) => (Kind::Bool, |n| f64::from(u8::from(n != 0.0))),
            _ => {
                return Err(ExchangeError::Unsupported {
                    what: format!("{} to ONNX's number type {to}", self.node.title()),
                });
            }
        };
        value.kind = change.0;
        value.tensor.data.iter_mut().for_each(|n| *n = change.1(*n));
        Ok(value)
    }

    pub(super) fn choose(&mut self) -> One {
        self.known(&[])?;
        let [condition, yes, no] = [0, 1, 2].map(|n| self.input(n).cloned());
        let (condition, yes, no) = (condition?, yes?, no?);
        let shape = broadcast(yes.shape(), no.shape());
        let shape = shape.and_then(|shape| broadcast(&shape, condition.shape()));
        let shape = shape.ok_or_else(|| self.wrong("its inputs do not fit together"))?;
        let mut all = Vec::new();
        for value in [&condition, &yes, &no] {
            all.push(self.pick(value.data(), &shape, &stretched(value.shape(), &shape), 0)?);
        }
        let pairs = all[1].data.iter().zip(&all[2].data).zip(&all[0].data);
        let data = pairs.map(|((&yes, &no), &c)| if c != 0.0 { yes } else { no });
        Ok(Value {
            tensor: Tensor::new(&shape, data.collect()),
            kind: yes.kind,
        })
    }
}
