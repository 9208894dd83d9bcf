//! Comparing results tensor by tensor.

use nalgebra::DMatrix;
use proptest::prelude::*;

/// A named tensor, converted to f64.
pub type Named = (String, DMatrix<f64>);

/// The largest magnitude of an element; at least 1, the order of the numbers in a case. In a small tensor,
/// cancellation can leave elements near zero that have no correct digits to compare.
pub fn magnitude(tensor: &DMatrix<f64>) -> f64 {
    tensor.iter().fold(1.0, |max, v| v.abs().max(max))
}

/// Asserts that every element of every tensor agrees within `tolerance` times the tensor's [`magnitude`].
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
            // With the comparison negated, NaN would count as agreement.
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

/// Asserts that every element of every tensor has the same bits.
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
