//! Reading tensors from a recording and remembering which ones.

use crate::arrange::{Axes, Sequences, zero_sequences};
use crate::{CheckError, Recording};
use lstm_exchange::Tensor;

/// Every tensor that it reads is an input of the recording's computation.
pub(super) struct Reader<'a> {
    pub recording: &'a Recording,
    inputs: Vec<String>,
    notes: Vec<String>,
}

/// An LSTM, with the names and assumptions that its reader collected.
pub(crate) struct Read<L> {
    pub lstm: L,
    /// The names of the tensors that were read.
    pub inputs: Vec<String>,
    /// What was assumed.
    pub notes: Vec<String>,
}

impl<'a> Reader<'a> {
    pub fn new(recording: &'a Recording) -> Self {
        Self {
            recording,
            inputs: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Whether the recording has one of these tensors.
    pub fn has(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.recording.has(name))
    }

    /// Records an assumption for the report.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// The tensor with this name and shape. Dimensions of size 1 are ignored.
    pub fn tensor(&mut self, name: &str, shape: &[usize]) -> Result<Tensor, CheckError> {
        self.inputs.push(name.to_owned());
        self.recording.shaped(name, shape)
    }

    /// The tensor of this name as sequences of \[T, B, size\].
    pub fn sequences(
        &mut self,
        name: &str,
        axes: Axes,
        [seq_len, batch_size, size]: [usize; 3],
    ) -> Result<Sequences, CheckError> {
        let [first, second] = axes.order([seq_len, batch_size]);
        Ok(axes.sequences(&self.tensor(name, &[first, second, size])?))
    }

    /// As [`Reader::sequences`]; zeros if the tensor is missing.
    pub fn sequences_or_zero(
        &mut self,
        name: &str,
        axes: Axes,
        sizes: [usize; 3],
    ) -> Result<Sequences, CheckError> {
        if self.has(&[name]) {
            self.sequences(name, axes, sizes)
        } else {
            Ok(zero_sequences(sizes))
        }
    }

    /// The integers, 0 to `most`, in the tensor of this name and shape.
    pub fn counts(
        &mut self,
        name: &str,
        shape: &[usize],
        most: usize,
    ) -> Result<Vec<usize>, CheckError> {
        self.inputs.push(name.to_owned());
        self.recording.counts(name, shape, most)
    }

    /// The tensor `lengths`: the number of real steps of each sequence, `seq_len` at most.
    pub fn lengths(&mut self, [seq_len, batch_size]: [usize; 2]) -> Result<Vec<usize>, CheckError> {
        self.counts("lengths", &[batch_size], seq_len)
    }

    /// The real steps of each sequence from the tensor `mask`, which is 1 for them and 0 for padding.
    pub fn masked_steps(
        &mut self,
        axes: Axes,
        [seq_len, batch_size]: [usize; 2],
    ) -> Result<Vec<Vec<usize>>, CheckError> {
        let flags = self.counts("mask", &axes.order([seq_len, batch_size]), 1)?;
        let is_real = |t: usize, b: usize| flags[axes.at([seq_len, batch_size], t, b)] == 1;
        let steps = |b| (0..seq_len).filter(|&t| is_real(t, b)).collect();
        Ok((0..batch_size).map(steps).collect())
    }

    /// Finishes reading: the LSTM, with the names and assumptions.
    pub fn finish<L>(self, lstm: L) -> Read<L> {
        Read {
            lstm,
            inputs: self.inputs,
            notes: self.notes,
        }
    }
}
