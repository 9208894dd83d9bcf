//! A plain LSTM node's weights.

use super::{Layer, View, unsupported};
use crate::layout::Layout;
use crate::onnx::proto::{Attribute, Node, kind};
use crate::{ExchangeError, Tensor};

impl View<'_> {
    /// The weights of a layer that a language model may have; what it may not have is named.
    pub(super) fn layer(&self, node: &Node) -> Result<Layer, ExchangeError> {
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
}

fn are_default(attribute: &Attribute) -> bool {
    let names = attribute
        .strings
        .iter()
        .map(|name| name.to_ascii_lowercase());
    names.eq(["sigmoid", "tanh", "tanh"].map(|name| name.as_bytes().to_vec()))
}
