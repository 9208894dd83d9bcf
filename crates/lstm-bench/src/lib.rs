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
mod workload;
mod timing;
mod machine;

pub use application::{Application, Sizes};
pub use machine::{peak_memory, processor};
pub use shape::{MIDDLE, SHAPES, Shape};
pub use step::{Step, assert_same_logits, assert_same_loss};
pub use timing::time;
pub use workload::{GENERATED, Work, Workload, generate, reader};

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
}
