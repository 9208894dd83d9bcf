//! Matrix products and softmax.

use super::{Call, One, broadcast, broadcast_strides};
use crate::onnx::value::{Value, count};
use crate::{ExchangeError, Tensor};

impl Call<'_> {
    /// The product of (…, M, K) and (…, K, N); the outer dimensions broadcast. A vector counts as a row
    /// on the left and as a column on the right, and the result does not have that dimension.
    pub(super) fn mat_mul(&mut self) -> One {
        self.known(&[])?;
        let (a, b) = (self.input(0)?.clone(), self.input(1)?.clone());
        let (mut left, mut right) = (a.shape().to_vec(), b.shape().to_vec());
        let (is_row, is_column) = (left.len() == 1, right.len() == 1);
        if is_row {
            left.insert(0, 1);
        }
        if is_column {
            right.push(1);
        }
        let ([outer_a @ .., m, k], [outer_b @ .., rows, n]) = (&left[..], &right[..]) else {
            return Err(self.unfit(&a, &b));
        };
        let outer = broadcast(outer_a, outer_b).filter(|_| k == rows);
        let outer = outer.ok_or_else(|| self.unfit(&a, &b))?;
        let mut data = Vec::new();
        if outer_b.is_empty() {
            let m = count(&left[..left.len() - 1]).unwrap_or(usize::MAX);
            data = self.product(a.data(), b.data(), [m, *k, *n])?;
        } else {
            let [a, b] =
                [(&a, &left, [*m, *k]), (&b, &right, [*k, *n])].map(|(own, from, inner)| {
                    let to = [&outer[..], &inner].concat();
                    self.pick(own.data(), &to, &broadcast_strides(from, &to), 0)
                });
            let (a, b) = (a?, b?);
            for place in 0..count(&outer).unwrap_or(0) {
                let a = &a.data[place * m * k..(place + 1) * m * k];
                let b = &b.data[place * k * n..(place + 1) * k * n];
                data.extend(self.product(a, b, [*m, *k, *n])?);
            }
        }
        let row = if is_row { None } else { Some(*m) };
        let column = if is_column { None } else { Some(*n) };
        let shape: Vec<usize> = outer.into_iter().chain(row).chain(column).collect();
        Ok(Value::float(Tensor::new(&shape, data)))
    }

    fn unfit(&self, a: &Value, b: &Value) -> ExchangeError {
        self.wrong(format!(
            "of shapes {:?} and {:?} is not supported",
            a.shape(),
            b.shape()
        ))
    }

    /// The product of (M, K) and (K, N), row-major.
    fn product(
        &mut self,
        a: &[f64],
        b: &[f64],
        [m, k, n]: [usize; 3],
    ) -> Result<Vec<f64>, ExchangeError> {
        let size = self.pay(&[m, n])?;
        self.work(&[m, k, n])?;
        let mut out = vec![0.0; size];
        if n == 0 || k == 0 {
            return Ok(out);
        }
        for (row, out) in a.chunks(k).zip(out.chunks_mut(n)) {
            for (&a, b) in row.iter().zip(b.chunks(n)) {
                for (out, &b) in out.iter_mut().zip(b) {
                    *out += a * b;
                }
            }
        }
        Ok(out)
    }

    /// α A B + β C, where A and B may be transposed.
    pub(super) fn gemm(&mut self) -> One {
        self.known(&["alpha", "beta", "transA", "transB"])?;
        let [a, b] = [("transA", 0), ("transB", 1)].map(|(name, n)| {
            let value = self.input(n)?.clone();
            let &[rows, columns] = value.shape() else {
                return Err(self.wrong(format!("input {n} has shape {:?}", value.shape())));
            };
            if self.int(name, 0)? == 0 {
                return Ok(value.tensor);
            }
            self.pick(value.data(), &[columns, rows], &[1, columns as isize], 0)
        });
        let (a, b) = (a?, b?);
        if a.shape[1] != b.shape[0] {
            return Err(self.unfit(&Value::float(a), &Value::float(b)));
        }
        let [m, k, n] = [a.shape[0], a.shape[1], b.shape[1]];
        let (alpha, beta) = (self.number("alpha", 1.0)?, self.number("beta", 1.0)?);
        let mut data = self.product(&a.data, &b.data, [m, k, n])?;
        data.iter_mut().for_each(|v| *v *= alpha);
        if let Some(c) = self.optional(2).cloned() {
            if broadcast(c.shape(), &[m, n]).as_deref() != Some(&[m, n]) {
                return Err(self.wrong(format!("C of shape {:?}, expected {m}×{n}", c.shape())));
            }
            let c = self.pick(c.data(), &[m, n], &broadcast_strides(c.shape(), &[m, n]), 0)?;
            for (v, c) in data.iter_mut().zip(c.data) {
                *v += beta * c;
            }
        }
        Ok(Value::float(Tensor::new(&[m, n], data)))
    }

    /// p = softmax(z), or its logarithm, with the maximum subtracted (E20): along the axis, or before
    /// version 13 over all dimensions from the axis on.
    pub(super) fn softmax(&mut self) -> One {
        self.known(&["axis"])?;
        let is_log = self.node.op_type == "LogSoftmax";
        let rank = self.input(0)?.shape().len();
        let default = if self.machine.opset < 13 { 1 } else { -1 };
        let axis = self.axis(self.int("axis", default)?, rank)?;
        let mut value = self.same(0)?;
        let shape = value.shape().to_vec();
        let (size, step) = if self.machine.opset < 13 {
            (shape[axis..].iter().product(), 1)
        } else {
            (shape[axis], shape[axis + 1..].iter().product())
        };
        if value.data().is_empty() {
            return Ok(value);
        }
        let data = &mut value.tensor.data;
        for start in 0..data.len() {
            if start / step % size != 0 {
                continue;
            }
            let place = |n: usize| start + n * step;
            let most = (0..size)
                .map(|n| data[place(n)])
                .fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = (0..size).map(|n| (data[place(n)] - most).exp()).sum();
            for n in 0..size {
                let log = data[place(n)] - most - sum.ln();
                data[place(n)] = if is_log { log } else { log.exp() };
            }
        }
        Ok(value)
    }
}
