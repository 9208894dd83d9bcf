//! Elementwise operators.

use super::{Call, One, broadcast, broadcast_strides};
use crate::onnx::value::ElementType;
use crate::{ExchangeError, Tensor};
use lstm_gates::{sigmoid, tanh};

type Unary = fn(f64, [f64; 2]) -> f64;
type Binary = fn(f64, f64) -> f64;

/// An activation with its α and β, or another function of one argument.
fn unary(op_type: &str) -> Option<(Unary, [f64; 2])> {
    let none = [0.0; 2];
    let function: Unary = match op_type {
        "Abs" => |a, _| a.abs(),
        "Ceil" => |a, _| a.ceil(),
        "Exp" => |a, _| a.exp(),
        "Floor" => |a, _| a.floor(),
        "Log" => |a, _| a.ln(),
        "Neg" => |a, _| -a,
        "Not" => |a, _| is(a == 0.0),
        "Reciprocal" => |a, _| 1.0 / a,
        "Relu" => |a, _| if a < 0.0 { 0.0 } else { a },
        "Round" => |a, _| a.round_ties_even(),
        "Sigmoid" => |a, _| sigmoid(a),
        "Sign" => |a, _| if a == 0.0 { 0.0 } else { a.signum() },
        "Softplus" => |a, _| a.max(0.0) + (-a.abs()).exp().ln_1p(),
        "Softsign" => |a, _| a / (1.0 + a.abs()),
        "Sqrt" => |a, _| a.sqrt(),
        "Tanh" => |a, _| tanh(a),
        "Elu" => {
            return Some((
                |a, [alpha, _]| if a < 0.0 { alpha * a.exp_m1() } else { a },
                [1.0, 0.0],
            ));
        }
        "HardSigmoid" => {
            return Some((
                |a, [alpha, beta]| (alpha * a + beta).clamp(0.0, 1.0),
                [0.2, 0.5],
            ));
        }
        "LeakyRelu" => {
            return Some((
                |a, [alpha, _]| if a < 0.0 { alpha * a } else { a },
                [0.01, 0.0],
            ));
        }
        "ThresholdedRelu" => {
            return Some((|a, [alpha, _]| if a > alpha { a } else { 0.0 }, [1.0, 0.0]));
        }
        _ => return None,
    };
    Some((function, none))
}

/// A function of two arguments, and whether its result is a boolean (0 or 1).
fn binary(op_type: &str) -> Option<(Binary, bool)> {
    Some(match op_type {
        "Add" | "Sum" => (|a, b| a + b, false),
        "Sub" => (|a, b| a - b, false),
        "Mul" => (|a, b| a * b, false),
        "Div" => (|a, b| a / b, false),
        "Pow" => (f64::powf, false),
        // Unlike `f64::max`, these propagate NaN.
        "Max" => (|a, b| if a.is_nan() || a > b { a } else { b }, false),
        "Min" => (|a, b| if a.is_nan() || a < b { a } else { b }, false),
        "And" => (|a, b| is(a != 0.0 && b != 0.0), true),
        "Or" => (|a, b| is(a != 0.0 || b != 0.0), true),
        "Xor" => (|a, b| is((a != 0.0) != (b != 0.0)), true),
        "Equal" => (|a, b| is(a == b), true),
        "Greater" => (|a, b| is(a > b), true),
        "GreaterOrEqual" => (|a, b| is(a >= b), true),
        "Less" => (|a, b| is(a < b), true),
        "LessOrEqual" => (|a, b| is(a <= b), true),
        _ => return None,
    })
}

/// Operators that take any number of inputs.
const VARIADIC: [&str; 3] = ["Max", "Min", "Sum"];

fn is(condition: bool) -> f64 {
    f64::from(u8::from(condition))
}

impl Call<'_> {
    pub(super) fn elementwise(&mut self) -> One {
        let op_type = self.node.op_type.as_str();
        if let Some((function, defaults)) = unary(op_type) {
            return self.map(function, defaults);
        }
        let Some((function, is_condition)) = binary(op_type) else {
            return Err(self.unsupported());
        };
        self.known(&[])?;
        let is_variadic = VARIADIC.contains(&op_type);
        let inputs = if is_variadic { self.inputs.len() } else { 2 };
        let mut value = self.same(0)?;
        for n in 1..inputs {
            let other = self.input(n)?.tensor.clone();
            value.tensor = self.combined(&value.tensor, &other, function)?;
        }
        if is_condition {
            value.element_type = ElementType::Bool;
        } else if op_type == "Div" && value.element_type == ElementType::Int {
            value.tensor.data.iter_mut().for_each(|v| *v = v.trunc());
        }
        Ok(value)
    }

    fn map(&mut self, function: Unary, defaults: [f64; 2]) -> One {
        self.known(&["alpha", "beta"])?;
        let alpha = self.number("alpha", defaults[0])?;
        let beta = self.number("beta", defaults[1])?;
        let mut value = self.same(0)?;
        let numbers = value.tensor.data.iter_mut();
        numbers.for_each(|v| *v = function(*v, [alpha, beta]));
        Ok(value)
    }

    /// The bounds are attributes before version 11, inputs since.
    pub(super) fn clip(&mut self) -> One {
        self.known(&["min", "max"])?;
        let bound = |n: usize, name: &str, none: f64| match self.optional(n) {
            None => self.number(name, none),
            Some(value) => match value.data() {
                &[bound] => Ok(bound),
                _ => Err(self.wrong(format!("its {name} is not one number"))),
            },
        };
        let low = bound(1, "min", f64::NEG_INFINITY)?;
        let high = bound(2, "max", f64::INFINITY)?;
        let mut value = self.same(0)?;
        // Not `clamp`, which panics if the bounds are in the wrong order.
        let numbers = value.tensor.data.iter_mut();
        numbers.for_each(|v| *v = if v.is_nan() { *v } else { v.max(low).min(high) });
        Ok(value)
    }

    fn combined(
        &mut self,
        a: &Tensor,
        b: &Tensor,
        operation: fn(f64, f64) -> f64,
    ) -> Result<Tensor, ExchangeError> {
        let shape = broadcast(&a.shape, &b.shape);
        let shape = shape.ok_or_else(|| {
            self.wrong(format!("{:?} and {:?} do not broadcast", a.shape, b.shape))
        })?;
        let mut out = self.pick(&a.data, &shape, &broadcast_strides(&a.shape, &shape), 0)?;
        let b = self.pick(&b.data, &shape, &broadcast_strides(&b.shape, &shape), 0)?;
        for (a, b) in out.data.iter_mut().zip(b.data) {
            *a = operation(*a, b);
        }
        Ok(out)
    }
}
