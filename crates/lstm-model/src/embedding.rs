//! From token ids to vectors.

use crate::tensors::joined;
use crate::{Canonical, Input, ModelError, Parameters, Tensors};
use nalgebra::{DMatrix, RealField};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

/// x_t = E[:, s_t] (E19).
#[derive(Clone, Debug, PartialEq)]
pub enum Embedding<T> {
    /// A learned E, D×V: one column for each token of the vocabulary.
    Table(DMatrix<T>),
    /// E = I: x_t is the one-hot vector of s_t, D = V. It has no weights and is never built.
    OneHot {
        /// V
        vocab_size: usize,
    },
}

impl<T: RealField + Copy> Embedding<T> {
    /// An embedding drawn from the standard normal distribution, as PyTorch's `nn.Embedding` draws it;
    /// one-hot if `embed_size` is 0.
    pub fn init(vocab_size: usize, embed_size: usize, rng: &mut impl Rng) -> Self {
        if embed_size == 0 {
            return Self::OneHot { vocab_size };
        }
        Self::Table(DMatrix::from_fn(embed_size, vocab_size, |_, _| {
            nalgebra::convert(rng.sample::<f64, _>(StandardNormal))
        }))
    }

    /// An embedding with all weights zero; one-hot if `embed_size` is 0.
    pub fn zeros(vocab_size: usize, embed_size: usize) -> Self {
        match embed_size {
            0 => Self::OneHot { vocab_size },
            _ => Self::Table(DMatrix::zeros(embed_size, vocab_size)),
        }
    }

    /// The bottom layer's input for the tokens `ids` (E19).
    pub fn input<'a>(&'a self, ids: &'a [u32]) -> Input<'a, T> {
        match self {
            Self::Table(table) => Input::Embedded { ids, table },
            Self::OneHot { .. } => Input::OneHot(ids),
        }
    }
}

// ANCHOR: look_up
/// x_t = E\[:, s_t\] of every token (E19): E is D×V, the result D×N.
///
/// # Panics
/// If an id is not below V.
pub fn look_up<T: RealField + Copy>(table: &DMatrix<T>, ids: &[u32]) -> DMatrix<T> {
    let mut x = DMatrix::zeros(table.nrows(), ids.len());
    for (mut x_t, &s_t) in x.column_iter_mut().zip(ids) {
        x_t.copy_from(&table.column(s_t as usize));
    }
    x
}
// ANCHOR_END: look_up

// ANCHOR: table_gradient
/// dE\[:, s\] = Σ dx_t over all t with s_t = s (E19): `dx` is D×N, the result D×V like the table.
///
/// # Panics
/// If an id is not below V.
pub fn table_gradient<T: RealField + Copy>(
    table: &DMatrix<T>,
    ids: &[u32],
    dx: &DMatrix<T>,
) -> DMatrix<T> {
    let mut de = DMatrix::zeros(table.nrows(), table.ncols());
    for (dx_t, &s_t) in dx.column_iter().zip(ids) {
        let mut column = de.column_mut(s_t as usize);
        column += dx_t;
    }
    de
}
// ANCHOR_END: table_gradient

impl<T: RealField + Copy> Parameters for Embedding<T> {
    type Scalar = T;

    fn slices(&self) -> Vec<&[T]> {
        match self {
            Self::Table(e) => vec![e.as_slice()],
            Self::OneHot { .. } => vec![],
        }
    }

    fn slices_mut(&mut self) -> Vec<&mut [T]> {
        match self {
            Self::Table(e) => vec![e.as_mut_slice()],
            Self::OneHot { .. } => vec![],
        }
    }
}

impl Canonical for Embedding<f32> {
    fn export(&self, prefix: &str, tensors: &mut Tensors) {
        if let Self::Table(e) = self {
            e.export(&joined(prefix, "w"), tensors);
        }
    }

    fn import(&mut self, prefix: &str, tensors: &mut Tensors) -> Result<(), ModelError> {
        match self {
            Self::Table(e) => e.import(&joined(prefix, "w"), tensors),
            Self::OneHot { .. } => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn a_token_is_a_column_and_its_gradient_goes_back_to_that_column() {
        let e = dmatrix![1.0, 2.0, 3.0; 4.0, 5.0, 6.0];
        let ids = [2, 0, 2];
        assert_eq!(look_up(&e, &ids), dmatrix![3.0, 1.0, 3.0; 6.0, 4.0, 6.0]);
        let dx = dmatrix![1.0, 10.0, 100.0; 2.0, 20.0, 200.0];
        let de = dmatrix![10.0, 0.0, 101.0; 20.0, 0.0, 202.0];
        assert_eq!(table_gradient(&e, &ids, &dx), de);
    }
}
