//! A graph recognised: embedding → LSTM × layers → linear, as PyTorch's exporters and this one write it.
//!
//! The way is followed back from an output. What is found by it is only believed after the graph has
//! been computed and agrees ([`verify`](super::verify)).

use super::graph::{Graph, Values};
use super::proto::{Attribute, Node, kind};
use crate::layout::Layout;
use crate::{ExchangeError, Tensor, Tensors};

/// A language model's weights.
#[derive(Debug)]
pub(super) struct Structure {
    /// E, V×D; none if the input is one-hot.
    pub embedding: Option<Tensor>,
    /// From the bottom.
    pub layers: Vec<Layer>,
    /// W_y, V×H.
    pub head_w: Tensor,
    /// b_y, V.
    pub head_b: Tensor,
    /// The names of what it reads and gives in the graph.
    pub ids: String,
    pub logits: String,
}

/// A layer's weights in PyTorch's layout.
#[derive(Debug)]
pub(super) struct Layer {
    /// 4H×D
    pub w_x: Tensor,
    /// 4H×H
    pub w_h: Tensor,
    /// 4H each; none if there are none.
    pub biases: Option<[Tensor; 2]>,
}

/// Operators that give their first input in another shape or kind.
const SHAPERS: [&str; 7] = [
    "Cast",
    "Dropout",
    "Identity",
    "Reshape",
    "Squeeze",
    "Transpose",
    "Unsqueeze",
];
/// Those that show some steps of it.
const CUTTERS: [&str; 2] = ["Gather", "Slice"];
/// Those that make probabilities of logits.
const SQUASHERS: [&str; 2] = ["LogSoftmax", "Softmax"];

impl Structure {
    /// Finds the model in a graph.
    pub fn find(graph: &Graph) -> Result<Self, ExchangeError> {
        let view = View {
            graph,
            fixed: graph.folded(),
        };
        let lstms: Vec<&Node> = graph.nodes.iter().filter(|n| n.op_type == "LSTM").collect();
        let Some(last) = lstms.last() else {
            return Err(unsupported("a graph without an LSTM"));
        };
        let mut layers = Vec::new();
        for (l, node) in lstms.iter().enumerate() {
            if l > 0 {
                let below = view.source(&node.input[0], &SHAPERS);
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

    /// The weights by their names in PyTorch; the embedding is missing where the input is one-hot.
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

fn unsupported(what: &str) -> ExchangeError {
    ExchangeError::Unsupported {
        what: format!("as a language model, {what}"),
    }
}

struct View<'a> {
    graph: &'a Graph,
    /// Values that depend on no input.
    fixed: Values,
}

impl<'a> View<'a> {
    fn producer(&self, name: &str) -> Option<&'a Node> {
        let gives = |node: &&Node| node.output.iter().any(|output| output == name);
        self.graph
            .nodes
            .iter()
            .find(gives)
            .filter(|_| !name.is_empty())
    }

    /// The node that a value comes from, through nodes of the given kinds; none if it is an input.
    fn source(&self, name: &str, through: &[&str]) -> Option<&'a Node> {
        let mut node = self.producer(name)?;
        while through.contains(&node.op_type.as_str()) && !self.fixed.contains_key(&node.input[0]) {
            node = self.producer(&node.input[0])?;
        }
        Some(node)
    }

    /// The input of the graph that a value is, but for its shape and kind.
    fn graph_input(&self, name: &str) -> Option<String> {
        let mut name = name;
        while let Some(node) = self.producer(name) {
            if !SHAPERS.contains(&node.op_type.as_str()) {
                return None;
            }
            name = &node.input[0];
        }
        let inputs = &self.graph.inputs;
        inputs
            .iter()
            .find(|i| i.name == name)
            .map(|i| i.name.clone())
    }

    fn constant(&self, name: &str) -> Option<&Tensor> {
        self.fixed.get(name).map(|value| &value.tensor)
    }

    fn layer(&self, node: &Node) -> Result<Layer, ExchangeError> {
        for attribute in &node.attribute {
            let text = attribute.s.as_deref().unwrap_or_default();
            let is_plain = match attribute.name.as_str() {
                "hidden_size" => true,
                "direction" => text == b"forward",
                "input_forget" | "layout" => attribute.i.unwrap_or(0) == 0,
                "activations" => are_default(attribute),
                _ => false,
            };
            if !is_plain {
                return Err(unsupported(&format!(
                    "{} with the attribute {}{}",
                    node.title(),
                    attribute.name,
                    match attribute.kind {
                        kind::STRING => format!(" = {}", String::from_utf8_lossy(text)),
                        _ => String::new(),
                    }
                )));
            }
        }
        let input = |n: usize| node.input.get(n).map_or("", String::as_str);
        for (n, what) in [(4, "lengths of its own"), (7, "peepholes")] {
            if !input(n).is_empty() {
                return Err(unsupported(&format!("{} with {what}", node.title())));
            }
        }
        let weight = |n: usize, what: &str| {
            let tensor = self.constant(input(n));
            tensor.ok_or_else(|| unsupported(&format!("{} whose {what} is computed", node.title())))
        };
        let (w, r) = (weight(1, "W")?, weight(2, "R")?);
        let (&[1, rows, d], &[1, rows_of_r, h]) = (&w.shape[..], &r.shape[..]) else {
            return Err(unsupported(&format!(
                "{} with W of shape {:?} and R of shape {:?}",
                node.title(),
                w.shape,
                r.shape
            )));
        };
        if h == 0 || d == 0 || Some(rows) != h.checked_mul(4) || rows_of_r != rows {
            return Err(ExchangeError::Shape {
                tensor: format!("W of {}", node.title()),
                found: w.shape.clone(),
                expected: vec![1, h.saturating_mul(4), d],
            });
        }
        let reordered = |tensor: &Tensor| {
            let blocks = Layout::ONNX.split(&tensor.part(0));
            Layout::PYTORCH.join(blocks.each_ref())
        };
        let biases = match input(3) {
            "" => None,
            _ => {
                let b = weight(3, "B")?;
                if b.shape != [1, 2 * rows] {
                    return Err(ExchangeError::Shape {
                        tensor: format!("B of {}", node.title()),
                        found: b.shape.clone(),
                        expected: vec![1, 2 * rows],
                    });
                }
                Some([0, rows].map(|start| {
                    let blocks = Layout::ONNX.split_vector(&b.data[start..start + rows]);
                    Layout::PYTORCH.join_vector(blocks.each_ref())
                }))
            }
        };
        Ok(Layer {
            w_x: reordered(w),
            w_h: reordered(r),
            biases,
        })
    }

    /// E and the name of the ids.
    fn embedding(
        &self,
        node: &Node,
        layer: &Layer,
    ) -> Result<(Option<Tensor>, String), ExchangeError> {
        let Some(source) = self.source(&node.input[0], &SHAPERS) else {
            return Err(unsupported("a graph that reads vectors in place of ids"));
        };
        let not = || unsupported(&format!("{} below the LSTM", source.title()));
        let (table, indices) = match source.op_type.as_str() {
            "Gather" => {
                let table = self.constant(&source.input[0]).ok_or_else(not)?;
                let is_first = source.attribute.iter().all(|a| a.i.unwrap_or(0) == 0);
                let is_table = table.shape.len() == 2 && table.shape[1] == layer.w_x.shape[1];
                if !is_first || !is_table || table.data.is_empty() {
                    return Err(not());
                }
                (Some(table.clone()), &source.input[1])
            }
            "OneHot" => {
                let values = self.constant(&source.input[2]).ok_or_else(not)?;
                if values.data != [0.0, 1.0] {
                    return Err(not());
                }
                (None, &source.input[0])
            }
            _ => return Err(not()),
        };
        let ids = self.graph_input(indices);
        let ids = ids.ok_or_else(|| unsupported("ids that are computed"))?;
        Ok((table, ids))
    }

    /// W_y, b_y and the name of the output.
    fn head(&self, last: &Node) -> Result<(Tensor, Tensor, String), ExchangeError> {
        let through = [&SHAPERS[..], &CUTTERS[..]].concat();
        let to_linear = [&SHAPERS[..], &CUTTERS[..], &SQUASHERS[..]].concat();
        for output in &self.graph.outputs {
            let Some(node) = self.source(&output.name, &to_linear) else {
                continue;
            };
            let Some((input, w, b)) = self.linear(node) else {
                continue;
            };
            let below = self.source(input, &through).map(Node::title);
            if below == Some(last.title()) && w.shape[0] > 0 {
                return Ok((w, b, output.name.clone()));
            }
        }
        Err(unsupported(
            "a graph none of whose outputs is a linear layer on its last LSTM",
        ))
    }

    /// A linear layer that ends in `node`: what it reads, W (outputs × inputs) and b.
    fn linear(&self, node: &'a Node) -> Option<(&'a str, Tensor, Tensor)> {
        match node.op_type.as_str() {
            "Add" => {
                let [a, b] = &node.input[..] else {
                    return None;
                };
                let (other, bias) = match self.constant(a) {
                    Some(bias) => (b, bias),
                    None => (a, self.constant(b)?),
                };
                let product = self.source(other, &SHAPERS)?;
                let (input, w, _) = self
                    .linear(product)
                    .filter(|_| product.op_type == "MatMul")?;
                let is_bias = bias.data.len() == w.shape[0];
                let bias = Tensor::new(&[bias.data.len()], bias.data.clone());
                is_bias.then_some((input, w, bias))
            }
            "MatMul" => {
                let w = transposed(self.constant(node.input.get(1)?)?)?;
                let none = Tensor::new(&w.shape[..1], vec![0.0; w.shape[0]]);
                Some((&node.input[0], w, none))
            }
            "Gemm" => {
                let flag = |name: &str| {
                    let attribute = node.attribute.iter().find(|a| a.name == name);
                    attribute.is_some_and(|a| a.i == Some(1))
                };
                let is_scaled = |a: &Attribute| a.f.is_some_and(|f| f != 1.0);
                if flag("transA") || node.attribute.iter().any(is_scaled) {
                    return None;
                }
                let w = self.constant(node.input.get(1)?)?;
                let w = match flag("transB") {
                    true if w.shape.len() == 2 => w.clone(),
                    true => return None,
                    false => transposed(w)?,
                };
                let none = Tensor::new(&w.shape[..1], vec![0.0; w.shape[0]]);
                let b = match node.input.get(2).filter(|name| !name.is_empty()) {
                    Some(name) => self.constant(name).filter(|b| b.data.len() == w.shape[0])?,
                    None => &none,
                };
                Some((
                    &node.input[0],
                    w.clone(),
                    Tensor::new(&w.shape[..1], b.data.clone()),
                ))
            }
            _ => None,
        }
    }
}

fn are_default(attribute: &Attribute) -> bool {
    let names = attribute
        .strings
        .iter()
        .map(|name| name.to_ascii_lowercase());
    names.eq(["sigmoid", "tanh", "tanh"].map(|name| name.as_bytes().to_vec()))
}

fn transposed(tensor: &Tensor) -> Option<Tensor> {
    let &[rows, columns] = &tensor.shape[..] else {
        return None;
    };
    let at = |n: usize| tensor.data[n % rows * columns + n / rows];
    let data = (0..rows * columns).map(at).collect();
    Some(Tensor::new(&[columns, rows], data))
}
