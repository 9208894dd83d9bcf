//! Results tensor by tensor: how far apart they are, and where.

use nalgebra::DMatrix;
use proptest::prelude::*;

/// A tensor by its name, in f64 whatever it was computed in.
pub type Named = (String, DMatrix<f64>);

/// The largest element; at least 1, the order of everything that goes into a case. A tensor of few
/// numbers may cancel to nearly nothing, and has no digits left then that could be compared.
pub fn magnitude(tensor: &DMatrix<f64>) -> f64 {
    tensor.iter().fold(1.0, |max, v| v.abs().max(max))
}

/// Every element of every tensor within `tolerance` of the tensor's [`magnitude`].
pub fn agree(
    what: &dyn std::fmt::Display,
    expected: &[Named],
    found: &[Named],
    tolerance: f64,
) -> Result<(), TestCaseError> {
    prop_assert_eq!(expected.len(), found.len());
    for ((name, expected), (_, found)) in expected.iter().zip(found) {
        prop_assert_eq!(expected.shape(), found.shape(), "{}: {}", what, name);
        let allowed = tolerance * magnitude(expected);
        for (at, e) in expected.iter().enumerate() {
            let (f, row, column) = (found[at], at % expected.nrows(), at / expected.nrows());
            // Not the other way round: a NaN is no agreement.
            prop_assert!(
                (e - f).abs() <= allowed,
                "{what}: {name}[{row}, {column}]: expected {e}, found {f}, which is off by {:e} of {:e}",
                (e - f).abs() / magnitude(expected),
                tolerance
            );
        }
    }
    Ok(())
}

/// Every element of every tensor the same to the bit.
pub fn same_bits(expected: &[Named], found: &[Named]) -> Result<(), TestCaseError> {
    prop_assert_eq!(expected.len(), found.len());
    for ((name, expected), (_, found)) in expected.iter().zip(found) {
        prop_assert_eq!(expected.shape(), found.shape(), "{}", name);
        for (at, (e, f)) in expected.iter().zip(found).enumerate() {
            let (row, column) = (at % expected.nrows(), at / expected.nrows());
            prop_assert!(
                e.to_bits() == f.to_bits(),
                "{name}[{row}, {column}]: expected {e:e}, found {f:e}"
            );
        }
    }
    Ok(())
}
