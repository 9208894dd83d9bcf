//! The operator `LSTM` without options, by the cell of lstm-cell.

use super::operator::{LstmNode, LstmOperator};
use crate::{ExchangeError, Layout, Tensor};
use lstm_cell::{State, step};
use lstm_gates::LstmParams;
use nalgebra::DVector;
use std::error::Error;

/// Computes LSTMs of one forward direction with σ, tanh and no option: E1–E8.
///
/// It reads no attribute. [`Structure::find`](super::structure::Structure::find) refuses every graph
/// with an attribute or input that would change the result.
pub(super) struct PlainLstm;

impl LstmOperator for PlainLstm {
    fn outputs(
        &mut self,
        node: &LstmNode<'_>,
    ) -> Result<[Tensor; 3], Box<dyn Error + Send + Sync>> {
        let (x, r) = (node.input("X"), node.input("R"));
        let (x, r) = (x.ok_or("has no input X")?, r.ok_or("has no input R")?);
        let (&[seq_len, batch_size, d], &[1, _, h]) = (&x.shape[..], &r.shape[..]) else {
            let why = format!("X has shape {:?} and R has shape {:?}", x.shape, r.shape);
            return Err(why.into());
        };
        if let Some(lengths) = node.input("sequence_lens")
            && lengths.data.iter().any(|&length| length != seq_len as f64)
        {
            return Err("has sequences that are shorter than others".into());
        }
        let params = params(node, [d, h])?;
        let mut last = [vec![0.0; batch_size * h], vec![0.0; batch_size * h]];
        for (name, last) in ["initial_h", "initial_c"].into_iter().zip(&mut last) {
            if let Some(state) = node.input(name) {
                expect_shape(name, state, &[1, batch_size, h])?;
                last.clone_from(&state.data);
            }
        }
        let mut y = vec![0.0; seq_len * batch_size * h];
        for b in 0..batch_size {
            let own = b * h..(b + 1) * h;
            let [h_0, c_0] = last.each_ref().map(|state| &state[own.clone()]);
            let mut state = State {
                h: DVector::from_column_slice(h_0),
                c: DVector::from_column_slice(c_0),
            };
            for t in 0..seq_len {
                let at = t * batch_size + b;
                let x_t = DVector::from_column_slice(&x.data[at * d..(at + 1) * d]);
                state = step(&params, &x_t, &state).state();
                y[at * h..(at + 1) * h].copy_from_slice(state.h.as_slice());
            }
            last[0][own.clone()].copy_from_slice(state.h.as_slice());
            last[1][own].copy_from_slice(state.c.as_slice());
        }
        let [h_last, c_last] = last;
        Ok([
            Tensor::new(&[seq_len, 1, batch_size, h], y),
            Tensor::new(&[1, batch_size, h], h_last),
            Tensor::new(&[1, batch_size, h], c_last),
        ])
    }
}

/// The weights of a node; its two biases become one, their sum.
fn params(
    node: &LstmNode<'_>,
    [d, h]: [usize; 2],
) -> Result<LstmParams<f64>, Box<dyn Error + Send + Sync>> {
    let [w, r] = ["W", "R"].map(|name| node.input(name).ok_or(format!("has no input {name}")));
    let (w, r) = (w?, r?);
    expect_shape("W", w, &[1, 4 * h, d])?;
    expect_shape("R", r, &[1, 4 * h, h])?;
    let mut bias = vec![0.0; 4 * h];
    if let Some(b) = node.input("B") {
        expect_shape("B", b, &[1, 8 * h])?;
        let (b_x, b_h) = b.data.split_at(4 * h);
        bias = b_x.iter().zip(b_h).map(|(b_x, b_h)| b_x + b_h).collect();
    }
    Ok(Layout::ONNX.params(&w.part(0), &r.part(0), &bias))
}

fn expect_shape(name: &str, tensor: &Tensor, expected: &[usize]) -> Result<(), ExchangeError> {
    if tensor.shape == expected {
        return Ok(());
    }
    Err(ExchangeError::Shape {
        tensor: name.into(),
        found: tensor.shape.clone(),
        expected: expected.to_vec(),
    })
}
