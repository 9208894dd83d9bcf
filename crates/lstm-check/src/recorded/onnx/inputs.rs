//! The inputs of the ONNX operator `LSTM`.

use super::attributes::Attributes;
use crate::arrange::{Axes, states, swapped};
use crate::recorded::{assert_feasible, blocks, zero_biases};
use crate::recording::fitted;
use crate::variant::{Direction, Weights};
use crate::{CheckError, Recording};
use lstm_cell::State;
use lstm_exchange::{Layout, Tensor};
use nalgebra::DVector;

/// The inputs by their names in [`LSTM_INPUTS`](lstm_exchange::onnx::LSTM_INPUTS); `None` for an input that is
/// left out.
#[derive(Clone, Copy)]
pub(crate) struct Inputs<'a>(pub &'a dyn Fn(&str) -> Option<Tensor>);

#[derive(Clone, Copy)]
pub(super) struct Sizes {
    pub seq_len: usize,
    pub batch_size: usize,
    /// D
    pub d: usize,
    /// H
    pub h: usize,
    pub directions: usize,
}

impl Sizes {
    pub fn read(
        inputs: &Inputs<'_>,
        attributes: &Attributes,
        axes: Axes,
    ) -> Result<Self, CheckError> {
        let (x, r) = (inputs.needed("X")?, inputs.needed("R")?);
        let (&[first, second, d], &[dirs, _, h]) = (&x.shape[..], &r.shape[..]) else {
            let what = format!("X of shape {:?} with R of shape {:?}", x.shape, r.shape);
            return Err(CheckError::unsupported(what));
        };
        let directions = attributes.directions.len();
        let hidden_size = attributes.hidden_size.unwrap_or(h);
        if hidden_size != h || directions != dirs {
            let expected = [directions, 4 * h, hidden_size];
            return Err(CheckError::shape("R", r.shape, expected));
        }
        let [seq_len, batch_size] = axes.order([first, second]);
        let given = x.data.len() + r.data.len();
        assert_feasible(given, &[seq_len, batch_size, d + h, directions])?;
        Ok(Self {
            seq_len,
            batch_size,
            d,
            h,
            directions,
        })
    }
}

impl Inputs<'_> {
    pub(super) fn needed(&self, name: &str) -> Result<Tensor, CheckError> {
        (self.0)(name).ok_or_else(|| CheckError::missing(name))
    }

    /// An optional input. If present, it must have this shape; dimensions of size 1 are ignored.
    fn optional(&self, name: &str, expected: &[usize]) -> Result<Option<Tensor>, CheckError> {
        match (self.0)(name) {
            Some(tensor) => Ok(Some(fitted(name, &tensor, expected)?)),
            None => Ok(None),
        }
    }

    fn shaped(&self, name: &str, expected: &[usize]) -> Result<Tensor, CheckError> {
        self.needed(name)?;
        let tensor = self.optional(name, expected)?;
        Ok(tensor.expect("it is there"))
    }

    /// The directions with their weights.
    pub(super) fn layer(
        &self,
        attributes: &Attributes,
        sizes: Sizes,
    ) -> Result<Vec<Direction<f64>>, CheckError> {
        let Sizes {
            d, h, directions, ..
        } = sizes;
        let w = self.shaped("W", &[directions, 4 * h, d])?;
        let r = self.shaped("R", &[directions, 4 * h, h])?;
        let b = self.optional("B", &[directions, 8 * h])?;
        let p = self.optional("P", &[directions, 3 * h])?;
        let direction = |n: usize| {
            // Wb, then Rb.
            let bias = |half: usize| match &b {
                Some(b) => Layout::ONNX.split_vector(&b.part(n).data[half * 4 * h..][..4 * h]),
                None => zero_biases(h),
            };
            // They are stored as i o f.
            let peepholes = p.as_ref().map(|p| {
                let part = p.part(n).data;
                [0, 2, 1].map(|k| DVector::from_column_slice(&part[k * h..(k + 1) * h]))
            });
            Weights {
                blocks: blocks(
                    Layout::ONNX.split(&w.part(n)),
                    Layout::ONNX.split(&r.part(n)),
                    bias(0),
                    bias(1),
                ),
                peepholes,
                projection: None,
            }
        };
        let directions = attributes.directions.iter().enumerate();
        let layer = directions.map(|(n, &(reverse, options))| Direction {
            weights: direction(n),
            options,
            reverse,
        });
        Ok(layer.collect())
    }

    pub(super) fn lengths(&self, sizes: Sizes) -> Result<Vec<usize>, CheckError> {
        let Some(tensor) = (self.0)("sequence_lens") else {
            return Ok(vec![sizes.seq_len; sizes.batch_size]);
        };
        let mut recording = Recording::default();
        recording.tensors.insert("sequence_lens".into(), tensor);
        recording.counts("sequence_lens", &[sizes.batch_size], sizes.seq_len)
    }

    /// The initial states; zero if they are left out.
    pub(super) fn initial(
        &self,
        axes: Axes,
        sizes: Sizes,
    ) -> Result<Vec<Vec<State<f64>>>, CheckError> {
        let Sizes {
            batch_size,
            h,
            directions,
            ..
        } = sizes;
        let [first, second] = axes.order([directions, batch_size]);
        let state = |name: &str| {
            let tensor = self.optional(name, &[first, second, h])?;
            Ok::<_, CheckError>(match tensor {
                Some(tensor) if axes == Axes::BatchFirst => swapped(&tensor),
                Some(tensor) => tensor,
                None => {
                    let zeros = vec![0.0; directions * batch_size * h];
                    Tensor::new(&[directions, batch_size, h], zeros)
                }
            })
        };
        Ok(states(&state("initial_h")?, &state("initial_c")?))
    }
}
