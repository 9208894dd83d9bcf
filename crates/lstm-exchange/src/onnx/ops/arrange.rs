//! Operators that rearrange numbers.

use super::{Call, One, Outputs, broadcast, broadcast_strides, strides};
use crate::Tensor;
use crate::onnx::value::Value;

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

    pub(super) fn tile(&mut self) -> One {
        self.known(&[])?;
        let (value, repeats) = (self.input(0)?.clone(), self.sizes(1)?);
        let rank = value.shape().len();
        if repeats.len() != rank {
            return Err(self.wrong(format!("repeats {rank} dimensions {} times", repeats.len())));
        }
        // A dimension of size n, repeated r times, becomes r × n; the stride along r is 0.
        let (own, mut shape, mut steps) = (strides(value.shape()), Vec::new(), Vec::new());
        let mut tiled = Vec::new();
        for (axis, &times) in repeats.iter().enumerate() {
            shape.extend([times, value.shape()[axis]]);
            steps.extend([0, own[axis]]);
            tiled.push(times.saturating_mul(value.shape()[axis]));
        }
        let tensor = self.pick(value.data(), &shape, &steps, 0)?;
        Ok(Value {
            tensor: Tensor::new(&tiled, tensor.data),
            element_type: value.element_type,
        })
    }

    /// The sizes are an attribute before version 13 and an input since then. Without them the parts are
    /// equal; from version 18 on the last part may be smaller.
    pub(super) fn split(&mut self) -> Outputs {
        self.known(&["axis", "split", "num_outputs"])?;
        let value = self.input(0)?.clone();
        let axis = self.axis(self.int("axis", 0)?, value.shape().len())?;
        let size = value.shape()[axis];
        let sizes = match (self.optional(1), self.ints("split")?) {
            (Some(_), _) => self.sizes(1)?,
            (None, Some(sizes)) => {
                let sizes = sizes.into_iter().map(usize::try_from);
                let sizes = sizes.collect::<Result<Vec<_>, _>>();
                sizes.map_err(|_| self.wrong("has a negative size"))?
            }
            (None, None) => {
                let parts = self.node.output.len().max(1);
                let each = size.div_ceil(parts);
                let part = |n: usize| each.min(size.saturating_sub(n * each));
                (0..parts).map(part).collect()
            }
        };
        if sizes
            .iter()
            .try_fold(0_usize, |sum, &own| sum.checked_add(own))
            != Some(size)
        {
            return Err(self.wrong(format!("cannot split {size} into {sizes:?}")));
        }
        let own = strides(value.shape());
        let (mut parts, mut start) = (Vec::new(), 0);
        for size in sizes {
            let mut shape = value.shape().to_vec();
            shape[axis] = size;
            let first = start as isize * own[axis];
            let tensor = self.pick(value.data(), &shape, &own, first)?;
            parts.push(Value {
                tensor,
                element_type: value.element_type,
            });
            start += size;
        }
        Ok(parts)
    }

    /// Reverses each sequence up to its length; the padding after it stays in place.
    pub(super) fn reverse_sequence(&mut self) -> One {
        self.known(&["batch_axis", "time_axis"])?;
        let (mut value, lengths) = (self.same(0)?, self.sizes(1)?);
        let axes = [self.int("batch_axis", 1)?, self.int("time_axis", 0)?];
        let is_time_first = axes == [1, 0];
        let &[first, second, ref inner @ ..] = value.shape() else {
            return Err(self.wrong(format!("cannot reverse {:?}", value.shape())));
        };
        if !is_time_first && axes != [0, 1] {
            return Err(self.wrong(format!("its batch and time axes are {axes:?}")));
        }
        let (seq_len, batch_size) = if is_time_first {
            (first, second)
        } else {
            (second, first)
        };
        if lengths.len() != batch_size || lengths.iter().any(|&length| length > seq_len) {
            return Err(self.wrong(format!(
                "its lengths are {lengths:?}, of {batch_size} sequences of {seq_len} steps"
            )));
        }
        let run: usize = inner.iter().product();
        let at = |t: usize, b: usize| {
            run * if is_time_first {
                t * second + b
            } else {
                b * second + t
            }
        };
        self.pay(value.shape())?;
        let old = value.tensor.data.clone();
        for (b, length) in lengths.into_iter().enumerate() {
            for t in 0..length {
                let (from, to) = (at(length - 1 - t, b), at(t, b));
                value.tensor.data[to..to + run].copy_from_slice(&old[from..from + run]);
            }
        }
        Ok(value)
    }
}
