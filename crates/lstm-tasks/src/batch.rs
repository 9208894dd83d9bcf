//! Batches of sequences of different lengths, and the assignment of examples to batches.

use lstm_model::{Direction, Loss, ModelError, Purpose, Span, Team};
use lstm_text::PAD;
use lstm_train::{BatchSize, Part, Workers};
use nalgebra::{DMatrix, DMatrixView, DMatrixViewMut, Dyn, RealField, U1};
use rand::seq::SliceRandom;

/// The token ids of B sequences, padded to the longest: token t of sequence b is at index t·B + b.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Padded {
    /// T·B ids; [`PAD`] after the end of a sequence.
    pub ids: Vec<u32>,
    /// The length of each sequence without padding.
    pub lengths: Vec<usize>,
}

impl Padded {
    /// Pads these sequences.
    ///
    /// ```
    /// let padded = lstm_tasks::Padded::new(&[vec![5, 6, 7], vec![8]]);
    /// assert_eq!(padded.ids, [5, 8, 6, 0, 7, 0]);
    /// assert_eq!(padded.span().seq_len, 3);
    /// ```
    pub fn new(sequences: &[impl AsRef<[u32]>]) -> Self {
        let lengths: Vec<usize> = sequences.iter().map(|s| s.as_ref().len()).collect();
        let seq_len = lengths.iter().copied().max().unwrap_or(0);
        let token = |s: &[u32], t| s.get(t).copied().unwrap_or(PAD);
        let step = |t| sequences.iter().map(move |s| token(s.as_ref(), t));
        Self {
            ids: (0..seq_len).flat_map(step).collect(),
            lengths,
        }
    }

    /// The shape of the batch: T, B and the lengths.
    pub fn span(&self) -> Span<'_> {
        Span {
            seq_len: self.ids.len() / self.lengths.len(),
            batch_size: self.lengths.len(),
            lengths: Some(&self.lengths),
            direction: Direction::Forward,
        }
    }

    /// For each of the T·B tokens, whether it is a real token and not padding.
    pub fn mask(&self) -> Vec<bool> {
        let span = self.span();
        (0..self.ids.len())
            .map(|n| span.is_real(n / span.batch_size, n % span.batch_size))
            .collect()
    }

    /// The number of tokens without padding.
    pub fn tokens(&self) -> usize {
        self.lengths.iter().sum()
    }
}

/// The number of steps of sequence b without padding.
pub(crate) fn length(span: Span<'_>, b: usize) -> usize {
    span.lengths.map_or(span.seq_len, |lengths| lengths[b])
}

/// The columns of sequence b without padding.
pub(crate) fn columns_of<'a, T: RealField>(
    m: &'a DMatrix<T>,
    span: Span<'_>,
    b: usize,
) -> DMatrixView<'a, T, U1, Dyn> {
    let (first, len) = extent(span, b);
    m.columns_with_step(first, len, span.batch_size - 1)
}

/// The columns of sequence b without padding, mutable.
pub(crate) fn columns_of_mut<'a, T: RealField>(
    m: &'a mut DMatrix<T>,
    span: Span<'_>,
    b: usize,
) -> DMatrixViewMut<'a, T, U1, Dyn> {
    let (first, len) = extent(span, b);
    m.columns_with_step_mut(first, len, span.batch_size - 1)
}

/// The first column of sequence b and the number of its columns. If it has none, the first is 0, which
/// always exists.
fn extent(span: Span<'_>, b: usize) -> (usize, usize) {
    match length(span, b) {
        0 => (0, 0),
        len => (b, len),
    }
}

/// The number of batches whose examples are sorted by length together.
const POOL: usize = 64;

/// Assigns examples to batches. Each example comes once in an epoch, in an order that depends on the
/// seed. The examples of one batch have similar lengths, so that little of it is padding.
#[derive(Clone, Debug)]
pub struct Buckets {
    lengths: Vec<usize>,
    batch_size: usize,
    seed: u64,
    /// The last epoch for which batches were drawn, and these batches.
    drawn: Option<(u64, Vec<Vec<usize>>)>,
}

impl Buckets {
    /// Batches of `batch_size` examples out of examples with these lengths. Neither may be empty.
    pub fn new(lengths: Vec<usize>, batch_size: usize, seed: u64) -> Self {
        Self {
            lengths,
            batch_size,
            seed,
            drawn: None,
        }
    }

    /// The number of batches in an epoch.
    pub fn steps_per_epoch(&self) -> u64 {
        self.lengths.len().div_ceil(self.batch_size) as u64
    }

    /// The indices of the examples in the batch of a step.
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
        let mut rng = Purpose::Shuffle.rng(self.seed, epoch, 0);
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

/// The training examples of a task in [`Buckets`], and its validation examples in the order of their
/// lengths, so that little of a batch is padding.
pub(crate) struct Examples<X> {
    train: Vec<X>,
    val: Vec<X>,
    buckets: Buckets,
}

impl<X: Send + Sync> Examples<X> {
    /// Batches of `batch_size` examples; `count` is the name of the number of examples in a message.
    pub(crate) fn new(
        count: &'static str,
        (train, mut val): (Vec<X>, Vec<X>),
        length: impl Fn(&X) -> usize,
        batch_size: usize,
        seed: u64,
    ) -> Result<Self, ModelError> {
        ModelError::check_not_zero(&[("batch size", batch_size), (count, train.len())])?;
        val.sort_by_key(&length);
        let lengths = train.iter().map(length).collect();
        Ok(Self {
            buckets: Buckets::new(lengths, batch_size, seed),
            train,
            val,
        })
    }

    pub(crate) fn steps_per_epoch(&self) -> u64 {
        self.buckets.steps_per_epoch()
    }

    /// The indices of the examples in the batch of a step.
    pub(crate) fn batch(&mut self, step: u64) -> Vec<usize> {
        self.buckets.batch(step).to_vec()
    }

    /// The size of a batch of examples that each have this number of tokens.
    pub(crate) fn size(&self, batch: &[usize], tokens: impl Fn(&X) -> usize) -> BatchSize {
        BatchSize {
            sequences: batch.len(),
            tokens: batch.iter().map(|&n| tokens(&self.train[n])).sum(),
        }
    }

    /// The examples of a part of a batch.
    pub(crate) fn part<'a>(
        &'a self,
        batch: &'a [usize],
        part: &Part<'_>,
    ) -> impl Iterator<Item = &'a X> {
        let batch = &batch[part.sequences.clone()];
        batch.iter().map(|&n| &self.train[n])
    }

    /// The mean validation loss, which does not depend on the number of threads; `None` if there is no
    /// token.
    pub(crate) fn val_loss(
        &self,
        workers: &Workers,
        loss: impl Fn(&[X], &dyn Team) -> Loss + Sync + Send,
    ) -> Option<f64> {
        let batches = self.val.chunks(self.buckets.batch_size).collect();
        workers.losses(batches, loss).mean()
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
