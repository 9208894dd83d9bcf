//! The input of a layer.

use nalgebra::{DMatrix, DVector, RealField};

/// x_t of every token of a batch.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a, T> {
    /// D×(T·B), one column for each token.
    Dense(&'a DMatrix<T>),
    /// Token ids and E: x_t is column s_t of the table (E19). An engine may multiply the columns that it
    /// looks up by W_x, or look up the columns of W_x E.
    Embedded {
        /// s_t of every token, T·B of them, each below V.
        ids: &'a [u32],
        /// E, D×V.
        table: &'a DMatrix<T>,
    },
    /// T·B token ids: x_t is the one-hot vector of its token, D = V. An engine need not build the
    /// vector, because W_x x_t is a column of W_x (E19 with E = I).
    OneHot(&'a [u32]),
}

impl<T: RealField + Copy> Input<'_, T> {
    /// x_t of the token with this column number (E19); D is `input_size`.
    pub(crate) fn x_t(self, column: usize, input_size: usize) -> DVector<T> {
        match self {
            Self::Dense(x) => x.column(column).into_owned(),
            Self::Embedded { ids, table } => table.column(ids[column] as usize).into_owned(),
            Self::OneHot(ids) => {
                let mut x_t = DVector::zeros(input_size);
                x_t[ids[column] as usize] = T::one();
                x_t
            }
        }
    }
}
