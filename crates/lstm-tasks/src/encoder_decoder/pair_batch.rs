//! A batch of pairs.

use crate::batch::Padded;
use lstm_text::{BEGIN, END};

/// A batch of sources and targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairBatch {
    /// The encoder's input.
    pub source: Padded,
    /// The decoder's input: [`BEGIN`], then the target (teacher forcing).
    pub inputs: Padded,
    /// The tokens that the decoder predicts: the target, then [`END`].
    pub targets: Padded,
}

impl PairBatch {
    /// The batch of these sources and targets, as token ids.
    pub fn new<'a>(pairs: impl IntoIterator<Item = &'a (Vec<u32>, Vec<u32>)>) -> Self {
        let (mut sources, mut inputs, mut targets) = (Vec::new(), Vec::new(), Vec::new());
        for (source, target) in pairs {
            sources.push(source);
            inputs.push([&[BEGIN], &target[..]].concat());
            targets.push([&target[..], &[END]].concat());
        }
        Self {
            source: Padded::new(&sources),
            inputs: Padded::new(&inputs),
            targets: Padded::new(&targets),
        }
    }
}
