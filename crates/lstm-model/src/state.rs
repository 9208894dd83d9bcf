//! The state that a layer carries from step to step.

use nalgebra::{DMatrix, RealField};

/// h and c of a batch, each H×B.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchState<T> {
    /// The hidden states, one column for each sequence.
    pub h: DMatrix<T>,
    /// The cell states, one column for each sequence.
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
    #[must_use]
    pub fn columns(&self, start: usize, end: usize) -> Self {
        Self {
            h: self.h.columns(start, end - start).into_owned(),
            c: self.c.columns(start, end - start).into_owned(),
        }
    }

    /// Sets the states of one sequence to 0 (E8).
    pub fn set_zero(&mut self, sequence: usize) {
        self.h.column_mut(sequence).fill(T::zero());
        self.c.column_mut(sequence).fill(T::zero());
    }

    /// Replaces sequence k by the sequence that had the number `from[k]`.
    pub fn select(&mut self, from: &[usize]) {
        self.h = self.h.select_columns(from);
        self.c = self.c.select_columns(from);
    }
}

crate::fields!(BatchState<T> { h, c });
