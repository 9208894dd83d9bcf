//! Putting the outputs of two directions together, and taking them apart.

use nalgebra::{DMatrix, RealField};

/// One matrix on top of another, in a `new` matrix of given sizes.
pub(crate) fn stacked<T: RealField + Copy>(
    new: impl Fn(usize, usize) -> DMatrix<T>,
    top: &DMatrix<T>,
    bottom: &DMatrix<T>,
) -> DMatrix<T> {
    let mut both = new(top.nrows() + bottom.nrows(), top.ncols());
    for (n, mut column) in both.column_iter_mut().enumerate() {
        let (upper, lower) = column.as_mut_slice().split_at_mut(top.nrows());
        upper.copy_from_slice(top.column(n).as_slice());
        lower.copy_from_slice(bottom.column(n).as_slice());
    }
    both
}

/// `count` rows of a matrix, from row `first` on, in a `new` matrix of given sizes.
pub(crate) fn rows<T: RealField + Copy>(
    new: impl Fn(usize, usize) -> DMatrix<T>,
    m: &DMatrix<T>,
    first: usize,
    count: usize,
) -> DMatrix<T> {
    let mut part = new(count, m.ncols());
    for (mut to, from) in part.column_iter_mut().zip(m.column_iter()) {
        let from = &from.as_slice()[first..first + count];
        to.as_mut_slice().copy_from_slice(from);
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn halves_that_were_put_together_come_back() {
        let (top, bottom) = (dmatrix![1.0, 2.0], dmatrix![3.0, 4.0; 5.0, 6.0]);
        let both = stacked(DMatrix::zeros, &top, &bottom);
        assert_eq!(both, dmatrix![1.0, 2.0; 3.0, 4.0; 5.0, 6.0]);
        assert_eq!(rows(DMatrix::zeros, &both, 0, 1), top);
        assert_eq!(rows(DMatrix::zeros, &both, 1, 2), bottom);
    }
}
