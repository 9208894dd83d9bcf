//! The applications' parts against independent ways to the same result.

mod corpora;
mod crf;
mod data;
mod metrics;
