//! The committed record.

use crate::Shape;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::{fs, io};

/// What one machine did, measured in one go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// How to make another.
    pub command: String,
    /// Where.
    pub machine: Machine,
    /// How fast the machine multiplies and adds, by number of threads: one, and all.
    pub peaks: Vec<Peak>,
    /// How often everything was measured in turn.
    pub rounds: usize,
    /// The article's training step, from the slowest engine to the fastest. The spec engine, which
    /// reads one sequence after the other, has a smaller batch.
    pub ladder: Vec<Measurement>,
    /// One layer over H.
    pub hidden_size: Vec<Measurement>,
    /// One layer over B.
    pub batch_size: Vec<Measurement>,
}

/// A machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// Threads that it runs side by side.
    pub threads: usize,
    /// The best of its instruction sets.
    pub level: String,
}

/// How fast a machine multiplies and adds in registers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peak {
    /// With so many threads.
    pub threads: usize,
    /// Median, in 10⁹ operations a second.
    pub gflops: f64,
}

/// A training step of one engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measurement {
    /// Its name.
    pub engine: String,
    /// The instruction set, if the engine has a choice.
    pub level: Option<String>,
    /// The batch was shared out among so many threads.
    pub threads: usize,
    /// The network and the batch.
    pub shape: Shape,
    /// How many steps were timed.
    pub steps: usize,
    /// Their median in seconds.
    pub step_s_median: f64,
    /// Characters a second.
    pub chars_per_s: f64,
    /// 10⁹ operations a second, of those really executed.
    pub gflops: f64,
    /// Of the peak of as many threads.
    pub share_of_peak: f64,
}

impl Record {
    /// Where it lives.
    pub fn path() -> PathBuf {
        [env!("CARGO_MANIFEST_DIR"), "record.json"].iter().collect()
    }

    /// The record as committed.
    ///
    /// # Errors
    /// If the file cannot be read, or is no record.
    pub fn read() -> io::Result<Self> {
        Ok(serde_json::from_str(&fs::read_to_string(Self::path())?)?)
    }

    /// Writes it where it lives.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self) -> io::Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        fs::write(Self::path(), text + "\n")
    }

    /// The peak of so many threads, in GFLOP/s.
    pub fn peak(&self, threads: usize) -> Option<f64> {
        let peak = self.peaks.iter().find(|peak| peak.threads == threads)?;
        Some(peak.gflops)
    }
}
