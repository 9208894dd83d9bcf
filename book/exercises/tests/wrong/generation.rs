//! Mistakes in generation.

use crate::rejects;
use exercises::judge::generation as judge;

#[test]
fn length_penalty() {
    rejects(
        judge::length_penalty(|n, alpha| (n as f64).powf(alpha)),
        "n itself is raised",
    );
    rejects(
        judge::length_penalty(|n, _| (5.0 + n as f64) / 6.0),
        "the exponent is missing",
    );
    rejects(
        judge::length_penalty(|n, alpha| alpha * (5.0 + n as f64) / 6.0),
        "α is a factor",
    );
    rejects(
        judge::length_penalty(|n, alpha| (5.0 + n as f64).powf(alpha) / 6.0),
        "6 is not taken",
    );
}
