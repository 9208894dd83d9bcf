//! What an optimiser sees of a model: flat slices of numbers.

use nalgebra::{DMatrix, DVector, RealField, zero};

/// Something with weights. A gradient of it, and an optimiser's moment of it, has the same type.
///
/// The slices come in a fixed order and a fixed layout of the implementor's choice: everything that
/// reads them (clipping, optimisers) works element by element.
pub trait Parameters: Clone + Send + Sync {
    /// The number type.
    type Scalar: RealField + Copy;

    /// All weights.
    fn slices(&self) -> Vec<&[Self::Scalar]>;

    /// All weights, to be changed; same order.
    fn slices_mut(&mut self) -> Vec<&mut [Self::Scalar]>;

    /// Sets every weight to zero, as a gradient before it is accumulated.
    fn set_zero(&mut self) {
        for slice in self.slices_mut() {
            slice.fill(zero());
        }
    }

    /// The same shapes, all zero.
    fn zeros_like(&self) -> Self {
        let mut zeros = self.clone();
        zeros.set_zero();
        zeros
    }

    /// Adds another of the same shapes, element by element.
    fn add(&mut self, other: &Self) {
        for (to, from) in self.slices_mut().into_iter().zip(other.slices()) {
            for (to, &from) in to.iter_mut().zip(from) {
                *to += from;
            }
        }
    }

    /// How many weights there are, padding not counted.
    fn parameter_count(&self) -> usize {
        self.slices().iter().map(|slice| slice.len()).sum()
    }
}

impl<T: RealField + Copy> Parameters for DMatrix<T> {
    type Scalar = T;

    fn slices(&self) -> Vec<&[T]> {
        vec![self.as_slice()]
    }

    fn slices_mut(&mut self) -> Vec<&mut [T]> {
        vec![self.as_mut_slice()]
    }
}

impl<T: RealField + Copy> Parameters for DVector<T> {
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
