//! The applications' parts against independent ways to the same result.

mod beam;
mod corpora;
mod crf;
mod data;
mod encoder_decoder;
mod labeler;
mod language;
mod metrics;
mod steps;
mod training;
