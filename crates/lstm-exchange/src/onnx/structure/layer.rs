//! The weights of an LSTM node that has no options.

use super::{Layer, View, unsupported};
use crate::layout::Layout;
use crate::onnx::proto::{Attribute, Node, kind};
use crate::{ExchangeError, Tensor};

impl View<'_> {
    /// The weights of a layer.
    ///
    /// # Errors
    /// If the node has an option that a language model of this project cannot have, computes its weights,
    /// or has weights of the wrong shapes.
    pub(super) fn layer(&self, node: &Node) -> Result<Layer, ExchangeError> {
        expect_plain(node)?;
        let lengths = node.input(4);
        if !lengths.is_empty() && !self.is_of_shapes(lengths) {
            return Err(unsupported(&format!(
                "{} with lengths of its own",
                node.title()
            )));
        }
        let (w, r) = (self.weight(node, 1, "W")?, self.weight(node, 2, "R")?);
        let h = hidden_size(node, w, r)?;
        let reordered = |tensor: &Tensor| {
            let blocks = Layout::ONNX.split(&tensor.part(0));
            Layout::PYTORCH.join(blocks.each_ref())
        };
        let biases = if node.input(3).is_empty() {
            None
        } else {
            Some(biases(node, self.weight(node, 3, "B")?, 4 * h)?)
        };
        Ok(Layer {
            w_x: reordered(w),
            w_h: reordered(r),
            biases,
        })
    }

    fn weight(&self, node: &Node, n: usize, name: &str) -> Result<&Tensor, ExchangeError> {
        let tensor = self.constant(node.input(n));
        tensor.ok_or_else(|| unsupported(&format!("{} whose {name} is computed", node.title())))
    }
}

/// Refuses attributes and inputs that change what the node computes.
fn expect_plain(node: &Node) -> Result<(), ExchangeError> {
    // Check the direction first: with another direction, other attributes differ too.
    let is_direction = |attribute: &&Attribute| attribute.name == "direction";
    let directions = node.attribute.iter().filter(is_direction);
    let others = node
        .attribute
        .iter()
        .filter(|attribute| !is_direction(attribute));
    for attribute in directions.chain(others) {
        let text = attribute.s.as_deref().unwrap_or_default();
        let is_plain = match attribute.name.as_str() {
            "hidden_size" => true,
            "direction" => text == b"forward",
            "input_forget" | "layout" => attribute.i.unwrap_or(0) == 0,
            "activations" => are_default(attribute),
            _ => false,
        };
        if !is_plain {
            let value = match attribute.kind {
                kind::STRING => format!(" = {}", String::from_utf8_lossy(text)),
                kind::STRINGS => format!(
                    " = {}",
                    String::from_utf8_lossy(&attribute.strings.join(&b", "[..]))
                ),
                _ => String::new(),
            };
            let (title, name) = (node.title(), &attribute.name);
            return Err(unsupported(&format!(
                "{title} with the attribute {name}{value}"
            )));
        }
    }
    if node.input(7).is_empty() {
        return Ok(());
    }
    Err(unsupported(&format!("{} with peepholes", node.title())))
}

/// H, from W of (1, 4H, D) and R of (1, 4H, H).
fn hidden_size(node: &Node, w: &Tensor, r: &Tensor) -> Result<usize, ExchangeError> {
    let title = node.title();
    let (&[1, rows, d], &[1, rows_of_r, h]) = (&w.shape[..], &r.shape[..]) else {
        let (w, r) = (&w.shape, &r.shape);
        return Err(unsupported(&format!(
            "{title} with W of shape {w:?} and R of shape {r:?}"
        )));
    };
    if h == 0 || d == 0 || Some(rows) != h.checked_mul(4) || rows_of_r != rows {
        return Err(ExchangeError::Shape {
            tensor: format!("W of {title}"),
            found: w.shape.clone(),
            expected: vec![1, h.saturating_mul(4), d],
        });
    }
    let attribute = node.attribute.iter().find(|a| a.name == "hidden_size");
    match attribute.and_then(|a| a.i) {
        Some(size) if size != h as i64 => Err(unsupported(&format!(
            "{title} with hidden_size = {size} and R of {h} columns"
        ))),
        _ => Ok(h),
    }
}

/// Wb and Rb of B, (1, 8H), in PyTorch's order of blocks.
fn biases(node: &Node, b: &Tensor, rows: usize) -> Result<[Tensor; 2], ExchangeError> {
    if b.shape != [1, 2 * rows] {
        return Err(ExchangeError::Shape {
            tensor: format!("B of {}", node.title()),
            found: b.shape.clone(),
            expected: vec![1, 2 * rows],
        });
    }
    Ok([0, rows].map(|start| {
        let blocks = Layout::ONNX.split_vector(&b.data[start..start + rows]);
        Layout::PYTORCH.join_vector(blocks.each_ref())
    }))
}

/// Whether the activations are σ, tanh and tanh.
fn are_default(attribute: &Attribute) -> bool {
    let names = attribute
        .strings
        .iter()
        .map(|name| name.to_ascii_lowercase());
    names.eq(["sigmoid", "tanh", "tanh"].map(|name| name.as_bytes().to_vec()))
}
