//! The arrays of a file as the vectors of a [`Computation`](crate::variant::Computation), and back.

use lstm_cell::State;
use lstm_exchange::Tensor;
use nalgebra::DVector;

/// Vectors of sequence b at step t: \[B\]\[T\].
pub(crate) type Sequences = Vec<Vec<DVector<f64>>>;

/// The order of the first two dimensions of an array of sequences.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Axes {
    /// (T, B, …)
    TimeFirst,
    /// (B, T, …)
    BatchFirst,
}

impl Axes {
    /// \[T, B\] from a tensor's first two sizes; the same function leads back.
    pub fn order(self, sizes: [usize; 2]) -> [usize; 2] {
        match self {
            Self::TimeFirst => sizes,
            Self::BatchFirst => [sizes[1], sizes[0]],
        }
    }

    /// The other order.
    pub fn other(self) -> Self {
        match self {
            Self::TimeFirst => Self::BatchFirst,
            Self::BatchFirst => Self::TimeFirst,
        }
    }

    /// A description of the order.
    pub fn name(self) -> &'static str {
        match self {
            Self::TimeFirst => "time first (T, B, …)",
            Self::BatchFirst => "batch first (B, T, …)",
        }
    }

    /// The index of step t of sequence b among the vectors of a tensor.
    pub fn at(self, [seq_len, batch_size]: [usize; 2], t: usize, b: usize) -> usize {
        match self {
            Self::TimeFirst => t * batch_size + b,
            Self::BatchFirst => b * seq_len + t,
        }
    }

    /// The sequences in a tensor of three dimensions.
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

    /// Sequences as a tensor of three dimensions.
    pub fn tensor(self, sequences: &Sequences) -> Tensor {
        let batch_size = sequences.len();
        let seq_len = sequences.first().map_or(0, Vec::len);
        let size = sequences.iter().flatten().next().map_or(0, DVector::len);
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

/// The tensor with the first two of its three dimensions swapped.
pub(crate) fn swapped(tensor: &Tensor) -> Tensor {
    Axes::TimeFirst.tensor(&Axes::BatchFirst.sequences(tensor))
}

/// Zero vectors for sequences of \[T, B, size\].
pub(crate) fn zero_sequences([seq_len, batch_size, size]: [usize; 3]) -> Sequences {
    vec![vec![DVector::zeros(size); seq_len]; batch_size]
}

/// Zero states of the given sizes (R, H), each for `batch_size` sequences.
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

/// The states in tensors (N, B, R) and (N, B, H): \[N\]\[B\].
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

/// States \[N\]\[B\] as tensors (N, B, R) and (N, B, H).
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
