//! Times every engine on the same named shapes.
//!
//! `cargo bench -p lstm-benches` runs the criterion groups (`-- training/char` runs one shape of
//! one group). `cargo run --release -p lstm-benches --bin record` measures the ladder from the spec
//! engine to the machine's peak, and writes it into `benches/record.json`, which the book's figures
//! show. `cargo run --release -p lstm-benches --bin tiles` measures the best sizes of the fast engine's
//! register tiles. `lstm bench` times the same training step.
//!
//! *Invariant:* all engines are timed on the same network, batch and optimiser, after an assertion
//! that they compute the same.

mod committed;
mod record;
mod timing;
mod ulp;

pub use committed::Committed;
pub use record::{Machine, Measurement, Peak, Record, Records};
pub use timing::{Run, TimedEngine, in_rounds};
pub use ulp::{Errors, LevelErrors, UlpRecord, measure, reference};
