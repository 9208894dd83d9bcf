//! Conditions on the weights of a fresh layer. They are random, so they cannot be computed again.

use super::Kernels;
use crate::check::{Finding, Row};
use crate::precision::Precision;
use lstm_exchange::Tensor;
use nalgebra::DMatrix;

/// What Keras' default initialisers promise of a direction's arrays; `name` gives their full names.
pub(super) fn conditions(
    kernels: &Kernels,
    unit_forget_bias: bool,
    precision: Precision,
    name: impl Fn(&str) -> String,
) -> Vec<Row> {
    let kernel = glorot(&kernels.kernel, precision);
    let recurrent = orthogonal(&kernels.recurrent, precision);
    let bias = kernels
        .bias
        .as_ref()
        .map(|b| forget_bias(b, unit_forget_bias));
    let row = |(tensor, finding)| Row {
        tensor: name(tensor),
        finding,
    };
    [("kernel", kernel), ("recurrent_kernel", recurrent)]
        .into_iter()
        .chain(bias.map(|bias| ("bias", bias)))
        .map(row)
        .collect()
}

/// Within ±√(6 / (D + 4H)).
fn glorot(kernel: &Tensor, precision: Precision) -> Finding {
    let limit = (6.0 / (kernel.shape[0] + kernel.shape[1]) as f64).sqrt();
    Finding::Condition {
        what: "within Glorot's limits",
        off: largest(kernel.data.iter().map(|w| w.abs() - limit)),
        tolerance: at_least(1e-7, precision),
    }
}

/// W Wᵀ = 1.
fn orthogonal(kernel: &Tensor, precision: Precision) -> Finding {
    let rows = kernel.to_matrix();
    let off = &rows * rows.transpose() - DMatrix::identity(rows.nrows(), rows.nrows());
    Finding::Condition {
        what: "orthonormal rows",
        off: largest(off.iter().map(|v| v.abs())),
        tolerance: at_least(1e-6, precision),
    }
}

/// 1 for the forget gate unless `unit_forget_bias` is off, 0 for the others.
fn forget_bias(bias: &Tensor, unit_forget_bias: bool) -> Finding {
    let h = bias.data.len() / 4;
    let expected = |n: usize| f64::from(u8::from(unit_forget_bias && n / h == 1));
    let off = |(n, b): (usize, &f64)| (b - expected(n)).abs();
    Finding::Condition {
        what: "a forget bias of 1, or of 0 where unit_forget_bias is off",
        off: largest(bias.data.iter().enumerate().map(off)),
        tolerance: 0.0,
    }
}

/// The tolerance for weights computed in single precision, or that of their own type if it is coarser.
fn at_least(single: f64, precision: Precision) -> f64 {
    match precision {
        Precision::Double | Precision::Single => single,
        coarse => coarse.tolerance(),
    }
}

/// The largest number, at least 0; NaN if there is one.
fn largest(numbers: impl Iterator<Item = f64>) -> f64 {
    numbers.fold(0.0, |most, v| if v.is_nan() || v > most { v } else { most })
}
