//! A language model recognised in a graph: embedding → LSTM layers → linear layer, as PyTorch's exporters
//! and this crate write it.
//!
//! The search follows the nodes back from the LSTMs and the outputs. It does not prove that the graph
//! computes this model; [`verify`](super::verify) runs the graph and compares.

mod ids;
mod layer;
mod linear;

use super::graph::{Graph, Values};
use super::proto::Node;
use crate::{ExchangeError, Tensor, Tensors};
use std::collections::BTreeMap;

/// A language model's weights.
#[derive(Debug)]
pub(super) struct Structure {
    /// E, V×D; `None` if the input is one-hot.
    pub embedding: Option<Tensor>,
    /// Bottom layer first.
    pub layers: Vec<Layer>,
    /// W_y, V×H.
    pub head_w: Tensor,
    /// b_y, V.
    pub head_b: Tensor,
    /// The ids that the embedding reads.
    pub ids: Ids,
    /// The name of the graph's output.
    pub logits: String,
}

/// A layer's weights in PyTorch's layout.
#[derive(Debug)]
pub(super) struct Layer {
    /// 4H×D
    pub w_x: Tensor,
    /// 4H×H
    pub w_h: Tensor,
    /// The input's and the recurrent bias, 4H each.
    pub biases: Option<[Tensor; 2]>,
}

/// Where the ids come from.
#[derive(Debug)]
pub(super) struct Ids {
    /// The name of the graph's input of ids.
    pub input: String,
    /// The name of the value that the embedding reads.
    pub read: String,
    /// The nodes that compute this value from the input.
    pub part: Graph,
}

/// Operators whose output is their first input with another shape or number type.
const SHAPERS: [&str; 7] = [
    "Cast",
    "Dropout",
    "Identity",
    "Reshape",
    "Squeeze",
    "Transpose",
    "Unsqueeze",
];
/// Operators that select some steps.
const SELECTORS: [&str; 2] = ["Gather", "Slice"];
/// Operators that turn logits into probabilities.
const NORMALIZERS: [&str; 2] = ["LogSoftmax", "Softmax"];

impl Structure {
    /// Finds the model in a graph.
    ///
    /// # Errors
    /// If there is none; the error names the node that does not belong to it.
    pub fn find(graph: &Graph) -> Result<Self, ExchangeError> {
        let view = View {
            graph,
            fixed: graph.folded(),
            producers: graph
                .nodes()
                .flat_map(|node| node.output.iter().map(move |name| (name.as_str(), node)))
                .filter(|(name, _)| !name.is_empty())
                .collect(),
        };
        let lstms: Vec<&Node> = graph.nodes().filter(|n| n.op_type == "LSTM").collect();
        let Some(last) = lstms.last() else {
            return Err(unsupported(&without_lstm(graph)));
        };
        let mut layers = Vec::new();
        for (l, node) in lstms.iter().enumerate() {
            if l > 0 {
                let below = view.source(node.input(0), &SHAPERS);
                if below.map(Node::title) != Some(lstms[l - 1].title()) {
                    return Err(unsupported(&format!(
                        "{} that does not read the LSTM before it",
                        node.title()
                    )));
                }
            }
            layers.push(view.layer(node)?);
        }
        let (embedding, ids) = view.embedding(lstms[0], &layers[0])?;
        let (head_w, head_b, logits) = view.head(last)?;
        Ok(Self {
            embedding,
            layers,
            head_w,
            head_b,
            ids,
            logits,
        })
    }

    /// The weights by their names in PyTorch; without `embed.weight` if the input is one-hot.
    pub fn parameters(&self) -> Tensors {
        let mut all = Tensors::new();
        let mut put = |name: String, tensor: &Tensor| all.insert(name, tensor.clone());
        if let Some(embedding) = &self.embedding {
            put("embed.weight".into(), embedding);
        }
        for (l, layer) in self.layers.iter().enumerate() {
            put(format!("lstm.weight_ih_l{l}"), &layer.w_x);
            put(format!("lstm.weight_hh_l{l}"), &layer.w_h);
            let none = || Tensor::new(&[layer.w_h.shape[0]], vec![0.0; layer.w_h.shape[0]]);
            let [b_x, b_h] = layer.biases.clone().unwrap_or_else(|| [none(), none()]);
            put(format!("lstm.bias_ih_l{l}"), &b_x);
            put(format!("lstm.bias_hh_l{l}"), &b_h);
        }
        put("head.weight".into(), &self.head_w);
        put("head.bias".into(), &self.head_b);
        all
    }
}

/// The name of what a graph has instead of an LSTM.
fn without_lstm(graph: &Graph) -> String {
    let other = ["Loop", "Scan", "GRU", "RNN"];
    let node = graph
        .nodes()
        .find(|node| other.contains(&node.op_type.as_str()));
    match node.map(|node| (node.op_type.as_str(), node.title())) {
        Some(("Loop" | "Scan", title)) => format!(
            "a recurrent layer that is written out step by step ({title}), as tf2onnx does for a mask and \
             for activations that the operator LSTM does not have,"
        ),
        Some((_, title)) => format!("{title} in the place of an LSTM"),
        None => "a graph without an LSTM".to_owned(),
    }
}

fn unsupported(what: &str) -> ExchangeError {
    ExchangeError::Unsupported {
        what: format!("as a language model, {what}"),
    }
}

/// What the search needs of a graph.
struct View<'a> {
    graph: &'a Graph,
    /// Values that depend on no input.
    fixed: Values,
    /// The node that computes each value.
    producers: BTreeMap<&'a str, &'a Node>,
}

impl<'a> View<'a> {
    fn producer(&self, name: &str) -> Option<&'a Node> {
        self.producers.get(name).copied()
    }

    /// The node that computes a value, looking through nodes of the given operators; `None` for an input
    /// of the graph.
    fn source(&self, name: &str, through: &[&str]) -> Option<&'a Node> {
        let mut node = self.producer(name)?;
        while through.contains(&node.op_type.as_str()) && !self.fixed.contains_key(node.input(0)) {
            node = self.producer(node.input(0))?;
        }
        Some(node)
    }

    fn constant(&self, name: &str) -> Option<&Tensor> {
        self.fixed.get(name).map(|value| &value.tensor)
    }

    /// E and the ids.
    fn embedding(
        &self,
        node: &Node,
        layer: &Layer,
    ) -> Result<(Option<Tensor>, Ids), ExchangeError> {
        let Some(source) = self.source(node.input(0), &SHAPERS) else {
            return Err(unsupported("a graph that reads vectors instead of ids"));
        };
        let not = || unsupported(&format!("{} below the LSTM", source.title()));
        let (table, indices) = match source.op_type.as_str() {
            "Gather" => {
                let table = self.constant(source.input(0)).ok_or_else(not)?;
                let is_first = source.attribute.iter().all(|a| a.i.unwrap_or(0) == 0);
                let is_table = table.shape.len() == 2 && table.shape[1] == layer.w_x.shape[1];
                if !is_first || !is_table || table.data.is_empty() {
                    return Err(not());
                }
                (Some(table.clone()), source.input(1))
            }
            "OneHot" => {
                let values = self.constant(source.input(2)).ok_or_else(not)?;
                if values.data != [0.0, 1.0] {
                    return Err(not());
                }
                (None, source.input(0))
            }
            _ => return Err(not()),
        };
        Ok((table, self.ids(indices)?))
    }
}
