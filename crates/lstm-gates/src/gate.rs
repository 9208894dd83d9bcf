//! One gate: its weights and its pre-activation.

use crate::GateError;
use nalgebra::{DMatrix, DVector, RealField};

/// The weights of one gate k.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate<T> {
    /// W_xk, H×D: reads the input.
    pub w_x: DMatrix<T>,
    /// W_hk, H×H: reads the previous hidden state.
    pub w_h: DMatrix<T>,
    /// b_k, H.
    pub b: DVector<T>,
}

// ANCHOR: preactivation
/// The weighted sum to which a gate applies its activation.
///
/// ```text
/// a^k_t = W_xk x_t + W_hk h_{t−1} + b_k        (E1)
/// ```
/// Shapes: `x_t` D; `h_prev` and the result H.
///
/// ```
/// use lstm_gates::{Gate, preactivation};
/// use nalgebra::{dmatrix, dvector};
///
/// let gate = Gate {
///     w_x: dmatrix![1.0, 2.0, 3.0], // H = 1, D = 3
///     w_h: dmatrix![10.0],
///     b: dvector![0.5],
/// };
/// let a = preactivation(&gate, &dvector![1.0, 0.0, -1.0], &dvector![2.0]);
/// assert_eq!(a, dvector![18.5]); // (1 − 3) + 20 + 0.5
/// ```
///
/// # Panics
/// If the shapes do not fit.
pub fn preactivation<T: RealField + Copy>(
    gate: &Gate<T>,
    x_t: &DVector<T>,
    h_prev: &DVector<T>,
) -> DVector<T> {
    &gate.w_x * x_t + &gate.w_h * h_prev + &gate.b
}
// ANCHOR_END: preactivation

impl<T: RealField + Copy> Gate<T> {
    /// All weights zero: the place where a gradient is accumulated.
    pub fn zeros(input_size: usize, hidden_size: usize) -> Self {
        Self {
            w_x: DMatrix::zeros(hidden_size, input_size),
            w_h: DMatrix::zeros(hidden_size, hidden_size),
            b: DVector::zeros(hidden_size),
        }
    }

    /// Whether this is a gate of `input_size` D and `hidden_size` H; `block` names it in the error.
    ///
    /// # Errors
    /// [`GateError::Shape`] for the first tensor that is not H×D, H×H or H.
    pub fn check(
        &self,
        block: char,
        input_size: usize,
        hidden_size: usize,
    ) -> Result<(), GateError> {
        let shapes = [
            ("w_x", self.w_x.shape(), (hidden_size, input_size)),
            ("w_h", self.w_h.shape(), (hidden_size, hidden_size)),
            ("b", self.b.shape(), (hidden_size, 1)),
        ];
        for (tensor, found, expected) in shapes {
            if found != expected {
                return Err(GateError::Shape {
                    block,
                    tensor,
                    found,
                    expected,
                });
            }
        }
        Ok(())
    }
}
