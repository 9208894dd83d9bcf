//! Generating text.

use super::{Verdict, agree, list};

pub fn length_penalty(answer: fn(usize, f64) -> f64) -> Verdict {
    for (n, alpha) in [(1, 0.6), (7, 0.6), (7, 1.0), (20, 0.0), (40, 2.0)] {
        let named = |value: f64| vec![list(format!("length_penalty({n}, {alpha})"), &[value])];
        let n = n as f64;
        let suspects = [
            ("n itself is raised to the power", named(n.powf(alpha))),
            ("the exponent is missing", named((5.0 + n) / 6.0)),
            (
                "α is a factor and not an exponent",
                named(alpha * (5.0 + n) / 6.0),
            ),
            (
                "6 is not taken to the power",
                named((5.0 + n).powf(alpha) / 6.0),
            ),
        ];
        let right = ((5.0 + n) / 6.0).powf(alpha);
        agree(&named(answer(n as usize, alpha)), &named(right), &suspects)?;
    }
    Ok(())
}
