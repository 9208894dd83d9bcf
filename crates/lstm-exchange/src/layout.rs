//! How frameworks stack the four gates' blocks: in which order, and along which dimension.

use crate::Tensor;
use lstm_gates::{Gate, LstmParams};
use nalgebra::{DMatrix, DVector};

// ANCHOR: layout
/// A way to stack the blocks of the four gates into one array.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// The places of i, f, g and o in the stack, counted from 0.
    pub places: [usize; 4],
    /// Whether the array is transposed: D×4H instead of 4H×D.
    pub is_transposed: bool,
}

impl Layout {
    /// PyTorch, cuDNN, candle: i f g o, 4H×D.
    pub const PYTORCH: Self = Self {
        places: [0, 1, 2, 3],
        is_transposed: false,
    };
    /// Keras: i f c o, where c is g; D×4H.
    pub const KERAS: Self = Self {
        places: [0, 1, 2, 3],
        is_transposed: true,
    };
    /// ONNX: i o f c, where c is g; 4H×D.
    pub const ONNX: Self = Self {
        places: [0, 2, 3, 1],
        is_transposed: false,
    };
}
// ANCHOR_END: layout

impl Layout {
    /// The shape of four stacked blocks of H×`inputs`.
    pub fn shape(self, hidden_size: usize, inputs: usize) -> [usize; 2] {
        if self.is_transposed {
            [inputs, 4 * hidden_size]
        } else {
            [4 * hidden_size, inputs]
        }
    }

    /// The blocks i, f, g, o (H×inputs each) of a stacked matrix of shape [`Layout::shape`].
    pub fn split(self, stacked: &Tensor) -> [DMatrix<f64>; 4] {
        let all = stacked.to_matrix();
        let all = if self.is_transposed {
            all.transpose()
        } else {
            all
        };
        let h = all.nrows() / 4;
        self.places.map(|place| all.rows(place * h, h).into_owned())
    }

    /// Stacks the blocks i, f, g, o, H×inputs each.
    pub fn join(self, blocks: [&DMatrix<f64>; 4]) -> Tensor {
        let (h, inputs) = blocks[0].shape();
        let mut all = DMatrix::zeros(4 * h, inputs);
        for (block, place) in blocks.into_iter().zip(self.places) {
            all.rows_mut(place * h, h).copy_from(block);
        }
        Tensor::from_matrix(&if self.is_transposed {
            all.transpose()
        } else {
            all
        })
    }

    /// The blocks i, f, g, o (H each) of a stacked vector of 4H.
    pub fn split_vector(self, stacked: &[f64]) -> [DVector<f64>; 4] {
        let h = stacked.len() / 4;
        self.places
            .map(|place| DVector::from_column_slice(&stacked[place * h..(place + 1) * h]))
    }

    /// A layer's gates from its stacked W_x, W_h and bias.
    ///
    /// Shapes: `w_x` 4H×D and `w_h` 4H×H, or transposed; `bias` 4H.
    pub fn params(self, w_x: &Tensor, w_h: &Tensor, bias: &[f64]) -> LstmParams<f64> {
        let [w_x, w_h] = [w_x, w_h].map(|stacked| self.split(stacked));
        let b = self.split_vector(bias);
        let [i, f, g, o] = std::array::from_fn(|k| Gate {
            w_x: w_x[k].clone(),
            w_h: w_h[k].clone(),
            b: b[k].clone(),
        });
        LstmParams { i, f, g, o }
    }

    /// Stacks the vectors i, f, g, o, H each.
    pub fn join_vector(self, blocks: [&DVector<f64>; 4]) -> Tensor {
        let h = blocks[0].len();
        let mut all = vec![0.0; 4 * h];
        for (block, place) in blocks.into_iter().zip(self.places) {
            all[place * h..(place + 1) * h].copy_from_slice(block.as_slice());
        }
        Tensor::new(&[4 * h], all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_joined_splits_again_and_lies_where_the_others_have_it() {
        let blocks = [1.0, 2.0, 3.0, 4.0]
            .map(|k| DMatrix::from_fn(2, 3, |r, c| k + 0.1 * r as f64 + 0.01 * c as f64));
        let bias = [1.0, 2.0, 3.0, 4.0].map(|k| DVector::from_element(2, k));
        for layout in [Layout::PYTORCH, Layout::KERAS, Layout::ONNX] {
            let joined = layout.join(blocks.each_ref());
            assert_eq!(joined.shape, layout.shape(2, 3));
            assert_eq!(layout.split(&joined), blocks);
            let joined = layout.join_vector(bias.each_ref());
            assert_eq!(layout.split_vector(&joined.data), bias);
        }
        let firsts = |layout: Layout| -> Vec<f64> {
            let joined = layout.join_vector(bias.each_ref());
            joined.data.iter().copied().step_by(2).collect()
        };
        assert_eq!(firsts(Layout::PYTORCH), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(firsts(Layout::ONNX), [1.0, 4.0, 2.0, 3.0]);
        assert_eq!(Layout::KERAS.join(blocks.each_ref()).data[..2], [1.0, 1.1]);
    }
}
