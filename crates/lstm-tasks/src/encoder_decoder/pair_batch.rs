//! A batch of sources and targets.

use crate::batch::Padded;
use lstm_text::{BEGIN, END};

/// A batch of sources and targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairBatch {
    /// What the encoder reads.
    pub source: Padded,
    /// What the decoder reads: [`BEGIN`], then the target (teacher forcing).
    pub inputs: Padded,
    /// What it predicts at each step: the target, then [`END`].
    pub targets: Padded,
}

impl PairBatch {
    /// The batch of pairs of token ids, source first.
    pub fn new(pairs: &[(&[u32], &[u32])]) -> Self {
        let sources: Vec<&[u32]> = pairs.iter().map(|&(source, _)| source).collect();
        let inputs: Vec<Vec<u32>> = pairs.iter().map(|(_, y)| [&[BEGIN], *y].concat()).collect();
        let targets: Vec<Vec<u32>> = pairs.iter().map(|(_, y)| [*y, &[END]].concat()).collect();
        let slices = |of: &'_ [Vec<u32>]| -> Padded {
            Padded::new(&of.iter().map(Vec::as_slice).collect::<Vec<_>>())
        };
        Self {
            source: Padded::new(&sources),
            inputs: slices(&inputs),
            targets: slices(&targets),
        }
    }
}
