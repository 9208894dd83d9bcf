//! Every engine side by side, on the same named shapes.
//!
//! `cargo bench -p lstm-benches` runs the criterion groups (`-- training/char` one shape of one of
//! them). `cargo run --release -p lstm-benches --bin record` measures the ladder from the spec
//! engine to the machine's peak, and writes it into `benches/record.json`, which the book draws.
//! `lstm bench` times the same training step for a person.
//!
//! *Invariant:* engines are timed on the same network, the same batch and the same optimiser, after
//! it has been asserted that they compute the same.

mod shape;
mod step;
mod timing;
mod record;
mod machine;

pub use machine::{peak_memory, processor};
pub use record::{Machine, Measurement, Peak, Record};
pub use shape::{MIDDLE, SHAPES, Shape};
pub use step::{Step, assert_same_logits, assert_same_loss};
pub use timing::{Engine, Run, in_rounds, median};
