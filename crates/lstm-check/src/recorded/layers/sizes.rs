//! The sizes of a recording of LSTM layers.

use crate::CheckError;
use crate::arrange::Axes;
use crate::recorded::assert_feasible;
use crate::recorded::reader::Reader;

/// The sizes. T and B are known only after x has been read.
#[derive(Clone, Copy)]
pub(in crate::recorded) struct Sizes {
    pub axes: Axes,
    /// T
    pub seq_len: usize,
    /// B
    pub batch_size: usize,
    /// D
    pub d: usize,
    /// H
    pub h: usize,
    /// R: H, or less with a projection.
    pub r: usize,
    pub layers: usize,
    pub directions: usize,
}

impl Sizes {
    /// \[T, B, size\]
    pub fn of_sequences(self, size: usize) -> [usize; 3] {
        [self.seq_len, self.batch_size, size]
    }

    /// The sizes with T and B from the shape of x.
    ///
    /// If x has two dimensions, it is a single sequence; or one step of B sequences, if the tensors
    /// `states` hold B states; or it has the dimensions T and B, if D = 1.
    pub fn with_x(self, reader: &mut Reader<'_>, states: &[String]) -> Result<Self, CheckError> {
        let shape = reader.recording.get("x")?.shape.clone();
        let has_states_of = |b: usize| {
            let tensors = states
                .iter()
                .filter_map(|name| reader.recording.tensors.get(name));
            let mut rows =
                tensors.map(|tensor| tensor.data.len() / tensor.shape.last().unwrap_or(&1));
            b > 1 && rows.any(|rows| rows == self.layers * self.directions * b)
        };
        let [seq_len, batch_size] = match *shape.as_slice() {
            [first, second, d] if d == self.d => self.axes.order([first, second]),
            [b, d] if d == self.d && has_states_of(b) => {
                reader.note(format!(
                    "x of shape {shape:?} is read as one step of {b} sequences"
                ));
                [1, b]
            }
            [seq_len, d] if d == self.d => {
                reader.note(format!(
                    "x of shape {shape:?} is read as one sequence of {seq_len} steps"
                ));
                [seq_len, 1]
            }
            [first, second] if self.d == 1 => self.axes.order([first, second]),
            _ => {
                return Err(CheckError::unsupported(format!(
                    "tensor x of shape {shape:?} (expected three dimensions, or two for a single \
                     sequence; the last is {}, as the weights say)",
                    self.d
                )));
            }
        };
        let vectors = self.d + self.h + self.r;
        assert_feasible(
            reader.recording.count(),
            &[seq_len, batch_size, vectors, self.layers, self.directions],
        )?;
        for (key, size) in [
            ("input_size", self.d),
            ("hidden_size", self.h),
            ("steps", seq_len),
            ("batch", batch_size),
            ("layers", self.layers),
            ("num_layers", self.layers),
        ] {
            reader.recording.expect_size(key, size)?;
        }
        Ok(Self {
            seq_len,
            batch_size,
            ..self
        })
    }
}
