//! How far apart two tensors are.

use lstm_bptt::oracle::disagreement;
use lstm_exchange::Tensor;

/// How far a computed tensor is from the recorded one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// max |found − expected|
    pub absolute: f64,
    /// The same, divided by the largest magnitude in the recorded tensor, or by 0.01 if that is larger.
    pub relative: f64,
    /// The index where the difference is largest, row-major.
    pub index: usize,
}

/// Compares two tensors of the same shape; two empty ones agree.
pub fn difference(found: &Tensor, expected: &Tensor) -> Difference {
    if found.data.is_empty() {
        return Difference {
            absolute: 0.0,
            relative: 0.0,
            index: 0,
        };
    }
    let worst = disagreement(&found.data, &expected.data);
    Difference {
        absolute: (worst.analytic - worst.oracle).abs(),
        relative: worst.relative,
        index: worst.index,
    }
}
