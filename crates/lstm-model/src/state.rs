//! What a layer carries from step to step.

use nalgebra::{DMatrix, RealField};

/// h and c of a batch, each H×B.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchState<T> {
    /// Hidden states, one column a sequence.
    pub h: DMatrix<T>,
    /// Cell states, one column a sequence.
    pub c: DMatrix<T>,
}

impl<T: RealField + Copy> BatchState<T> {
    /// h_0 = 0, c_0 = 0 (E8).
    pub fn zeros(hidden_size: usize, batch_size: usize) -> Self {
        Self {
            h: DMatrix::zeros(hidden_size, batch_size),
            c: DMatrix::zeros(hidden_size, batch_size),
        }
    }

    /// The states of sequences `start..end`.
    pub fn columns(&self, start: usize, end: usize) -> Self {
        Self {
            h: self.h.columns(start, end - start).into_owned(),
            c: self.c.columns(start, end - start).into_owned(),
        }
    }
}
