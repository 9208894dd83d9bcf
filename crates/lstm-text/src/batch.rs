//! A batch: several sequences that are read in parallel.

use std::ops::Range;

// ANCHOR: batch
/// B sequences of T token ids each, with the next id at every step as its target.
///
/// ```text
/// y_t = s_{t+1},  m_t = 1 where there is a target and 0 at padding        E21
/// ```
/// Time-major: step t of sequence b is at index t·B + b. So the ids of one step of all sequences, which a
/// layer reads together, are contiguous. Shapes: `inputs`, `targets`, `mask` T×B.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// T
    pub seq_len: usize,
    /// B
    pub batch_size: usize,
    /// s_t; 0 at padding.
    pub inputs: Vec<u32>,
    /// y_t; 0 at padding.
    pub targets: Vec<u32>,
    /// m_t; false at padding, which contributes no loss and no gradient.
    pub mask: Vec<bool>,
}

impl Batch {
    /// A batch of spans of a text: sequence b has the inputs at the positions `spans[b]`, and the target
    /// of each is the token after it. A span shorter than `seq_len` is padded at its end.
    ///
    /// ```
    /// use lstm_text::Batch;
    ///
    /// let batch = Batch::from_spans(&[10, 11, 12, 13, 14], 2, &[0..2, 3..4]);
    /// assert_eq!(batch.inputs, [10, 13, 11, 0]);
    /// assert_eq!(batch.targets, [11, 14, 12, 0]);
    /// assert_eq!(batch.mask, [true, true, true, false]);
    /// ```
    ///
    /// # Panics
    /// If `spans` is empty or `seq_len` is 0, or if a span is longer than `seq_len` or has no token
    /// after it.
    pub fn from_spans(tokens: &[u32], seq_len: usize, spans: &[Range<usize>]) -> Self {
        let batch_size = spans.len();
        let mut inputs = vec![0; seq_len * batch_size];
        let mut targets = inputs.clone();
        let mut mask = vec![false; seq_len * batch_size];
        for (b, span) in spans.iter().enumerate() {
            assert!(span.len() <= seq_len, "span {span:?} of {seq_len} steps");
            for (t, position) in span.clone().enumerate() {
                let i = t * batch_size + b;
                inputs[i] = tokens[position];
                targets[i] = tokens[position + 1];
                mask[i] = true;
            }
        }
        Self::new(seq_len, batch_size, inputs, targets, mask)
    }

    /// The sequences b in this range as a batch of their own, so that threads can share a batch.
    ///
    /// Divide the loss of each part by [`tokens`](Self::tokens) of the whole batch, not of the part;
    /// then the losses of the parts add up to the loss of the batch.
    ///
    /// # Panics
    /// If the range is empty or not within 0 … B.
    pub fn columns(&self, range: Range<usize>) -> Self {
        assert!(
            range.end <= self.batch_size,
            "columns {range:?} of a batch of {}",
            self.batch_size
        );
        Self::new(
            self.seq_len,
            range.len(),
            columns(&self.inputs, self.batch_size, &range),
            columns(&self.targets, self.batch_size, &range),
            columns(&self.mask, self.batch_size, &range),
        )
    }

    /// N = Σ m_t, the number of targets in E21.
    pub fn tokens(&self) -> usize {
        self.mask.iter().filter(|&&m| m).count()
    }
}
// ANCHOR_END: batch

impl Batch {
    /// A batch of these time-major tensors.
    ///
    /// # Panics
    /// If T or B is 0, or if a tensor does not have T·B entries.
    pub fn new(
        seq_len: usize,
        batch_size: usize,
        inputs: Vec<u32>,
        targets: Vec<u32>,
        mask: Vec<bool>,
    ) -> Self {
        assert!(
            seq_len > 0 && batch_size > 0,
            "a batch of {seq_len} steps and {batch_size} sequences"
        );
        for (tensor, len) in [
            ("inputs", inputs.len()),
            ("targets", targets.len()),
            ("mask", mask.len()),
        ] {
            assert_eq!(
                len,
                seq_len * batch_size,
                "{tensor} of a batch of {seq_len} steps and {batch_size} sequences"
            );
        }
        Self {
            seq_len,
            batch_size,
            inputs,
            targets,
            mask,
        }
    }
}

/// The columns in `range` of a time-major tensor.
fn columns<T: Copy>(tensor: &[T], batch_size: usize, range: &Range<usize>) -> Vec<T> {
    let steps = tensor.chunks_exact(batch_size);
    steps
        .flat_map(|step| &step[range.clone()])
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T = 2, B = 3, the last sequence one step long.
    fn batch() -> Batch {
        Batch::from_spans(&[5, 6, 7, 8, 9], 2, &[0..2, 2..4, 3..4])
    }

    #[test]
    fn a_step_of_all_sequences_lies_together() {
        assert_eq!(batch().inputs, [5, 7, 8, 6, 8, 0]);
        assert_eq!(batch().targets, [6, 8, 9, 7, 9, 0]);
        assert_eq!(batch().tokens(), 5);
    }

    #[test]
    fn columns_keep_their_steps() {
        let part = batch().columns(1..3);
        let mask = vec![true, true, true, false];
        let expected = Batch::new(2, 2, vec![7, 8, 8, 0], vec![8, 9, 9, 0], mask);
        assert_eq!(part, expected);
    }

    #[test]
    #[should_panic(expected = "columns 1..4 of a batch of 3")]
    fn columns_beyond_the_batch_are_refused() {
        batch().columns(1..4);
    }

    #[test]
    #[should_panic(expected = "a batch of 2 steps and 0 sequences")]
    fn no_columns_are_refused() {
        batch().columns(1..1);
    }

    #[test]
    #[should_panic(expected = "targets of a batch of 1 steps and 2 sequences")]
    fn a_tensor_of_another_size_is_refused() {
        Batch::new(1, 2, vec![0; 2], vec![0; 3], vec![true; 2]);
    }

    #[test]
    #[should_panic(expected = "span 1..4 of 2 steps")]
    fn a_span_longer_than_the_batch_is_refused() {
        Batch::from_spans(&[0; 9], 2, &[0..2, 1..4]);
    }
}
