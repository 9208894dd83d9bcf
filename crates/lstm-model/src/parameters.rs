//! What an optimiser sees of a model: flat slices of numbers.

use nalgebra::{Dim, Dyn, Matrix, RealField, VecStorage, zero};

/// A type that holds weights. Its gradient and the moments of an optimiser are values of the same type.
///
/// The implementor chooses the order and the layout of the slices and keeps to them. The code that
/// reads the slices (clipping, optimisers) works element by element.
pub trait Parameters: Clone + Send + Sync {
    /// The number type.
    type Scalar: RealField + Copy;

    /// All weights as slices.
    fn slices(&self) -> Vec<&[Self::Scalar]>;

    /// All weights as mutable slices, in the order of [`slices`](Self::slices).
    fn slices_mut(&mut self) -> Vec<&mut [Self::Scalar]>;

    /// Sets every weight to zero. A gradient is set to zero before it is accumulated.
    fn set_zero(&mut self) {
        for slice in self.slices_mut() {
            slice.fill(zero());
        }
    }

    /// A value of the same shapes with all weights zero.
    #[must_use]
    fn zeros_like(&self) -> Self {
        let mut zeros = self.clone();
        zeros.set_zero();
        zeros
    }

    /// Adds a value of the same shapes, element by element.
    fn add(&mut self, other: &Self) {
        for (to, from) in self.slices_mut().into_iter().zip(other.slices()) {
            for (to, &from) in to.iter_mut().zip(from) {
                *to += from;
            }
        }
    }

    /// The number of weights, without padding.
    fn parameter_count(&self) -> usize {
        self.slices().iter().map(|slice| slice.len()).sum()
    }
}

/// A `DMatrix` or a `DVector`.
impl<T: RealField + Copy, C: Dim> Parameters for Matrix<T, Dyn, C, VecStorage<T, Dyn, C>> {
    type Scalar = T;

    fn slices(&self) -> Vec<&[T]> {
        vec![self.as_slice()]
    }

    fn slices_mut(&mut self) -> Vec<&mut [T]> {
        vec![self.as_mut_slice()]
    }
}

impl<P: Parameters> Parameters for Vec<P> {
    type Scalar = P::Scalar;

    fn slices(&self) -> Vec<&[P::Scalar]> {
        self.iter().flat_map(Parameters::slices).collect()
    }

    fn slices_mut(&mut self) -> Vec<&mut [P::Scalar]> {
        self.iter_mut().flat_map(Parameters::slices_mut).collect()
    }

    fn parameter_count(&self) -> usize {
        self.iter().map(Parameters::parameter_count).sum()
    }
}

impl<P: Parameters> Parameters for Option<P> {
    type Scalar = P::Scalar;

    fn slices(&self) -> Vec<&[P::Scalar]> {
        self.iter().flat_map(Parameters::slices).collect()
    }

    fn slices_mut(&mut self) -> Vec<&mut [P::Scalar]> {
        self.iter_mut().flat_map(Parameters::slices_mut).collect()
    }

    fn parameter_count(&self) -> usize {
        self.iter().map(Parameters::parameter_count).sum()
    }
}
