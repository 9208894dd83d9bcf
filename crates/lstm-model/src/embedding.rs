//! From token ids to vectors.

use crate::{Input, Parameters};
use nalgebra::{DMatrix, RealField};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

/// x_t = E[:, s_t] (E19).
#[derive(Clone, Debug, PartialEq)]
pub enum Embedding<T> {
    /// A learned E, D×V: one column for every kind of token.
    Table(DMatrix<T>),
    /// E = I: x_t is the one-hot vector of s_t, D = V. No weights, and never materialised.
    OneHot {
        /// V
        vocab_size: usize,
    },
}

impl<T: RealField + Copy> Embedding<T> {
    /// A fresh embedding: standard normal entries, as PyTorch's `nn.Embedding` has them; one-hot
    /// if `embed_size` is 0.
    pub fn init(vocab_size: usize, embed_size: usize, rng: &mut impl Rng) -> Self {
        if embed_size == 0 {
            return Self::OneHot { vocab_size };
        }
        Self::Table(DMatrix::from_fn(embed_size, vocab_size, |_, _| {
            nalgebra::convert(rng.sample::<f64, _>(StandardNormal))
        }))
    }

    /// An embedding to be filled; one-hot if `embed_size` is 0.
    pub fn zeros(vocab_size: usize, embed_size: usize) -> Self {
        match embed_size {
            0 => Self::OneHot { vocab_size },
            _ => Self::Table(DMatrix::zeros(embed_size, vocab_size)),
        }
    }

    /// The columns of E for `ids` (E19), D×N; `None` for one-hot, which needs none.
    ///
    /// # Panics
    /// If an id is not below V.
    pub fn look_up(&self, ids: &[u32]) -> Option<DMatrix<T>> {
        let Self::Table(e) = self else { return None };
        let d = e.nrows();
        let mut x = DMatrix::zeros(d, ids.len());
        for (x_t, &s_t) in x.as_mut_slice().chunks_exact_mut(d).zip(ids) {
            x_t.copy_from_slice(&e.as_slice()[s_t as usize * d..][..d]);
        }
        Some(x)
    }

    /// dE[:, s] += Σ over the places where s stands of dx_t (E19). `dx` is D×N.
    pub fn accumulate(&mut self, ids: &[u32], dx: &DMatrix<T>) {
        let Self::Table(de) = self else { return };
        for (dx_t, &s_t) in dx.column_iter().zip(ids) {
            let mut column = de.column_mut(s_t as usize);
            column += dx_t;
        }
    }
}

/// What a layer reads: the embedded columns, or the ids themselves.
pub(crate) fn layer_input<'a, T>(ids: &'a [u32], x: Option<&'a DMatrix<T>>) -> Input<'a, T> {
    x.map_or(Input::OneHot(ids), Input::Dense)
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn a_token_is_a_column_and_its_gradient_goes_back_to_that_column() {
        let e = Embedding::Table(dmatrix![1.0, 2.0, 3.0; 4.0, 5.0, 6.0]);
        let ids = [2, 0, 2];
        assert_eq!(
            e.look_up(&ids),
            Some(dmatrix![3.0, 1.0, 3.0; 6.0, 4.0, 6.0])
        );
        let mut de = e.zeros_like();
        de.accumulate(&ids, &dmatrix![1.0, 10.0, 100.0; 2.0, 20.0, 200.0]);
        assert_eq!(
            de,
            Embedding::Table(dmatrix![10.0, 0.0, 101.0; 20.0, 0.0, 202.0])
        );
    }
}
