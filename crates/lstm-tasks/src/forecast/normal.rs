//! The normal distribution.

use std::f64::consts::FRAC_1_SQRT_2;

/// The probability that a standard normal number is below `z`.
pub(super) fn below(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// The number below which a standard normal number is with probability `q`.
pub(super) fn quantile(q: f64) -> f64 {
    solve(q, -10.0, 10.0, below)
}

/// The place between `low` and `high` where the increasing function `f` has the value `q`, by bisection.
pub(super) fn solve(q: f64, mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..64 {
        let middle = f64::midpoint(low, high);
        if f(middle) < q {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (q, z) in [
            (0.5, 0.0),
            (0.9, 1.281_551_565_544_600_5),
            (0.1, -1.281_551_565_544_600_5),
            (0.975, 1.959_963_984_540_054),
        ] {
            assert!((quantile(q) - z).abs() < 1e-14, "{q}: {}", quantile(q));
        }
        assert!((below(1.0) - 0.841_344_746_068_543).abs() < 1e-15);
    }
}
