//! Reading tensors from a recording and remembering which ones.

use crate::arrange::{Axes, Sequences};
use crate::{CheckError, Recording};
use lstm_exchange::Tensor;

/// Every tensor that it reads is an input of the recording's computation.
pub(super) struct Reader<'a> {
    recording: &'a Recording,
    inputs: Vec<String>,
}

impl<'a> Reader<'a> {
    pub fn new(recording: &'a Recording) -> Self {
        Self {
            recording,
            inputs: Vec::new(),
        }
    }

    /// Whether the recording has one of these tensors.
    pub fn has(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.recording.has(name))
    }

    /// The tensor of this name and shape.
    pub fn tensor(&mut self, name: &str, shape: &[usize]) -> Result<Tensor, CheckError> {
        self.inputs.push(name.to_owned());
        self.recording.shaped(name, shape).cloned()
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

    /// As [`Reader::lengths`]; without the tensor all sequences have `seq_len` steps.
    pub fn lengths_or_full(
        &mut self,
        [seq_len, batch_size]: [usize; 2],
    ) -> Result<Vec<usize>, CheckError> {
        if self.has(&["lengths"]) {
            self.lengths([seq_len, batch_size])
        } else {
            Ok(vec![seq_len; batch_size])
        }
    }

    /// The names of the tensors that were read.
    pub fn into_inputs(self) -> Vec<String> {
        self.inputs
    }
}
