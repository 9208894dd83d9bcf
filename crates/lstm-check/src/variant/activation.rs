//! The activations that frameworks offer: σ, tanh and others.

use lstm_gates::{sigmoid, tanh};
use nalgebra::{RealField, convert};

/// An activation of the ONNX operator `LSTM`, with its α and β.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// σ(a)
    Sigmoid,
    /// tanh(a)
    Tanh,
    /// max(0, a)
    Relu,
    /// α a + β
    Affine(f64, f64),
    /// a, or α a below zero
    LeakyRelu(f64),
    /// a above α, else 0
    ThresholdedRelu(f64),
    /// α tanh(β a)
    ScaledTanh(f64, f64),
    /// α a + β, clipped to 0 … 1
    HardSigmoid(f64, f64),
    /// a, or α (e^a − 1) below zero
    Elu(f64),
    /// a / (1 + |a|)
    Softsign,
    /// ln(1 + e^a)
    Softplus,
}

use Activation::*;

impl Activation {
    /// Its value at a.
    pub fn value<T: RealField + Copy>(self, a: T) -> T {
        let (zero, one) = (T::zero(), T::one());
        match self {
            Sigmoid => sigmoid(a),
            Tanh => tanh(a),
            Relu => a.max(zero),
            Affine(alpha, beta) => convert::<f64, T>(alpha) * a + convert(beta),
            LeakyRelu(alpha) if a < zero => convert::<f64, T>(alpha) * a,
            ThresholdedRelu(alpha) if a <= convert(alpha) => zero,
            LeakyRelu(_) | ThresholdedRelu(_) => a,
            ScaledTanh(alpha, beta) => convert::<f64, T>(alpha) * tanh(convert::<f64, T>(beta) * a),
            HardSigmoid(alpha, beta) => {
                let line = convert::<f64, T>(alpha) * a + convert(beta);
                line.max(zero).min(one)
            }
            Elu(alpha) if a < zero => convert::<f64, T>(alpha) * (a.exp() - one),
            Elu(_) => a,
            Softsign => a / (one + a.abs()),
            Softplus => a.max(zero) + (one + (-a.abs()).exp()).ln(),
        }
    }

    /// Its derivative at a.
    pub fn slope<T: RealField + Copy>(self, a: T) -> T {
        let (zero, one) = (T::zero(), T::one());
        match self {
            Sigmoid => lstm_gates::sigmoid_derivative(sigmoid(a)),
            Tanh => lstm_gates::tanh_derivative(tanh(a)),
            Relu if a > zero => one,
            Affine(alpha, _) => convert(alpha),
            LeakyRelu(alpha) if a < zero => convert(alpha),
            ThresholdedRelu(alpha) if a > convert(alpha) => one,
            LeakyRelu(_) => one,
            ScaledTanh(alpha, beta) => {
                let y = tanh(convert::<f64, T>(beta) * a);
                convert::<f64, T>(alpha * beta) * lstm_gates::tanh_derivative(y)
            }
            HardSigmoid(alpha, beta) => {
                let line = convert::<f64, T>(alpha) * a + convert(beta);
                if line > zero && line < one {
                    convert(alpha)
                } else {
                    zero
                }
            }
            Elu(alpha) if a < zero => convert::<f64, T>(alpha) * a.exp(),
            Elu(_) => one,
            Softsign => (one / (one + a.abs())).powi(2),
            Softplus => sigmoid(a),
            Relu | ThresholdedRelu(_) => zero,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slope_is_the_slope_of_its_value() {
        let all = [
            Sigmoid,
            Tanh,
            Relu,
            Affine(1.5, -0.3),
            LeakyRelu(0.1),
            ThresholdedRelu(0.7),
            ScaledTanh(1.7, 0.6),
            HardSigmoid(0.2, 0.5),
            Elu(1.3),
            Softsign,
            Softplus,
        ];
        for activation in all {
            // None of these is a point where an activation has no derivative.
            for a in [-4.1, -1.3, -0.2, 0.4, 0.9, 2.2, 3.9] {
                let delta = 1e-6;
                let rise = activation.value(a + delta) - activation.value(a - delta);
                let slope: f64 = activation.slope(a);
                assert!(
                    (slope - rise / (2.0 * delta)).abs() < 1e-9,
                    "{activation:?} at {a}: {slope}"
                );
            }
        }
    }
}
