//! Sequences of different lengths side by side, and which of them a step reads.

use lstm_model::{Direction, Span, Stream};
use lstm_text::PAD;
use nalgebra::{DMatrix, DMatrixView, DMatrixViewMut, Dyn, RealField, U1};
use rand::seq::SliceRandom;

/// Token ids of B sequences, padded to the longest: token (t, b) is number t·B + b.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Padded {
    /// T·B ids; [`PAD`] beyond a sequence's end.
    pub ids: Vec<u32>,
    /// The real length of each sequence.
    pub lengths: Vec<usize>,
}

impl Padded {
    /// Sequences side by side.
    ///
    /// ```
    /// let padded = lstm_tasks::Padded::new(&[&[5, 6, 7], &[8]]);
    /// assert_eq!(padded.ids, [5, 8, 6, 0, 7, 0]);
    /// assert_eq!(padded.span().seq_len, 3);
    /// ```
    pub fn new(sequences: &[&[u32]]) -> Self {
        let seq_len = sequences.iter().map(|s| s.len()).max().unwrap_or(0);
        let ids = (0..seq_len)
            .flat_map(|t| sequences.iter().map(move |s| *s.get(t).unwrap_or(&PAD)))
            .collect();
        Self {
            ids,
            lengths: sequences.iter().map(|s| s.len()).collect(),
        }
    }

    /// T, B and the lengths.
    pub fn span(&self) -> Span<'_> {
        Span {
            seq_len: self.ids.len() / self.lengths.len(),
            batch_size: self.lengths.len(),
            lengths: Some(&self.lengths),
            direction: Direction::Forward,
        }
    }

    /// Which of the T·B tokens are real.
    pub fn mask(&self) -> Vec<bool> {
        let span = self.span();
        (0..self.ids.len())
            .map(|n| span.is_real(n / span.batch_size, n % span.batch_size))
            .collect()
    }

    /// How many tokens are real.
    pub fn tokens(&self) -> usize {
        self.lengths.iter().sum()
    }
}

/// How many steps of sequence b are real.
pub(crate) fn length(span: Span<'_>, b: usize) -> usize {
    span.lengths.map_or(span.seq_len, |lengths| lengths[b])
}

/// The columns of sequence b, padding left out.
pub(crate) fn columns_of<'a, T: RealField>(
    m: &'a DMatrix<T>,
    span: Span<'_>,
    b: usize,
) -> DMatrixView<'a, T, U1, Dyn> {
    let (first, len) = extent(span, b);
    m.columns_with_step(first, len, span.batch_size - 1)
}

/// The columns of sequence b, padding left out, to be changed.
pub(crate) fn columns_of_mut<'a, T: RealField>(
    m: &'a mut DMatrix<T>,
    span: Span<'_>,
    b: usize,
) -> DMatrixViewMut<'a, T, U1, Dyn> {
    let (first, len) = extent(span, b);
    m.columns_with_step_mut(first, len, span.batch_size - 1)
}

/// The first column of sequence b and how many it has; a sequence without a token begins anywhere.
fn extent(span: Span<'_>, b: usize) -> (usize, usize) {
    match length(span, b) {
        0 => (0, 0),
        len => (b, len),
    }
}

/// How many batches are sorted by length together.
const POOL: usize = 64;

/// Which examples make up the batch of a step: all of them once an epoch in an order that the seed
/// draws, those of one batch of like length, so that little of it is padding.
#[derive(Clone, Debug)]
pub struct Buckets {
    lengths: Vec<usize>,
    batch_size: usize,
    seed: u64,
    /// The batches of an epoch, and which epoch it is.
    drawn: Option<(u64, Vec<Vec<usize>>)>,
}

impl Buckets {
    /// Batches of `batch_size` of the examples with these lengths; there is at least one of each.
    pub fn new(lengths: Vec<usize>, batch_size: usize, seed: u64) -> Self {
        Self {
            lengths,
            batch_size,
            seed,
            drawn: None,
        }
    }

    /// How many batches show every example once.
    pub fn steps_per_epoch(&self) -> u64 {
        self.lengths.len().div_ceil(self.batch_size) as u64
    }

    /// The examples of a step.
    pub fn batch(&mut self, step: u64) -> &[usize] {
        let steps = self.steps_per_epoch();
        let epoch = step / steps;
        if self.drawn.as_ref().is_none_or(|(of, _)| *of != epoch) {
            self.drawn = Some((epoch, self.draw(epoch)));
        }
        let (_, batches) = self.drawn.as_ref().expect("just drawn");
        &batches[(step % steps) as usize]
    }

    fn draw(&self, epoch: u64) -> Vec<Vec<usize>> {
        let mut rng = Stream::Shuffle.rng(self.seed, epoch, 0);
        let mut order: Vec<usize> = (0..self.lengths.len()).collect();
        order.shuffle(&mut rng);
        for pool in order.chunks_mut(POOL * self.batch_size) {
            pool.sort_by_key(|&n| self.lengths[n]);
        }
        let mut batches: Vec<Vec<usize>> = order
            .chunks(self.batch_size)
            .map(<[usize]>::to_vec)
            .collect();
        batches.shuffle(&mut rng);
        batches
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_has_every_example_once_and_each_has_its_own_order() {
        let lengths: Vec<usize> = (0..1001).map(|n| n * 7 % 30).collect();
        let mut buckets = Buckets::new(lengths.clone(), 8, 3);
        let steps = buckets.steps_per_epoch();
        assert_eq!(steps, 126);
        let mut epoch = |first: u64| -> Vec<usize> {
            (first..first + steps)
                .flat_map(|step| buckets.batch(step).to_vec())
                .collect()
        };
        let (first, second) = (epoch(0), epoch(steps));
        assert_ne!(first, second);
        for mut order in [first, second] {
            order.sort_unstable();
            assert_eq!(order, (0..1001).collect::<Vec<_>>());
        }
        let spread = |batch: &[usize]| {
            let of = batch.iter().map(|&n| lengths[n]);
            of.clone().max().unwrap() - of.min().unwrap()
        };
        let mean = (0..steps)
            .map(|step| spread(buckets.batch(step)))
            .sum::<usize>() as f64
            / steps as f64;
        assert!(mean < 2.0, "lengths within a batch differ by {mean}");
    }
}
