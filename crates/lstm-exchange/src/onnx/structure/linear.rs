//! The linear layer on top of the LSTM.

use super::{NORMALIZERS, SELECTORS, SHAPERS, View, unsupported};
use crate::onnx::proto::{Attribute, Node};
use crate::{ExchangeError, Tensor};

impl<'a> View<'a> {
    /// W_y, b_y and the name of the output.
    pub(super) fn head(&self, last: &Node) -> Result<(Tensor, Tensor, String), ExchangeError> {
        let through = [&SHAPERS[..], &SELECTORS[..]].concat();
        let to_linear = [&SHAPERS[..], &SELECTORS[..], &NORMALIZERS[..]].concat();
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
            "a graph without an output that is a linear layer on its last LSTM",
        ))
    }

    /// The linear layer whose last node is `node`: the name of its input, W (outputs × inputs) and b.
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
                let w = transposed(self.constant(node.input(1))?)?;
                let none = Tensor::new(&w.shape[..1], vec![0.0; w.shape[0]]);
                Some((node.input(0), w, none))
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
                let w = self.constant(node.input(1))?;
                let w = if !flag("transB") {
                    transposed(w)?
                } else if w.shape.len() == 2 {
                    w.clone()
                } else {
                    return None;
                };
                let none = Tensor::new(&w.shape[..1], vec![0.0; w.shape[0]]);
                let b = match node.input(2) {
                    "" => &none,
                    name => self.constant(name).filter(|b| b.data.len() == w.shape[0])?,
                };
                Some((
                    node.input(0),
                    w.clone(),
                    Tensor::new(&w.shape[..1], b.data.clone()),
                ))
            }
            _ => None,
        }
    }
}

fn transposed(tensor: &Tensor) -> Option<Tensor> {
    let &[rows, columns] = &tensor.shape[..] else {
        return None;
    };
    let at = |n: usize| tensor.data[n % rows * columns + n / rows];
    let data = (0..rows * columns).map(at).collect();
    Some(Tensor::new(&[columns, rows], data))
}
