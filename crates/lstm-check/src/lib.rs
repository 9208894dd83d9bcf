#![doc = include_str!("../README.md")]

mod error;
mod precision;
mod recording;
mod difference;
mod mistake;
mod arrange;
pub mod variant;
mod recorded;
mod check;
mod choice;
mod explain;
mod power;
mod vectors;

pub use check::{Finding, Report, Row, check, check_recording, check_within, recompute};
pub use difference::{Difference, difference};
pub use error::CheckError;
pub use mistake::Mistake;
pub use power::{Power, power, power_of, power_within};
pub use precision::Tolerance;
pub use recording::Recording;
pub use vectors::{BackendCase, TestVector, backend_cases, vectors};
