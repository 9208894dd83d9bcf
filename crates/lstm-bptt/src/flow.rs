//! How much of the gradient is left at each step, so that vanishing can be seen.

use nalgebra::{DVector, RealField};

/// ‖∂L/∂h_t‖₂ and ‖∂L/∂c_t‖₂ of every step, first step first.
///
/// Where these shrink geometrically towards step 1, nothing can be learned from what happened
/// there: the gradient vanishes. Along the cell it shrinks by the forget gates alone.
#[derive(Clone, Debug, PartialEq)]
pub struct GradientFlow<T> {
    /// ‖dh_t‖₂ (E9), T numbers.
    pub dh: Vec<T>,
    /// ‖dc_t‖₂ (E11), T numbers.
    pub dc: Vec<T>,
}

impl<T: RealField + Copy> GradientFlow<T> {
    pub(crate) fn with_capacity(seq_len: usize) -> Self {
        Self {
            dh: Vec::with_capacity(seq_len),
            dc: Vec::with_capacity(seq_len),
        }
    }

    pub(crate) fn push(&mut self, dh_t: &DVector<T>, dc_t: &DVector<T>) {
        self.dh.push(dh_t.norm());
        self.dc.push(dc_t.norm());
    }

    pub(crate) fn reverse(&mut self) {
        self.dh.reverse();
        self.dc.reverse();
    }
}
