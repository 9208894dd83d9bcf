//! The extent of a batch in time and in sequences.

/// Which end of each sequence a layer starts from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// From the first token to the last.
    #[default]
    Forward,
    /// From each sequence's last real token to the first (E27).
    Backward,
}

/// The extent of a batch: T steps of B sequences, read in one direction.
///
/// Wherever a matrix holds one column for every token, token (t, b) is column t·B + b.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span<'a> {
    /// T
    pub seq_len: usize,
    /// B
    pub batch_size: usize,
    /// The real length of each sequence, B numbers of at most T; `None` if all are T.
    ///
    /// A padded step leaves h and c unchanged, outputs that h, and has no gradient.
    pub lengths: Option<&'a [usize]>,
    /// The end from which the layer reads.
    pub direction: Direction,
}

impl<'a> Span<'a> {
    /// T steps of B sequences without padding, read forward.
    pub fn full(seq_len: usize, batch_size: usize) -> Self {
        Self {
            seq_len,
            batch_size,
            lengths: None,
            direction: Direction::Forward,
        }
    }

    /// Whether step t of sequence b is a real token.
    pub fn is_real(&self, t: usize, b: usize) -> bool {
        self.lengths.is_none_or(|lengths| t < lengths[b])
    }

    /// The steps in the order in which the layer reads them.
    pub fn order(&self) -> impl DoubleEndedIterator<Item = usize> + use<> {
        let (last, backward) = (
            self.seq_len.wrapping_sub(1),
            self.direction == Direction::Backward,
        );
        (0..self.seq_len).map(move |n| if backward { last - n } else { n })
    }

    /// The columns of step t.
    pub(crate) fn columns(&self, t: usize) -> std::ops::Range<usize> {
        t * self.batch_size..(t + 1) * self.batch_size
    }

    /// Checks the lengths. A layer calls this once in each forward pass.
    ///
    /// # Panics
    /// If there is not one length for each sequence, or if a length exceeds T.
    pub fn assert_fits(&self) {
        if let Some(lengths) = self.lengths {
            assert_eq!(
                lengths.len(),
                self.batch_size,
                "one length for each sequence"
            );
            assert!(
                lengths.iter().all(|&len| len <= self.seq_len),
                "no sequence is longer than the batch"
            );
        }
    }
}
