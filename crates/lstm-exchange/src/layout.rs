//! How others lay the four blocks out: in which order, and in which direction.

use crate::Tensor;
use nalgebra::{DMatrix, DVector};

// ANCHOR: layout
/// A way to stack four blocks into one array.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// The places of i, f, g and o among the four.
    pub places: [usize; 4],
    /// Outputs along columns: D×4H in place of 4H×D.
    pub is_transposed: bool,
}

impl Layout {
    /// PyTorch, cuDNN, candle: i f g o, 4H×D.
    pub const PYTORCH: Self = Self {
        places: [0, 1, 2, 3],
        is_transposed: false,
    };
    /// Keras: i f c o (c is g), D×4H.
    pub const KERAS: Self = Self {
        places: [0, 1, 2, 3],
        is_transposed: true,
    };
    /// ONNX: i o f c (c is g), 4H×D.
    pub const ONNX: Self = Self {
        places: [0, 2, 3, 1],
        is_transposed: false,
    };
}
// ANCHOR_END: layout

impl Layout {
    /// The shape of four stacked blocks of H×`inputs`.
    pub fn shape(self, hidden_size: usize, inputs: usize) -> [usize; 2] {
        match self.is_transposed {
            true => [inputs, 4 * hidden_size],
            false => [4 * hidden_size, inputs],
        }
    }

    /// The blocks i, f, g, o of a stacked matrix of [`Layout::shape`].
    pub fn split(self, stacked: &Tensor) -> [DMatrix<f64>; 4] {
        let all = matrix(stacked);
        let all = if self.is_transposed {
            all.transpose()
        } else {
            all
        };
        let h = all.nrows() / 4;
        self.places.map(|place| all.rows(place * h, h).into_owned())
    }

    /// The blocks i, f, g, o stacked.
    pub fn join(self, blocks: [&DMatrix<f64>; 4]) -> Tensor {
        let (h, inputs) = blocks[0].shape();
        let mut all = DMatrix::zeros(4 * h, inputs);
        for (block, place) in blocks.into_iter().zip(self.places) {
            all.rows_mut(place * h, h).copy_from(block);
        }
        tensor(&if self.is_transposed {
            all.transpose()
        } else {
            all
        })
    }

    /// The blocks of a stacked vector of 4H.
    pub fn split_vector(self, stacked: &[f64]) -> [DVector<f64>; 4] {
        let h = stacked.len() / 4;
        self.places
            .map(|place| DVector::from_column_slice(&stacked[place * h..(place + 1) * h]))
    }

    /// The blocks i, f, g, o of H stacked.
    pub fn join_vector(self, blocks: [&DVector<f64>; 4]) -> Tensor {
        let h = blocks[0].len();
        let mut all = vec![0.0; 4 * h];
        for (block, place) in blocks.into_iter().zip(self.places) {
            all[place * h..(place + 1) * h].copy_from_slice(block.as_slice());
        }
        Tensor::new(&[4 * h], all)
    }
}

/// A tensor of two dimensions as a matrix.
pub(crate) fn matrix(tensor: &Tensor) -> DMatrix<f64> {
    DMatrix::from_row_slice(tensor.shape[0], tensor.shape[1], &tensor.data)
}

/// A matrix as a tensor.
pub(crate) fn tensor(matrix: &DMatrix<f64>) -> Tensor {
    Tensor::new(
        &[matrix.nrows(), matrix.ncols()],
        matrix.transpose().as_slice().to_vec(),
    )
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
