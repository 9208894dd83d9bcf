//! σ and tanh, and their derivatives taken from the function's *output*.

use nalgebra::RealField;

// ANCHOR: activations
// ANCHOR: sigmoid
/// The logistic sigmoid σ(a) = 1 / (1 + e^{−a}), the gates' activation (E2–E4).
///
/// The two branches are the same function; each takes the exponential of a number that is not
/// positive, so that nothing overflows and no digit is lost at either end.
///
/// ```
/// assert_eq!(lstm_gates::sigmoid(0.0), 0.5);
/// assert_eq!(lstm_gates::sigmoid(3.0_f64.ln()), 0.75); // 1 / (1 + 1/3)
/// assert_eq!(lstm_gates::sigmoid(-1000.0), 0.0);
/// ```
pub fn sigmoid<T: RealField + Copy>(a: T) -> T {
    if a >= T::zero() {
        T::one() / (T::one() + (-a).exp())
    } else {
        let e = a.exp();
        e / (T::one() + e)
    }
}
// ANCHOR_END: sigmoid

// ANCHOR: sigmoid_derivative
/// σ′ in terms of y = σ(a): y (1 − y). At most 1/4, at y = 1/2.
///
/// ```
/// assert_eq!(lstm_gates::sigmoid_derivative(0.75), 0.1875);
/// ```
pub fn sigmoid_derivative<T: RealField + Copy>(y: T) -> T {
    y * (T::one() - y)
}
// ANCHOR_END: sigmoid_derivative

/// The hyperbolic tangent, the activation of the candidate in E5 and of the cell in E7.
///
/// ```
/// assert_eq!(lstm_gates::tanh(3.0_f64.ln()), 0.8); // (3 − 1/3) / (3 + 1/3)
/// ```
pub fn tanh<T: RealField + Copy>(a: T) -> T {
    a.tanh()
}

// ANCHOR: tanh_derivative
/// tanh′ in terms of y = tanh(a): 1 − y². At most 1, at y = 0.
///
/// ```
/// assert_eq!(lstm_gates::tanh_derivative(0.5), 0.75);
/// ```
pub fn tanh_derivative<T: RealField + Copy>(y: T) -> T {
    T::one() - y * y
}
// ANCHOR_END: tanh_derivative
// ANCHOR_END: activations

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn slope(f: impl Fn(f64) -> f64, a: f64) -> f64 {
        let eps = 1e-6;
        (f(a + eps) - f(a - eps)) / (2.0 * eps)
    }

    #[test]
    fn extreme_arguments_saturate_and_nan_stays_nan() {
        assert_eq!(sigmoid(1e4), 1.0);
        assert_eq!(sigmoid(-1e4), 0.0);
        assert_eq!(tanh(1e4), 1.0);
        assert_eq!(tanh(-1e4), -1.0);
        assert!(sigmoid(f64::NAN).is_nan());
        assert!(tanh(f64::NAN).is_nan());
    }

    proptest! {
        #[test]
        fn sigmoid_of_minus_a_is_one_minus_sigmoid(a in -30.0..30.0_f64) {
            prop_assert!((sigmoid(a) + sigmoid(-a) - 1.0).abs() <= 2.0 * f64::EPSILON);
        }

        #[test]
        fn tanh_is_a_stretched_sigmoid(a in -10.0..10.0_f64) {
            prop_assert!((tanh(a) - (2.0 * sigmoid(2.0 * a) - 1.0)).abs() < 1e-15);
        }

        #[test]
        fn derivatives_from_the_output_are_the_slopes(a in -5.0..5.0_f64) {
            prop_assert!((sigmoid_derivative(sigmoid(a)) - slope(sigmoid, a)).abs() < 1e-9);
            prop_assert!((tanh_derivative(tanh(a)) - slope(tanh, a)).abs() < 1e-9);
        }
    }
}
