//! The networks, batches and workloads of the benchmarks, the same for every engine.
//!
//! `lstm bench` times workloads, and the package lstm-benches times them with criterion.
//!
//! *Invariant:* engines are timed on the same network, the same batch and the same optimiser, after
//! assertions that they compute the same.

mod shape;
mod batches;
mod application;
mod step;
mod one_step;
mod workload;
mod timing;
mod machine;

pub use application::{Application, Sizes};
pub use machine::{peak_memory, processor};
pub use one_step::OneStep;
pub use shape::{MIDDLE, SHAPES, Shape};
pub use step::{Step, assert_same_logits, assert_same_loss};
pub use timing::time;
pub use workload::{GENERATED, Work, Workload, generate, reader};

/// The smallest of the values that at least this share of them do not exceed: 0.99 for the 99th percentile.
///
/// # Panics
/// If there is no value.
#[must_use]
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}

/// The median: the middle value, or the mean of the two in the middle.
///
/// # Panics
/// If there is no value.
#[must_use]
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    f64::midpoint(sorted[(n - 1) / 2], sorted[n / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
    }

    #[test]
    fn a_quantile_is_a_value_that_its_share_does_not_exceed() {
        let values: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        assert_eq!(quantile(&values, 0.99), 198.0);
        assert_eq!(
            (quantile(&values, 0.0), quantile(&values, 1.0)),
            (1.0, 200.0)
        );
        assert_eq!(quantile(&[3.0], 0.99), 3.0);
    }
}
