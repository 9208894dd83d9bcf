//! The committed records.

use crate::Committed;
use lstm_bench::Shape;
use serde::{Deserialize, Serialize};
use std::io;

/// Measurements on one machine, made in one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The command that makes a record.
    pub command: String,
    /// The machine.
    pub machine: Machine,
    /// The machine's peak with one thread and with all threads.
    pub peaks: Vec<Peak>,
    /// The number of rounds, in each of which everything was measured.
    pub rounds: usize,
    /// The article's training step, from the slowest engine to the fastest. The spec engine, which
    /// reads one sequence after the other, has a smaller batch.
    pub ladder: Vec<Measurement>,
    /// One layer, for several H.
    pub hidden_size: Vec<Measurement>,
    /// One layer, for several B.
    pub batch_size: Vec<Measurement>,
}

/// A machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// The number of threads that it runs at the same time.
    pub threads: usize,
    /// The best of its instruction sets.
    pub level: String,
}

/// The rate at which a machine multiplies and adds in registers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peak {
    /// The number of threads.
    pub threads: usize,
    /// Median, in 10⁹ operations a second.
    pub gflops: f64,
}

/// A training step of one engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measurement {
    /// The engine's name.
    pub engine: String,
    /// The instruction set, if the engine has a choice.
    pub level: Option<String>,
    /// The number of threads that shared the batch.
    pub threads: usize,
    /// The network and the batch.
    pub shape: Shape,
    /// The number of steps that were timed.
    pub steps: usize,
    /// The median time of a step in seconds.
    pub step_s_median: f64,
    /// Characters a second.
    pub chars_per_s: f64,
    /// 10⁹ operations a second, counting those that the engine executes.
    pub gflops: f64,
    /// The fraction of the peak of the same number of threads.
    pub share_of_peak: f64,
}

/// The committed records, one for each machine that was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Records(Vec<Record>);

impl Committed for Records {
    const FILE: &str = "record.json";
}

impl Records {
    /// The first record, which the book shows.
    ///
    /// # Errors
    /// As [`Committed::read`], or if there is no record.
    pub fn shown() -> io::Result<Record> {
        let first = Self::read()?.0.into_iter().next();
        first.ok_or_else(|| io::Error::other("benches/record.json holds no record"))
    }

    /// Adds a record, in place of an earlier one of the same machine.
    pub fn put(&mut self, record: Record) {
        match self.0.iter_mut().find(|r| r.machine == record.machine) {
            Some(earlier) => *earlier = record,
            None => self.0.push(record),
        }
    }
}

impl Record {
    /// The peak of this number of threads, in GFLOP/s.
    pub fn peak(&self, threads: usize) -> Option<f64> {
        let peak = self.peaks.iter().find(|peak| peak.threads == threads)?;
        Some(peak.gflops)
    }
}
