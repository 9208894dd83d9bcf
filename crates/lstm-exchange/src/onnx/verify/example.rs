//! Example inputs for a graph: ids, and zeros for everything else that it reads.

use super::differs;
use crate::onnx::graph::{Graph, Values};
use crate::onnx::proto::{Dimension, ValueInfo, dtype};
use crate::onnx::structure::Structure;
use crate::onnx::value::{Value, count};
use crate::{ExchangeError, Tensor};
use std::collections::BTreeMap;

/// The most ids, and the most numbers of any other input, that are made up.
const MOST_IDS: usize = 1 << 16;
const MOST_NUMBERS: usize = 1 << 20;

/// A value for every input that has no default.
pub(super) struct Example {
    /// The ids, (N), (T, B) or (B, T).
    pub ids: Tensor,
    pub given: Values,
}

impl Example {
    pub fn new(graph: &Graph, structure: &Structure) -> Result<Self, ExchangeError> {
        let vocab_size = structure.head_w.shape[0];
        let mut sizes = BTreeMap::new();
        let mut inputs = graph.inputs.iter();
        let shape = inputs
            .find(|input| input.name == structure.ids.input)
            .and_then(|input| shape_of(input, &[Some(3), Some(2)], &mut sizes))
            .filter(|shape| matches!(shape.len(), 1 | 2))
            .ok_or_else(|| differs("its ids are neither a sequence nor a batch of them"))?;
        let n: usize = count(&shape)
            .filter(|n| (1..=MOST_IDS).contains(n))
            .ok_or_else(|| differs(&format!("its ids have shape {shape:?}")))?;
        // Neighbours differ wherever there are enough ids.
        let ids = (0..n).map(|n| ((n * 7 + n / 3) % vocab_size) as f64);
        let ids = Tensor::new(&shape, ids.collect());
        let mut given = Values::new();
        given.insert(structure.ids.input.clone(), Value::int(ids.clone()));
        let batch_size = shape.get(1).copied().unwrap_or(1);
        let hidden_size = structure.layers[0].w_h.shape[1];
        let of_states = [structure.layers.len(), batch_size, hidden_size].map(Some);
        for input in graph
            .needed()
            .filter(|input| input.name != structure.ids.input)
        {
            let tensor_type = input.tensor_type();
            let is_float = tensor_type.is_none_or(|t| t.elem_type != dtype::INT64);
            let shape = shape_of(input, &of_states, &mut sizes)
                .filter(|_| is_float)
                .filter(|shape| count(shape).is_some_and(|n| n <= MOST_NUMBERS))
                .ok_or_else(|| differs(&format!("it reads {}", input.name)))?;
            let zeros = vec![0.0; shape.iter().product()];
            given.insert(input.name.clone(), Value::float(Tensor::new(&shape, zeros)));
        }
        Ok(Self { ids, given })
    }

    /// The ways to read the ids: as one sequence, or as a batch with time or with the batch first.
    pub fn axes(&self) -> Vec<Axes> {
        let axes = |is_batch_first, seq_len, batch_size| Axes {
            is_batch_first,
            seq_len,
            batch_size,
        };
        match self.ids.shape[..] {
            [a, b] => vec![axes(false, a, b), axes(true, b, a)],
            _ => vec![axes(false, self.ids.data.len(), 1)],
        }
    }
}

/// An input's shape. A size that the file leaves open is the one that was taken for the same name
/// before, or else the default.
fn shape_of(
    input: &ValueInfo,
    defaults: &[Option<usize>],
    names: &mut BTreeMap<String, usize>,
) -> Option<Vec<usize>> {
    let shape = input.tensor_type()?.shape.as_ref()?;
    let size = |(n, dim): (usize, &Dimension)| {
        if let Some(size) = dim.dim_value {
            return usize::try_from(size).ok();
        }
        let default = defaults.get(n).copied().flatten()?;
        Some(match &dim.dim_param {
            Some(name) => *names.entry(name.clone()).or_insert(default),
            None => default,
        })
    };
    shape.dim.iter().enumerate().map(size).collect()
}

/// How the ids are arranged.
#[derive(Clone, Copy)]
pub(super) struct Axes {
    pub is_batch_first: bool,
    pub seq_len: usize,
    pub batch_size: usize,
}

impl Axes {
    /// The ids of sequence `b`.
    pub fn sequence(self, ids: &Tensor, b: usize) -> impl Iterator<Item = usize> {
        let (start, step) = if self.is_batch_first {
            (b * self.seq_len, 1)
        } else {
            (b, self.batch_size)
        };
        (0..self.seq_len).map(move |t| ids.data[start + t * step] as usize)
    }
}
