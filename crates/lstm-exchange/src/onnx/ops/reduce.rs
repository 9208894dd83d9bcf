//! Sums, products, means and extremes along axes.

use super::{Call, One, strides};
use crate::onnx::value::{ElementType, Value};
use crate::{ExchangeError, Tensor};

impl Call<'_> {
    /// The operators `ReduceSum`, `ReduceProd`, `ReduceMean`, `ReduceMax` and `ReduceMin`.
    pub(super) fn reduce(&mut self) -> One {
        let (first, add): (f64, fn(f64, f64) -> f64) = match self.node.op_type.as_str() {
            "ReduceSum" | "ReduceMean" => (0.0, |sum, v| sum + v),
            "ReduceProd" => (1.0, |product, v| product * v),
            "ReduceMax" => (
                f64::NEG_INFINITY,
                |most, v| if v.is_nan() { v } else { most.max(v) },
            ),
            "ReduceMin" => (
                f64::INFINITY,
                |least, v| if v.is_nan() { v } else { least.min(v) },
            ),
            _ => return Err(self.unsupported()),
        };
        self.known(&["axes", "keepdims", "noop_with_empty_axes"])?;
        let value = self.same(0)?;
        let gone = self.gone(value.shape().len())?;
        let keeps = self.int("keepdims", 1)? != 0;
        let shape = value.shape().to_vec();
        let kept: Vec<usize> = (0..shape.len())
            .map(|n| if gone.contains(&n) { 1 } else { shape[n] })
            .collect();
        let size = self.pay(&kept)?;
        let (own, to) = (strides(&shape), strides(&kept));
        let place = |at: usize| -> usize {
            let axes = (0..shape.len()).filter(|n| !gone.contains(n));
            axes.map(|n| at / own[n] as usize % shape[n] * to[n] as usize)
                .sum()
        };
        let mut data = vec![first; size];
        for (at, &v) in value.data().iter().enumerate() {
            let sum = &mut data[place(at)];
            *sum = add(*sum, v);
        }
        if self.node.op_type == "ReduceMean" {
            let each = (value.data().len() / size.max(1)) as f64;
            data.iter_mut().for_each(|sum| *sum /= each);
            if value.element_type == ElementType::Int {
                data.iter_mut().for_each(|mean| *mean = mean.trunc());
            }
        }
        let shape = (0..shape.len()).filter(|n| keeps || !gone.contains(n));
        let shape: Vec<usize> = shape.map(|n| kept[n]).collect();
        Ok(Value {
            tensor: Tensor::new(&shape, data),
            element_type: value.element_type,
        })
    }

    /// The axes to reduce; all of them if none is given.
    fn gone(&self, rank: usize) -> Result<Vec<usize>, ExchangeError> {
        let axes = self.axes()?.unwrap_or_default();
        if axes.is_empty() && self.int("noop_with_empty_axes", 0)? != 0 {
            return Ok(Vec::new());
        }
        if axes.is_empty() {
            return Ok((0..rank).collect());
        }
        axes.iter().map(|&axis| self.axis(axis, rank)).collect()
    }
}
