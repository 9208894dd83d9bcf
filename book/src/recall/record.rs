//! How many of ten networks learn to recall, of each kind and over each distance.
//!
//! Training them takes a minute or two, so the counts have been recorded in `record.txt`:
//!
//! ```text
//! cargo run -p lstm-book -- --recall
//! ```

use super::count;
use super::networks::Start::{self, Orthogonal, Uniform};
use super::networks::{gru, lstm, min_lstm, plain};
use std::fmt;

const RECORD: &str = include_str!("record.txt");

/// The distances T.
pub const DISTANCES: [usize; 4] = [10, 30, 50, 100];

/// A kind of network with its start.
#[derive(Clone, Copy, Debug)]
pub enum Network {
    Lstm(Start),
    /// With this bias of the gate that keeps.
    Gru(f64),
    /// With this bias of the forget gate, and its negative for the input gate.
    MinLstm(f64),
    /// With this many units.
    Plain(usize, Start),
}

use Network::{Gru, Lstm, MinLstm, Plain};

/// All that are recorded.
const NETWORKS: [Network; 17] = [
    Lstm(Uniform),
    Lstm(Orthogonal(0.0)),
    Lstm(Orthogonal(1.0)),
    Lstm(Orthogonal(3.0)),
    Lstm(Orthogonal(5.0)),
    Gru(0.0),
    Gru(1.0),
    Gru(3.0),
    Gru(5.0),
    MinLstm(0.0),
    MinLstm(1.0),
    MinLstm(3.0),
    MinLstm(5.0),
    Plain(8, Uniform),
    Plain(17, Uniform),
    Plain(8, Orthogonal(0.0)),
    Plain(17, Orthogonal(0.0)),
];

impl Network {
    /// How many of ten learn it.
    pub fn learn(self, seq_len: usize) -> usize {
        match self {
            Lstm(start) => count(seq_len, |rng| lstm(start, rng)),
            Gru(keep_bias) => count(seq_len, |rng| gru(keep_bias, rng)),
            MinLstm(keep_bias) => count(seq_len, |rng| min_lstm(keep_bias, rng)),
            Plain(hidden_size, start) => count(seq_len, |rng| plain(hidden_size, start, rng)),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lstm(Uniform) => write!(f, "LSTM, uniform"),
            Lstm(Orthogonal(bias)) => write!(f, "LSTM, bias {bias}"),
            Gru(bias) => write!(f, "GRU, bias {bias}"),
            MinLstm(bias) => write!(f, "minLSTM, bias {bias}"),
            Plain(units, Uniform) => write!(f, "plain, {units} units, uniform"),
            Plain(units, Orthogonal(_)) => write!(f, "plain, {units} units, orthogonal"),
        }
    }
}

/// Trains all networks: a line for each kind, with its name and the count for each distance.
pub fn record() -> String {
    let line = |network: Network| {
        let counts = DISTANCES.map(|seq_len| format!("\t{}", network.learn(seq_len)));
        format!("{network}{}\n", counts.concat())
    };
    NETWORKS.map(line).concat()
}

/// The recorded counts of the networks whose name starts so, each with its name.
pub fn recorded(start: &str) -> Vec<(&'static str, Vec<usize>)> {
    let row = |line: &'static str| {
        let mut fields = line.split('\t');
        let name = fields.next().expect("a line has a name");
        let counts = fields.map(|count| count.parse().expect("a count"));
        (name, counts.collect())
    };
    let rows = RECORD.lines().map(row);
    rows.filter(|(name, _)| name.starts_with(start)).collect()
}
