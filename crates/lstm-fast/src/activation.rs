//! exp, σ and tanh of sixteen numbers at a time, for E2–E5, E7 and E20.
//!
//! All three use the reduction x = n ln 2 + r with an integer n and |r| ≤ ½ ln 2, and the polynomial
//! eʳ − 1 = r q(r). NaN gives NaN, because clamping NaN leaves it unchanged.

use crate::lanes::{LANES, Lanes, Row, ZERO};
use crate::level::{Kernel, Level};

/// For larger |x|, e^x is outside the range of f32, and σ and tanh equal their limits up to rounding.
const LIMIT: f32 = 87.0;

/// ln 2 in two parts. The first has so few bits that its product with n is exact.
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// 1.5·2²³: adding it rounds a number to an integer, which is then in the lowest bits.
const ROUND: f32 = 12_582_912.0;

// ANCHOR: reduced
/// (2ⁿ, eʳ − 1).
#[inline(always)]
fn reduced<L: Lanes>(l: L, x: L::V) -> (L::V, L::V) {
    let x = l.max(l.splat(-LIMIT), l.min(l.splat(LIMIT), x));
    let biased = l.mul_add(x, l.splat(std::f32::consts::LOG2_E), l.splat(ROUND));
    let n = l.sub(biased, l.splat(ROUND));
    let r = l.mul_add(n, l.splat(-LN_2_HIGH), x);
    let r = l.mul_add(n, l.splat(-LN_2_LOW), r);
    // eʳ − 1 = r + r²/2 + r³/6 + …, to the seventh power: 1e−8 relative at |r| = ½ ln 2.
    let mut q = l.splat(1.0 / 5040.0);
    for coefficient in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5] {
        q = l.mul_add(q, r, l.splat(coefficient));
    }
    let r_squared = l.mul(r, r);
    (l.power_of_two(biased), l.mul_add(q, r_squared, r))
}
// ANCHOR_END: reduced

// ANCHOR: exp
/// e^x, with x clamped to ±87.
#[inline(always)]
pub(crate) fn exp<L: Lanes>(l: L, x: L::V) -> L::V {
    let (power, rest) = reduced(l, x);
    l.mul_add(power, rest, power)
}
// ANCHOR_END: exp

// ANCHOR: sigmoid
/// σ(x) = 1 / (1 + e^{−x}).
#[inline(always)]
pub(crate) fn sigmoid<L: Lanes>(l: L, x: L::V) -> L::V {
    let one = l.splat(1.0);
    l.div(one, l.add(one, exp(l, l.sub(l.splat(0.0), x))))
}
// ANCHOR_END: sigmoid

// ANCHOR: tanh
/// tanh x = (e^{2x} − 1) / (e^{2x} − 1 + 2).
///
/// Where n = 0, e^{2x} − 1 comes out of the polynomial without a subtraction, so small x keep all
/// their digits; 2σ(2x) − 1 would lose them.
#[inline(always)]
pub(crate) fn tanh<L: Lanes>(l: L, x: L::V) -> L::V {
    let (power, rest) = reduced(l, l.add(x, x));
    let minus_one = l.mul_add(power, rest, l.sub(power, l.splat(1.0)));
    l.div(minus_one, l.add(minus_one, l.splat(2.0)))
}
// ANCHOR_END: tanh

/// The functions of this module, one by one, for measuring their errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// e^x, with x clamped to ±87.
    Exp,
    /// σ(x), with x clamped to ±87.
    Sigmoid,
    /// tanh x.
    Tanh,
}

impl Activation {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Exp, Self::Sigmoid, Self::Tanh];

    /// Replaces each number by the function's value, computed with the instructions of this level.
    pub fn apply(self, level: Level, numbers: &mut [f32]) {
        let (rows, rest) = numbers.as_chunks_mut::<LANES>();
        level.run(Apply(self, rows));
        let mut row = ZERO;
        row[..rest.len()].copy_from_slice(rest);
        level.run(Apply(self, std::slice::from_mut(&mut row)));
        rest.copy_from_slice(&row[..rest.len()]);
    }
}

struct Apply<'a>(Activation, &'a mut [Row]);

impl Kernel for Apply<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, l: L) {
        for row in self.1 {
            let x = l.load(row);
            let y = match self.0 {
                Activation::Exp => exp(l, x),
                Activation::Sigmoid => sigmoid(l, x),
                Activation::Tanh => tanh(l, x),
            };
            l.store(y, row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (e^x, σ(x), tanh x) of each.
    fn values(level: Level, xs: &[f32]) -> Vec<[f32; 3]> {
        let columns = Activation::ALL.map(|function| {
            let mut ys = xs.to_vec();
            function.apply(level, &mut ys);
            ys
        });
        let rows = (0..xs.len()).map(|n| columns.each_ref().map(|ys| ys[n]));
        rows.collect()
    }

    fn ulps(found: f32, expected: f64) -> f64 {
        let near = expected as f32;
        let ulp = f64::from(near.abs().next_up()) - f64::from(near.abs());
        (f64::from(found) - expected).abs() / ulp
    }

    #[test]
    fn all_three_are_within_three_units_in_the_last_place() {
        let xs: Vec<f32> = (0..200_000)
            .map(|n| {
                let u = n as f32 / 100_000.0 - 1.0;
                87.0 * u * u * u
            })
            .collect();
        for level in Level::available() {
            for (&x, [e, s, t]) in xs.iter().zip(values(level, &xs)) {
                let x = f64::from(x);
                assert!(ulps(e, x.exp()) < 2.0, "{level}: exp {x}: {e}");
                assert!(
                    ulps(s, 1.0 / (1.0 + (-x).exp())) < 3.0,
                    "{level}: σ {x}: {s}"
                );
                assert!(ulps(t, x.tanh()) < 3.0, "{level}: tanh {x}: {t}");
            }
        }
    }

    #[test]
    fn the_ends_saturate_and_nan_stays_nan() {
        let inf = f32::INFINITY;
        for level in Level::available() {
            let v = values(level, &[inf, -inf, f32::NAN, 1e30, -1e30, 0.0]);
            assert_eq!((v[0][1], v[0][2]), (1.0, 1.0));
            assert!(v[1][1] < 1e-37 && v[1][2] == -1.0);
            assert!(v[2].iter().all(|v| v.is_nan()), "{level}: {:?}", v[2]);
            assert_eq!((v[3][1], v[4][2]), (1.0, -1.0));
            assert_eq!(v[5], [1.0, 0.5, 0.0]);
        }
    }
}
