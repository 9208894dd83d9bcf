//! Two independent ways to differentiate a function. Every gradient of the workspace is compared with
//! both.
//!
//! *Dual numbers* run the forward pass on a + bε with ε² = 0; the coefficient of ε in the result is
//! the derivative, exact to rounding, with no step size to choose. *Central differences* run the
//! forward pass twice in plain `f64`, so that they share nothing with the dual numbers' rules.
//! Both differentiate our own forward pass: they check the backward pass, and cannot tell whether the
//! forward pass is right. Worked examples and other implementations of the LSTM check that.

use nalgebra::RealField;
use num_dual::Dual64;

/// A scalar function of many numbers that can be computed in any real field.
pub trait ScalarFunction {
    /// f(θ).
    fn eval<T: RealField + Copy>(&self, theta: &[T]) -> T;
}

// ANCHOR: dual_gradient
/// ∂f/∂θ_k for every k by dual numbers: f(θ + ε e_k) = f(θ) + ε ∂f/∂θ_k.
///
/// ```
/// use lstm_bptt::oracle::{ScalarFunction, dual_gradient};
/// use nalgebra::RealField;
///
/// struct Product;
/// impl ScalarFunction for Product {
///     fn eval<T: RealField + Copy>(&self, theta: &[T]) -> T {
///         theta[0] * theta[0] * theta[1]
///     }
/// }
/// assert_eq!(dual_gradient(&Product, &[3.0, 5.0]), [30.0, 9.0]);
/// ```
pub fn dual_gradient(f: &impl ScalarFunction, theta: &[f64]) -> Vec<f64> {
    let mut theta: Vec<Dual64> = theta.iter().map(|&v| Dual64::from_re(v)).collect();
    (0..theta.len())
        .map(|k| {
            theta[k].eps = 1.0;
            let derivative = f.eval(&theta).eps;
            theta[k].eps = 0.0;
            derivative
        })
        .collect()
}
// ANCHOR_END: dual_gradient

// ANCHOR: central_gradient
/// ∂f/∂θ_k for every k by central differences: (f(θ + δ e_k) − f(θ − δ e_k)) / 2δ.
///
/// δ = 6e−6 is the cube root of the rounding error of `f64`: a larger δ lets the error of the third
/// derivative grow, a smaller one the rounding error. About ten digits are right at best.
pub fn central_gradient(f: &impl ScalarFunction, theta: &[f64]) -> Vec<f64> {
    const DELTA: f64 = 6e-6;
    let mut theta = theta.to_vec();
    (0..theta.len())
        .map(|k| {
            let here = theta[k];
            let (above, below) = (here + DELTA, here - DELTA);
            theta[k] = above;
            let f_above = f.eval(&theta);
            theta[k] = below;
            let f_below = f.eval(&theta);
            theta[k] = here;
            (f_above - f_below) / (above - below)
        })
        .collect()
}
// ANCHOR_END: central_gradient

/// The worst disagreement of one tensor, and where it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Disagreement {
    /// max |analytic − oracle| / max(max |oracle|, 0.01), both maxima over the tensor.
    pub relative: f64,
    /// The index of the worst element.
    pub index: usize,
    /// The analytic gradient there.
    pub analytic: f64,
    /// The oracle's gradient there.
    pub oracle: f64,
}

/// Compares one tensor's gradient with an oracle's, relative to the tensor's largest element.
///
/// The floor of 0.01 keeps a tensor whose gradient is all but zero from being judged by the
/// rounding of the loss. A NaN on either side is an infinite disagreement.
///
/// # Panics
/// If the lengths differ or are zero.
pub fn disagreement(analytic: &[f64], oracle: &[f64]) -> Disagreement {
    assert_eq!(
        analytic.len(),
        oracle.len(),
        "a gradient has the length of its tensor"
    );
    let scale = oracle.iter().fold(0.01, |m: f64, v| m.max(v.abs()));
    analytic
        .iter()
        .zip(oracle)
        .enumerate()
        .map(|(index, (&analytic, &oracle))| {
            let relative = (analytic - oracle).abs() / scale;
            Disagreement {
                relative: if relative.is_nan() {
                    f64::INFINITY
                } else {
                    relative
                },
                index,
                analytic,
                oracle,
            }
        })
        .max_by(|a, b| a.relative.total_cmp(&b.relative))
        .expect("a tensor has at least one element")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Polynomial;

    impl ScalarFunction for Polynomial {
        fn eval<T: RealField + Copy>(&self, theta: &[T]) -> T {
            let (x, y) = (theta[0], theta[1]);
            x * x * y + y.exp() * x
        }
    }

    #[test]
    fn both_oracles_find_the_derivative_that_paper_finds() {
        let (x, y) = (1.5_f64, -0.5_f64);
        let paper = [2.0 * x * y + y.exp(), x * x + y.exp() * x];
        let dual = dual_gradient(&Polynomial, &[x, y]);
        let central = central_gradient(&Polynomial, &[x, y]);
        assert!(disagreement(&dual, &paper).relative < 1e-15);
        assert!(disagreement(&central, &paper).relative < 1e-10);
    }

    #[test]
    fn the_worst_element_is_named_relative_to_the_largest() {
        let worst = disagreement(&[1.0, 4.5, -2.0], &[1.0, 4.0, -2.0]);
        assert_eq!(
            worst,
            Disagreement {
                relative: 0.125,
                index: 1,
                analytic: 4.5,
                oracle: 4.0
            }
        );
        assert_eq!(disagreement(&[0.0], &[1e-4]).relative, 0.01);
        assert_eq!(
            disagreement(&[f64::NAN, 0.0], &[1.0, 1.0]).relative,
            f64::INFINITY
        );
        assert_eq!(disagreement(&[f64::NAN, 0.0], &[1.0, 1.0]).index, 0);
    }
}
