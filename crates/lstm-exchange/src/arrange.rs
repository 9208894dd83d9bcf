//! Between arrays of files and the vectors of a [`Case`](crate::variant::Case).

use crate::Tensor;
use lstm_cell::State;
use nalgebra::DVector;

/// \[B\]\[T\] vectors.
pub(crate) type Sequences = Vec<Vec<DVector<f64>>>;

/// Which of the first two dimensions is time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Axes {
    TimeFirst,
    BatchFirst,
}

impl Axes {
    /// (T, B) of a tensor's first two sizes, and back.
    pub fn order(self, sizes: [usize; 2]) -> [usize; 2] {
        match self {
            Self::TimeFirst => sizes,
            Self::BatchFirst => [sizes[1], sizes[0]],
        }
    }

    fn at(self, [seq_len, batch_size]: [usize; 2], t: usize, b: usize) -> usize {
        match self {
            Self::TimeFirst => t * batch_size + b,
            Self::BatchFirst => b * seq_len + t,
        }
    }

    /// A tensor of three dimensions as sequences.
    pub fn sequences(self, tensor: &Tensor) -> Sequences {
        let [seq_len, batch_size] = self.order([tensor.shape[0], tensor.shape[1]]);
        let size = tensor.shape[2];
        let vector = |t, b| {
            let at = self.at([seq_len, batch_size], t, b) * size;
            DVector::from_column_slice(&tensor.data[at..at + size])
        };
        (0..batch_size)
            .map(|b| (0..seq_len).map(|t| vector(t, b)).collect())
            .collect()
    }

    /// Sequences of vectors of `size` as a tensor of three dimensions.
    pub fn tensor(self, sequences: &Sequences, size: usize) -> Tensor {
        let batch_size = sequences.len();
        let seq_len = sequences.first().map_or(0, Vec::len);
        let mut data = vec![0.0; seq_len * batch_size * size];
        for (b, sequence) in sequences.iter().enumerate() {
            for (t, vector) in sequence.iter().enumerate() {
                let at = self.at([seq_len, batch_size], t, b) * size;
                data[at..at + size].copy_from_slice(vector.as_slice());
            }
        }
        let [first, second] = self.order([seq_len, batch_size]);
        Tensor::new(&[first, second, size], data)
    }
}

/// Zero states: `count` of them for each of `batch_size` sequences.
pub(crate) fn zero_states(sizes: &[(usize, usize)], batch_size: usize) -> Vec<Vec<State<f64>>> {
    let zero = |&(r, h): &(usize, usize)| State {
        h: DVector::zeros(r),
        c: DVector::zeros(h),
    };
    sizes
        .iter()
        .map(|size| vec![zero(size); batch_size])
        .collect()
}

/// Tensors (N, B, R) and (N, B, H) as states: N of B.
pub(crate) fn states(h: &Tensor, c: &Tensor) -> Vec<Vec<State<f64>>> {
    let row = |tensor: &Tensor, n: usize, b: usize| {
        let size = tensor.shape[2];
        let at = (n * tensor.shape[1] + b) * size;
        DVector::from_column_slice(&tensor.data[at..at + size])
    };
    let state = |n, b| State {
        h: row(h, n, b),
        c: row(c, n, b),
    };
    (0..h.shape[0])
        .map(|n| (0..h.shape[1]).map(|b| state(n, b)).collect())
        .collect()
}

/// States of N of B as tensors (N, B, R) and (N, B, H).
pub(crate) fn state_tensors(states: &[Vec<State<f64>>]) -> [Tensor; 2] {
    let of = |part: fn(&State<f64>) -> &DVector<f64>| {
        let vectors: Vec<_> = states.iter().flatten().map(part).collect();
        let size = vectors.first().map_or(0, |v| v.len());
        let data = vectors.iter().flat_map(|v| v.as_slice()).copied().collect();
        Tensor::new(
            &[states.len(), states.first().map_or(0, Vec::len), size],
            data,
        )
    };
    [of(|s| &s.h), of(|s| &s.c)]
}
