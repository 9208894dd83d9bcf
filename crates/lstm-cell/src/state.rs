//! The state that one step passes to the next.

use nalgebra::{DVector, RealField};

// ANCHOR: state
/// The two states of an LSTM, each of length H.
#[derive(Clone, Debug, PartialEq)]
pub struct State<T> {
    /// Hidden state h_t: what the layer outputs.
    pub h: DVector<T>,
    /// Cell state c_t: what the layer remembers.
    pub c: DVector<T>,
}
// ANCHOR_END: state

// ANCHOR: zeros
impl<T: RealField + Copy> State<T> {
    /// h_0 = 0, c_0 = 0 (E8).
    ///
    /// ```
    /// let state = lstm_cell::State::<f64>::zeros(2);
    /// assert_eq!((state.h.as_slice(), state.c.as_slice()), (&[0.0, 0.0][..], &[0.0, 0.0][..]));
    /// ```
    pub fn zeros(hidden_size: usize) -> Self {
        Self {
            h: DVector::zeros(hidden_size),
            c: DVector::zeros(hidden_size),
        }
    }
}
// ANCHOR_END: zeros
