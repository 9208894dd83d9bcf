//! Named arrays of numbers, as files hold them.

use nalgebra::DMatrix;
use std::collections::BTreeMap;

/// An array of any number of dimensions, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// The sizes, outermost first.
    pub shape: Vec<usize>,
    /// The numbers.
    pub data: Vec<f64>,
}

/// Arrays by name.
pub type Tensors = BTreeMap<String, Tensor>;

impl Tensor {
    /// An array of `shape` with the numbers of `data`, row-major.
    ///
    /// # Panics
    /// If `data` has another length than the shape demands.
    pub fn new(shape: &[usize], data: Vec<f64>) -> Self {
        assert_eq!(
            shape.iter().product::<usize>(),
            data.len(),
            "numbers for {shape:?}"
        );
        Self {
            shape: shape.to_vec(),
            data,
        }
    }

    /// A matrix as an array of two dimensions.
    pub fn from_matrix(matrix: &DMatrix<f64>) -> Self {
        Self::new(
            &[matrix.nrows(), matrix.ncols()],
            matrix.transpose().as_slice().to_vec(),
        )
    }

    /// An array of two dimensions as a matrix.
    ///
    /// # Panics
    /// If it has fewer than two dimensions.
    pub fn to_matrix(&self) -> DMatrix<f64> {
        DMatrix::from_row_slice(self.shape[0], self.shape[1], &self.data)
    }

    /// Slice `n` along the first dimension.
    ///
    /// # Panics
    /// If there is none.
    pub fn part(&self, n: usize) -> Self {
        let size = self.data.len() / self.shape[0];
        Self {
            shape: self.shape[1..].to_vec(),
            data: self.data[n * size..(n + 1) * size].to_vec(),
        }
    }
}
