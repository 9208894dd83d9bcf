//! The parts of the applications against independent computations of the same results.

mod beam;
mod classify;
mod conllup;
mod corpora;
mod crf;
mod data;
mod encoder_decoder;
mod first_steps;
mod forecast;
mod labeler;
#[path = "../../../lstm-train/tests/train/linked.rs"]
mod linked;
mod language;
mod metrics;
mod optimum;
mod oracles;
mod parameter_counts;
mod reference;
mod roles;
mod series;
mod steps;
mod subjects;
mod together;
mod training;
