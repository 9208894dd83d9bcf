//! Cutting a text into contiguous streams, so that the state can be carried from batch to batch.

use std::ops::Range;

use crate::{Batch, TextError};

// ANCHOR: streams
/// A text cut into B contiguous streams, which are read in parallel in chunks of T steps.
///
/// Chunk k + 1 of a stream begins where chunk k ended, so the state after chunk k is the initial state
/// (E8) of chunk k + 1, and the model reads each stream from its beginning to its end. In one epoch,
/// every token but the first is a target exactly once.
///
/// A text of M tokens has M − 1 = q·B + r targets: the first r streams have q + 1 of them, the others q.
/// So only the last step of an epoch can have padding.
///
/// ```text
/// tokens 0 1 2 3 4 5 6 7, B = 2, T = 3
///             chunk 0            chunk 1
/// stream 0    0 1 2 → 1 2 3      3 → 4
/// stream 1    4 5 6 → 5 6 7      padding
/// ```
///
/// ```
/// let tokens = [0, 1, 2, 3, 4, 5, 6, 7];
/// let streams = lstm_text::Streams::new(&tokens, 2, 3)?;
/// assert_eq!(streams.len(), 2);
/// assert_eq!(streams.chunk(0).inputs, [0, 4, 1, 5, 2, 6]);
/// assert_eq!(streams.chunk(0).targets, [1, 5, 2, 6, 3, 7]);
/// assert_eq!(streams.chunk(1).targets, [4, 0]);
/// assert_eq!(streams.chunk(1).mask, [true, false]);
/// # Ok::<(), lstm_text::TextError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Streams<'a> {
    tokens: &'a [u32],
    batch_size: usize,
    seq_len: usize,
}

#[allow(clippy::len_without_is_empty, reason = "there is always a chunk")]
impl<'a> Streams<'a> {
    /// `batch_size` streams in chunks of at most `seq_len` steps.
    ///
    /// # Errors
    /// If B or T is 0, or if the text has fewer than B tokens to predict.
    pub fn new(tokens: &'a [u32], batch_size: usize, seq_len: usize) -> Result<Self, TextError> {
        for (size, value) in [("batch size", batch_size), ("sequence length", seq_len)] {
            if value == 0 {
                return Err(TextError::ZeroSize { size });
            }
        }
        if tokens.len() <= batch_size {
            let tokens = tokens.len();
            return Err(TextError::TooShortForStreams { tokens, batch_size });
        }
        Ok(Self {
            tokens,
            batch_size,
            seq_len,
        })
    }

    /// B, the number of streams.
    pub fn batch_size(&self) -> usize {
        self.batch_size
    }

    /// The number of chunks in an epoch; at least 1.
    pub fn len(&self) -> usize {
        self.stream(0).len().div_ceil(self.seq_len)
    }

    /// The positions of the inputs of stream b in the text; its targets are one position further.
    ///
    /// # Panics
    /// If b is B or more.
    pub fn stream(&self, b: usize) -> Range<usize> {
        assert!(b < self.batch_size, "stream {b} of {}", self.batch_size);
        let predictions = self.tokens.len() - 1;
        let (q, r) = (predictions / self.batch_size, predictions % self.batch_size);
        let start = b * q + b.min(r);
        start..start + q + usize::from(b < r)
    }

    /// Chunk k: the steps k·T … (k + 1)·T − 1 of every stream. The last chunk may have fewer steps.
    ///
    /// # Panics
    /// If k is [`len`](Self::len) or more.
    pub fn chunk(&self, k: usize) -> Batch {
        assert!(k < self.len(), "chunk {k} of {}", self.len());
        let first = k * self.seq_len;
        let steps = self.seq_len.min(self.stream(0).len() - first);
        let span = |b| {
            let stream = self.stream(b);
            let start = stream.start + first;
            start..(start + steps).min(stream.end)
        };
        let spans: Vec<_> = (0..self.batch_size).map(span).collect();
        Batch::from_spans(self.tokens, steps, &spans)
    }

    /// All chunks of an epoch in order. The state before the first chunk is zero.
    pub fn chunks(&self) -> impl Iterator<Item = Batch> {
        (0..self.len()).map(|k| self.chunk(k))
    }
}
// ANCHOR_END: streams

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_in_length_by_one_at_most() {
        // If every stream had ceil(10 / 7) = 2 targets, two of the seven streams would be empty.
        let tokens = [0; 11];
        let streams = Streams::new(&tokens, 7, 4).unwrap();
        let ranges: Vec<_> = (0..7).map(|b| streams.stream(b)).collect();
        assert_eq!(streams.batch_size(), 7);
        assert_eq!(ranges, [0..2, 2..4, 4..6, 6..7, 7..8, 8..9, 9..10]);
    }

    #[test]
    fn a_chunk_is_no_longer_than_the_streams() {
        let streams = Streams::new(&[4, 5, 6], 2, 100).unwrap();
        assert_eq!(streams.len(), 1);
        let expected = Batch::new(1, 2, vec![4, 5], vec![5, 6], vec![true; 2]);
        assert_eq!(streams.chunk(0), expected);
    }

    #[test]
    fn an_absurd_chunk_length_takes_no_memory() {
        let streams = Streams::new(&[4, 5, 6], 1, usize::MAX).unwrap();
        assert_eq!(streams.chunk(0).seq_len, 2);
    }

    #[test]
    fn a_text_with_too_few_targets_is_refused() {
        let message = |n, b| Streams::new(&vec![0; n], b, 1).unwrap_err().to_string();
        assert_eq!(
            message(8, 8),
            "a text of 8 tokens has 7 to predict, too few for a batch of 8 streams; \
             use a smaller batch or a longer text"
        );
        assert_eq!(
            message(0, 1),
            "a text of 0 tokens has 0 to predict, too few for a batch of 1 stream; \
             use a smaller batch or a longer text"
        );
    }

    #[test]
    fn a_size_of_zero_is_refused() {
        let message = |b, t| Streams::new(&[0; 9], b, t).unwrap_err().to_string();
        assert_eq!(message(0, 1), "the batch size is 0, expected at least 1");
        assert_eq!(
            message(1, 0),
            "the sequence length is 0, expected at least 1"
        );
    }

    #[test]
    #[should_panic(expected = "chunk 2 of 2")]
    fn a_chunk_past_the_last_is_refused() {
        Streams::new(&[0; 5], 1, 2).unwrap().chunk(2);
    }
}
