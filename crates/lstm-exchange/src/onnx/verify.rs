//! Whether a graph computes what its [`Structure`] says: both are computed on example ids, from zero
//! states, and compared.

mod example;
mod ids;
mod reference;

use super::graph::Graph;
use super::plain::PlainLstm;
use super::structure::Structure;
use crate::ExchangeError;
use example::{Axes, Example};
use reference::Reference;

/// Relative to the largest logit, or to 0.01 if that is more: both are computed in double precision
/// from the same weights.
const TOLERANCE: f64 = 1e-9;

/// Accepts a graph that computes the logits of its structure, their softmax or its logarithm: for all
/// steps, time first or batch first, or for the last step alone.
///
/// The shapes of the structure's arrays must fit together.
pub(super) fn verify(graph: &Graph, structure: &Structure) -> Result<(), ExchangeError> {
    let example = Example::new(graph, structure)?;
    ids::verify(structure, &example)?;
    let values = graph.run(&example.given, 0, &mut PlainLstm)?;
    let found = values.get(&structure.logits);
    let found = found.ok_or_else(|| differs("it computes no output"))?;
    let reference = Reference::new(structure, example.ids.data.len())?;
    let mut least = f64::INFINITY;
    for axes in example.axes() {
        let logits: Vec<f64> = (0..axes.batch_size)
            .flat_map(|b| reference.logits(axes.sequence(&example.ids, b)))
            .collect();
        for output in outputs(&logits, axes, reference.vocab_size()) {
            if output.len() == found.data().len() {
                least = least.min(distance(found.data(), &output));
            }
        }
    }
    if least <= TOLERANCE {
        Ok(())
    } else if least.is_finite() {
        Err(differs(&format!("off by {least:.1e}")))
    } else {
        Err(differs(&format!(
            "its output has shape {:?}",
            found.shape()
        )))
    }
}

fn differs(why: &str) -> ExchangeError {
    ExchangeError::Unsupported {
        what: format!(
            "a graph that computes something else than its embedding, LSTM and linear layer ({why})"
        ),
    }
}

/// What a graph may make of logits (B×T×V): which steps, in which order, and whether it squashes them.
fn outputs(logits: &[f64], axes: Axes, vocab_size: usize) -> impl Iterator<Item = Vec<f64>> {
    let Axes {
        seq_len,
        batch_size,
        ..
    } = axes;
    let row = |(t, b): (usize, usize)| &logits[(b * seq_len + t) * vocab_size..][..vocab_size];
    let time_first = (0..seq_len).flat_map(|t| (0..batch_size).map(move |b| (t, b)));
    let last_step = (0..batch_size).map(|b| (seq_len - 1, b));
    let rows: [Vec<f64>; 3] = [
        logits.to_vec(),
        time_first.flat_map(row).copied().collect(),
        last_step.flat_map(row).copied().collect(),
    ];
    rows.into_iter().flat_map(move |rows| {
        let log_p = log_softmax(&rows, vocab_size);
        let p = log_p.iter().map(|log_p| log_p.exp()).collect();
        [rows, log_p, p]
    })
}

/// ln softmax(z) of rows of `vocab_size` logits (E20).
fn log_softmax(rows: &[f64], vocab_size: usize) -> Vec<f64> {
    let log_p = rows.chunks(vocab_size).flat_map(|z| {
        let most = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = z.iter().map(|z| (z - most).exp()).sum();
        z.iter().map(move |z| z - most - sum.ln())
    });
    log_p.collect()
}

/// max |found − expected|, relative to max |expected| or to 0.01 if that is more.
fn distance(found: &[f64], expected: &[f64]) -> f64 {
    // `f64::max` would pass over a NaN.
    let larger = |most: f64, v: f64| if v.is_nan() || v > most { v } else { most };
    let largest = expected.iter().map(|v| v.abs()).fold(0.01, larger);
    let pairs = found.iter().zip(expected);
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, larger) / largest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CharModel;
    use crate::onnx::file::parse;
    use crate::onnx::proto::{Attribute, Node, dtype, kind};
    use crate::onnx::to_onnx;
    use lstm_model::{Init, Network, NetworkConfig};
    use lstm_text::{Normalization, Vocabulary};

    fn graph(change: impl Fn(&mut Vec<Node>)) -> Graph {
        graph_with(3, change)
    }

    /// The graph of two layers, changed. Without an embedding the input is one-hot.
    fn graph_with(embed_size: usize, change: impl Fn(&mut Vec<Node>)) -> Graph {
        let config = NetworkConfig {
            vocab_size: 5,
            embed_size,
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

    #[test]
    fn a_node_that_lacks_an_input_is_refused() {
        for embed_size in [0, 3] {
            let whole = graph_with(embed_size, |_| {});
            for (n, node) in whole.nodes().enumerate() {
                let needed = match node.op_type.as_str() {
                    "Concat" | "Squeeze" => 1,
                    "LSTM" | "Slice" => 3,
                    _ => node.input.len(),
                };
                for given in 0..needed {
                    let cut = graph_with(embed_size, |nodes| nodes[n].input.truncate(given));
                    let outcome = Structure::find(&cut).and_then(|s| verify(&cut, &s));
                    assert!(outcome.is_err(), "{} with {given} inputs", node.title());
                }
            }
        }
    }
}
