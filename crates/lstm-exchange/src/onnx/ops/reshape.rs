//! Constants, and operators that change a tensor's shape without moving its numbers.

use super::{Call, One};
use crate::onnx::proto::kind;
use crate::onnx::value::{Value, count};
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
                    what: format!("a constant in the attribute {name}"),
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
            element_type: value.element_type,
        })
    }

    /// Input n as sizes.
    pub(super) fn sizes(&self, n: usize) -> Result<Vec<usize>, ExchangeError> {
        let sizes = self.integers(n)?.into_iter().map(usize::try_from);
        let sizes = sizes.collect::<Result<Vec<_>, _>>();
        sizes.map_err(|_| self.wrong(format!("input {n} has a negative size")))
    }

    /// Dropout is the identity at inference.
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
        let (from, wanted) = (self.input(0)?.shape().to_vec(), self.integers(1)?);
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

    /// Flattens to two dimensions: those before the axis, and the others.
    pub(super) fn flatten(&mut self) -> One {
        self.known(&["axis"])?;
        let shape = self.input(0)?.shape().to_vec();
        let axis = match self.int("axis", 1)? {
            axis if axis == shape.len() as i64 => shape.len(),
            axis => self.axis(axis, shape.len())?,
        };
        let (before, after) = shape.split_at(axis);
        self.reshaped(vec![before.iter().product(), after.iter().product()])
    }

    pub(super) fn size(&mut self) -> One {
        self.known(&[])?;
        let size = self.input(0)?.data().len();
        Ok(Value::int(Tensor::new(&[], vec![size as f64])))
    }

    /// Start, limit and step: the numbers from the first input up to the second (exclusive), by steps of
    /// the third.
    pub(super) fn range(&mut self) -> One {
        self.known(&[])?;
        let number = |n: usize| match self.input(n)?.data() {
            &[number] => Ok(number),
            _ => Err(self.wrong(format!("input {n} is not one number"))),
        };
        let (start, limit, step) = (number(0)?, number(1)?, number(2)?);
        let steps = ((limit - start) / step).ceil().max(0.0);
        if step == 0.0 || !steps.is_finite() {
            return Err(self.wrong(format!("from {start} to {limit} by {step}")));
        }
        let element_type = self.input(0)?.element_type;
        let n = self.pay(&[steps as usize])?;
        let data = (0..n).map(|n| start + n as f64 * step).collect();
        Ok(Value {
            tensor: Tensor::new(&[n], data),
            element_type,
        })
    }

    /// The input `axes`, or the attribute before version 13.
    pub(super) fn axes(&self) -> Result<Option<Vec<i64>>, ExchangeError> {
        match self.optional(1) {
            Some(_) => self.integers(1).map(Some),
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
}
