//! Whether a graph computes what its [`Structure`] says: both are, on some ids and from zero states.

use super::graph::{Graph, Values};
use super::proto::{ValueInfo, dtype};
use super::structure::Structure;
use super::value::{Value, count};
use crate::recorded::logits;
use crate::{ExchangeError, Recording, Tensor, Tensors, difference};
use std::collections::BTreeMap;

/// Both are computed in double precision from the same weights.
const TOLERANCE: f64 = 1e-9;

/// Computes both.
pub(super) fn verify(graph: &Graph, structure: &Structure) -> Result<(), ExchangeError> {
    let differs = |why: String| ExchangeError::Unsupported {
        what: format!(
            "a graph that computes something else than its embedding, LSTM and linear layer ({why})"
        ),
    };
    let vocab_size = structure.head_w.shape[0];
    let mut sizes = BTreeMap::new();
    let mut given = Values::new();
    let ids_input = graph
        .inputs
        .iter()
        .find(|input| input.name == structure.ids);
    let shape = ids_input
        .and_then(|input| sized(input, &[Some(3), Some(2)], &mut sizes))
        .filter(|shape| matches!(shape.len(), 1 | 2))
        .ok_or_else(|| differs("its ids are neither a sequence nor a batch of them".into()))?;
    let n: usize = count(&shape)
        .filter(|n| (1..=1 << 16).contains(n))
        .ok_or_else(|| differs(format!("its ids have shape {shape:?}")))?;
    // Some id, no two neighbours alike where there are enough.
    let ids: Vec<f64> = (0..n)
        .map(|n| (n * 7 + n / 3) % vocab_size)
        .map(|id| id as f64)
        .collect();
    let ids = Tensor::new(&shape, ids);
    given.insert(structure.ids.clone(), Value::int(ids.clone()));
    for input in graph.needed().filter(|input| input.name != structure.ids) {
        let batch = shape.get(1).copied().unwrap_or(1);
        let h = structure.layers[0].w_h.shape[1];
        let defaults = [Some(structure.layers.len()), Some(batch), Some(h)];
        let is_float = input
            .tensor_type()
            .is_none_or(|t| t.elem_type != dtype::INT64);
        let size = sized(input, &defaults, &mut sizes).filter(|_| is_float);
        let size = size.filter(|size| count(size).is_some_and(|n| n <= 1 << 20));
        let size = size.ok_or_else(|| differs(format!("it reads {}", input.name)))?;
        let n = size.iter().product();
        given.insert(
            input.name.clone(),
            Value::float(Tensor::new(&size, vec![0.0; n])),
        );
    }
    let run = graph.run(&given, 0, None)?;
    let found = run.values.get(&structure.logits);
    let found = found.ok_or_else(|| differs("its output is none".into()))?;
    let candidates = match shape[..] {
        [a, b] => vec![[a, b], [b, a]],
        _ => vec![[n, 1]],
    };
    let mut least = f64::INFINITY;
    for (is_batch_first, [seq_len, batch_size]) in [false, true].into_iter().zip(candidates) {
        let place = |t: usize, b: usize| match is_batch_first {
            true => b * seq_len + t,
            false => t * batch_size + b,
        };
        let pairs = (0..seq_len).flat_map(|t| (0..batch_size).map(move |b| (t, b)));
        let own: Vec<f64> = pairs.map(|(t, b)| ids.data[place(t, b)]).collect();
        let logits = expected(structure, Tensor::new(&[seq_len, batch_size], own))?;
        let row =
            |t: usize, b: usize| &logits.data[(t * batch_size + b) * vocab_size..][..vocab_size];
        // Batch-first in full, time-first in full, the last step alone.
        let of_batches: Vec<f64> = (0..batch_size)
            .flat_map(|b| (0..seq_len).flat_map(move |t| row(t, b)))
            .copied()
            .collect();
        let of_last: Vec<f64> = (0..batch_size)
            .flat_map(|b| row(seq_len - 1, b))
            .copied()
            .collect();
        for rows in [of_batches, logits.data.clone(), of_last] {
            for squash in [None, Some(false), Some(true)] {
                let expected = squashed(&rows, vocab_size, squash);
                if expected.len() == found.data().len() {
                    let flat = |data: &[f64]| Tensor::new(&[data.len()], data.to_vec());
                    let off = difference(&flat(found.data()), &flat(&expected)).relative;
                    least = least.min(off);
                }
            }
        }
    }
    match least <= TOLERANCE {
        true => Ok(()),
        false if least.is_finite() => Err(differs(format!("off by {least:.1e}"))),
        false => Err(differs(format!("its output has shape {:?}", found.shape()))),
    }
}

/// An input's sizes, those that it does not say from names met before, or else from `defaults`.
fn sized(
    input: &ValueInfo,
    defaults: &[Option<usize>],
    names: &mut BTreeMap<String, usize>,
) -> Option<Vec<usize>> {
    let shape = input.tensor_type()?.shape.as_ref()?;
    let size = |(n, dim): (usize, &super::proto::Dimension)| {
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

/// What the structure says the logits are, (T, B, V).
fn expected(structure: &Structure, ids: Tensor) -> Result<Tensor, ExchangeError> {
    let mut tensors: Tensors = structure
        .parameters()
        .into_iter()
        .map(|(name, tensor)| (format!("param.{name}"), tensor))
        .collect();
    if structure.embedding.is_none() {
        // One-hot input is a column of W_x: as an embedding, with the unit matrix on top.
        let w_x = &structure.layers[0].w_x;
        let (rows, v) = (w_x.shape[0], w_x.shape[1]);
        let columns = (0..v * rows)
            .map(|n| w_x.data[n % rows * v + n / rows])
            .collect();
        let unit = (0..rows * rows)
            .map(|n| f64::from(u8::from(n % rows == n / rows)))
            .collect();
        tensors.insert(
            "param.embed.weight".into(),
            Tensor::new(&[v, rows], columns),
        );
        tensors.insert(
            "param.lstm.weight_ih_l0".into(),
            Tensor::new(&[rows, rows], unit),
        );
    }
    tensors.insert("ids".into(), ids);
    let recording = Recording {
        tensors,
        ..Recording::default()
    };
    logits(&recording)
}

/// Logits, or their softmax, or the logarithm of it.
fn squashed(rows: &[f64], vocab_size: usize, squash: Option<bool>) -> Vec<f64> {
    let Some(is_log) = squash else {
        return rows.to_vec();
    };
    let squashed = rows.chunks(vocab_size).flat_map(|row| {
        let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = row.iter().map(|z| (z - most).exp()).sum();
        row.iter().map(move |z| match is_log {
            true => z - most - sum.ln(),
            false => (z - most - sum.ln()).exp(),
        })
    });
    squashed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CharModel;
    use crate::onnx::file::parse;
    use crate::onnx::proto::{Attribute, Node, kind};
    use crate::onnx::to_onnx;
    use lstm_model::{Init, Network, NetworkConfig};
    use lstm_text::{Normalization, Vocabulary};

    fn graph(change: impl Fn(&mut Vec<Node>)) -> Graph {
        let config = NetworkConfig {
            vocab_size: 5,
            embed_size: 3,
            hidden_size: 4,
            layers: 2,
            dropout: 0.0,
            head_dropout: 0.0,
            init: Init::PytorchUniform,
        };
        let model = CharModel {
            network: Network::init(config, 1).unwrap(),
            vocabulary: Vocabulary::from_text("abcde").unwrap(),
            normalization: Normalization::default(),
        };
        let mut model = parse(&to_onnx(&model).unwrap()).unwrap();
        change(&mut model.graph.as_mut().unwrap().node);
        Graph::new(model).unwrap()
    }

    /// Every part is found in both, and one of them reads only whether an id is 0.
    #[test]
    fn a_graph_is_believed_only_if_it_computes_what_was_found_in_it() {
        let as_it_is = graph(|_| {});
        let structure = Structure::find(&as_it_is).unwrap();
        assert!(verify(&as_it_is, &structure).is_ok());
        let cast = graph(|nodes| {
            let to_bool = Node {
                op_type: "Cast".into(),
                input: vec!["ids".into()],
                output: vec!["is_not_zero".into()],
                attribute: vec![Attribute {
                    name: "to".into(),
                    kind: kind::INT,
                    i: Some(dtype::BOOL.into()),
                    ..Attribute::default()
                }],
                ..Node::default()
            };
            let gather = nodes
                .iter_mut()
                .find(|node| node.input[0] == "embed.weight");
            gather.unwrap().input[1] = "is_not_zero".into();
            nodes.insert(0, to_bool);
        });
        let structure = Structure::find(&cast).unwrap();
        let error = verify(&cast, &structure).unwrap_err().to_string();
        assert!(error.contains("computes something else"), "{error}");
    }
}
