//! What an optimiser sees of a model: flat slices of numbers.

use crate::share;
use nalgebra::RealField;

/// Weights that a thread changes at one go.
pub(crate) const PIECE: usize = 1 << 16;

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

    /// Sets every weight to zero, as a gradient before it is accumulated. The threads at hand
    /// [`share`] it.
    fn set_zero(&mut self) {
        let slices = self.slices_mut().into_iter();
        let pieces = slices.flat_map(|slice| slice.chunks_mut(PIECE));
        share(pieces.collect(), |piece| piece.fill(nalgebra::zero()));
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
