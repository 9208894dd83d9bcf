//! Known mistakes in one step of the LSTM: the judges of all chapters about a layer look for them.
//!
//! A rule says how a step is computed. [`forward`] and [`backward`] list the wrong rules with what is
//! wrong in each.

mod forward;
mod backward;

pub(super) use backward::{Backward, RIGHT, backward};
pub(super) use forward::{Forward, forward};

use nalgebra::DVector;

type V = DVector<f64>;

/// A function of one number: an activation, or a slope in terms of the activation's output.
type Scalar = fn(f64) -> f64;
