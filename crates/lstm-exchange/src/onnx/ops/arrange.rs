//! Operators that move numbers without changing them.

use super::{Call, One, broadcast, stretched, strides};
use crate::onnx::proto::kind;
use crate::onnx::value::{Kind, Value, count};
use crate::{ExchangeError, Tensor};

impl Call<'_> {
    pub(super) fn constant(&mut self) -> One {
        let [attribute] = &self.node.attribute[..] else {
            return Err(self.wrong("has no value, or more than one"));
        };
        let value = match (attribute.name.as_str(), attribute.kind, &attribute.t) {
            ("value", kind::TENSOR, Some(tensor)) => Value::decode(tensor)?,
            ("value_int", kind::INT, _) => {
                let n = attribute.i.unwrap_or(0);
                Value::int(Tensor::new(&[], vec![n as f64]))
            }
            ("value_ints", kind::INTS, _) => Value::ints(&attribute.ints),
            ("value_float", kind::FLOAT, _) => {
                let n = attribute.f.unwrap_or(0.0);
                Value::float(Tensor::new(&[], vec![n.into()]))
            }
            ("value_floats", kind::FLOATS, _) => {
                let numbers: Vec<f64> = attribute.floats.iter().map(|&n| n.into()).collect();
                Value::float(Tensor::new(&[numbers.len()], numbers))
            }
            (name, ..) => {
                return Err(ExchangeError::Unsupported {
                    what: format!("a constant by the attribute {name}"),
                });
            }
        };
        self.pay(value.shape())?;
        Ok(value)
    }

    pub(super) fn constant_of_shape(&mut self) -> One {
        self.known(&["value"])?;
        let shape = self.sizes(0)?;
        let value = match self.attribute("value").and_then(|a| a.t.as_ref()) {
            Some(tensor) => Value::decode(tensor)?,
            None => Value::float(Tensor::new(&[], vec![0.0])),
        };
        let &[number] = value.data() else {
            return Err(self.wrong("its value is not one number"));
        };
        let n = self.pay(&shape)?;
        Ok(Value {
            tensor: Tensor::new(&shape, vec![number; n]),
            kind: value.kind,
        })
    }

    /// Input n as sizes.
    fn sizes(&self, n: usize) -> Result<Vec<usize>, ExchangeError> {
        let sizes = self.whole(n)?.into_iter().map(usize::try_from);
        let sizes = sizes.collect::<Result<Vec<_>, _>>();
        sizes.map_err(|_| self.wrong(format!("input {n} has a negative size")))
    }

    /// Nothing is dropped when a model is used.
    pub(super) fn dropout(&mut self) -> One {
        self.known(&["ratio", "seed"])?;
        if self
            .optional(2)
            .is_some_and(|training| training.data() != [0.0])
        {
            return Err(ExchangeError::Unsupported {
                what: format!("{} in training", self.node.title()),
            });
        }
        self.same(0)
    }

    pub(super) fn shape(&mut self) -> One {
        self.known(&["start", "end"])?;
        let shape = self.input(0)?.shape();
        let rank = shape.len() as i64;
        let place =
            |at: i64| (if at < 0 { at.saturating_add(rank) } else { at }).clamp(0, rank) as usize;
        let (start, end) = (place(self.int("start", 0)?), place(self.int("end", rank)?));
        let sizes: Vec<i64> = shape.iter().map(|&size| size as i64).collect();
        Ok(Value::ints(&sizes[start..end.max(start)]))
    }

    pub(super) fn reshape(&mut self) -> One {
        self.known(&["allowzero"])?;
        let (from, wanted) = (self.input(0)?.shape().to_vec(), self.whole(1)?);
        let keeps_zero = self.int("allowzero", 0)? == 1;
        let total = count(&from).unwrap_or(usize::MAX);
        let wrong = || self.wrong(format!("cannot reshape {from:?} to {wanted:?}"));
        let (mut shape, mut open) = (Vec::new(), None);
        for (n, &size) in wanted.iter().enumerate() {
            shape.push(match size {
                -1 if open.is_none() => {
                    open = Some(n);
                    1
                }
                0 if !keeps_zero => *from.get(n).ok_or_else(wrong)?,
                size => usize::try_from(size).map_err(|_| wrong())?,
            });
        }
        if let Some(open) = open {
            let rest = count(&shape).filter(|&rest| rest > 0).ok_or_else(wrong)?;
            shape[open] = total / rest;
        }
        if count(&shape) != Some(total) {
            return Err(wrong());
        }
        self.reshaped(shape)
    }

    fn reshaped(&mut self, shape: Vec<usize>) -> One {
        let mut value = self.same(0)?;
        value.tensor.shape = shape;
        Ok(value)
    }

    /// By input since version 13, by attribute before.
    fn axes(&self) -> Result<Option<Vec<i64>>, ExchangeError> {
        match self.optional(1) {
            Some(_) => self.whole(1).map(Some),
            None => self.ints("axes"),
        }
    }

    pub(super) fn squeeze(&mut self) -> One {
        self.known(&["axes"])?;
        let shape = self.input(0)?.shape().to_vec();
        let gone: Vec<usize> = match self.axes()? {
            Some(axes) => {
                let axes = axes.iter().map(|&axis| self.axis(axis, shape.len()));
                axes.collect::<Result<_, _>>()?
            }
            None => (0..shape.len()).filter(|&n| shape[n] == 1).collect(),
        };
        if gone.iter().any(|&n| shape[n] != 1) {
            return Err(self.wrong(format!("cannot squeeze {gone:?} out of {shape:?}")));
        }
        let kept = (0..shape.len()).filter(|n| !gone.contains(n));
        self.reshaped(kept.map(|n| shape[n]).collect())
    }

    pub(super) fn unsqueeze(&mut self) -> One {
        self.known(&["axes"])?;
        let axes = self.axes()?.ok_or_else(|| self.wrong("has no axes"))?;
        let mut shape = self.input(0)?.shape().to_vec();
        let rank = shape.len() + axes.len();
        let places = axes.iter().map(|&axis| self.axis(axis, rank));
        let mut places = places.collect::<Result<Vec<_>, _>>()?;
        places.sort_unstable();
        if places.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(self.wrong(format!("names an axis twice: {axes:?}")));
        }
        for place in places {
            shape.insert(place, 1);
        }
        self.reshaped(shape)
    }

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
        use crate::onnx::proto::dtype::{BOOL, DOUBLE, FLOAT, FLOAT16, INT32, INT64};
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
