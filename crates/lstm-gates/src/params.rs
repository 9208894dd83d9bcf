//! The four gates of one layer: the canonical form of an LSTM's weights.

use crate::{Gate, GateError};
use nalgebra::RealField;

/// The names of the four blocks in the order in which everything here lists them.
pub const BLOCKS: [char; 4] = ['i', 'f', 'g', 'o'];

/// The weights of one LSTM layer: separate W_x, W_h and b for each of the four gates (E1).
///
/// A gradient of these weights has the same shape and the same type.
#[derive(Clone, Debug, PartialEq)]
pub struct LstmParams<T> {
    /// Input gate: how much of the candidate is written.
    pub i: Gate<T>,
    /// Forget gate: how much of the cell is kept.
    pub f: Gate<T>,
    /// Candidate: what is written.
    pub g: Gate<T>,
    /// Output gate: how much of the cell is output.
    pub o: Gate<T>,
}

impl<T: RealField + Copy> LstmParams<T> {
    /// Four gates that fit together.
    ///
    /// # Errors
    /// [`GateError`] if a size is zero or if a gate's shapes differ from those of gate i.
    pub fn new(i: Gate<T>, f: Gate<T>, g: Gate<T>, o: Gate<T>) -> Result<Self, GateError> {
        let params = Self { i, f, g, o };
        params.check()?;
        Ok(params)
    }

    /// All weights zero: the place where a gradient is accumulated.
    pub fn zeros(input_size: usize, hidden_size: usize) -> Self {
        let gate = Gate::zeros(input_size, hidden_size);
        Self {
            i: gate.clone(),
            f: gate.clone(),
            g: gate.clone(),
            o: gate,
        }
    }

    /// D, the length of x_t.
    pub fn input_size(&self) -> usize {
        self.i.w_x.ncols()
    }

    /// H, the length of h_t and c_t.
    pub fn hidden_size(&self) -> usize {
        self.i.w_x.nrows()
    }

    /// How many numbers these weights are: 4(HD + H² + H) (E25).
    ///
    /// ```
    /// let article = lstm_gates::LstmParams::<f32>::zeros(1, 256);
    /// assert_eq!(article.parameter_count(), 264_192);
    /// ```
    pub fn parameter_count(&self) -> usize {
        self.slices().iter().map(|slice| slice.len()).sum()
    }

    /// The four gates in the order of [`BLOCKS`].
    pub fn blocks(&self) -> [&Gate<T>; 4] {
        [&self.i, &self.f, &self.g, &self.o]
    }

    /// The four gates, to be changed.
    pub fn blocks_mut(&mut self) -> [&mut Gate<T>; 4] {
        [&mut self.i, &mut self.f, &mut self.g, &mut self.o]
    }

    /// The twelve tensors as flat column-major slices: w_x, w_h, b of i, f, g, o.
    pub fn slices(&self) -> Vec<&[T]> {
        self.blocks()
            .into_iter()
            .flat_map(|gate| [gate.w_x.as_slice(), gate.w_h.as_slice(), gate.b.as_slice()])
            .collect()
    }

    /// The twelve tensors of [`slices`](Self::slices), to be changed.
    pub fn slices_mut(&mut self) -> Vec<&mut [T]> {
        self.blocks_mut()
            .into_iter()
            .flat_map(|Gate { w_x, w_h, b }| {
                [w_x.as_mut_slice(), w_h.as_mut_slice(), b.as_mut_slice()]
            })
            .collect()
    }

    /// Whether the sizes are positive and every tensor has the shape they demand.
    ///
    /// # Errors
    /// [`GateError`] naming the size, or the gate and the tensor.
    pub fn check(&self) -> Result<(), GateError> {
        let (input_size, hidden_size) = (self.input_size(), self.hidden_size());
        if input_size == 0 || hidden_size == 0 {
            return Err(GateError::ZeroSize {
                input_size,
                hidden_size,
            });
        }
        for (block, gate) in BLOCKS.into_iter().zip(self.blocks()) {
            gate.check(block, input_size, hidden_size)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::{DMatrix, DVector};

    #[test]
    fn a_gate_of_another_shape_is_named() {
        for (k, block) in BLOCKS.into_iter().enumerate() {
            let mut p = LstmParams::<f64>::zeros(3, 4);
            p.blocks_mut()[k].w_h = DMatrix::zeros(4, 5);
            let LstmParams { i, f, g, o } = p;
            let message = LstmParams::new(i, f, g, o).unwrap_err().to_string();
            assert_eq!(
                message,
                format!("shape mismatch in gate {block}: w_h is 4×5, expected 4×4")
            );
        }
        let mut p = LstmParams::<f64>::zeros(3, 4);
        p.o.b = DVector::zeros(3);
        assert_eq!(
            p.check().unwrap_err().to_string(),
            "shape mismatch in gate o: b is 3×1, expected 4×1"
        );
        p.o.w_x = DMatrix::zeros(4, 2);
        assert_eq!(
            p.check().unwrap_err().to_string(),
            "shape mismatch in gate o: w_x is 4×2, expected 4×3"
        );
    }

    #[test]
    fn sizes_of_zero_are_refused() {
        for (input_size, hidden_size) in [(0, 4), (4, 0)] {
            let p = LstmParams::<f64>::zeros(input_size, hidden_size);
            let message = p.check().unwrap_err().to_string();
            assert!(
                message.contains(&format!("input size {input_size}")),
                "{message}"
            );
            assert!(
                message.contains(&format!("hidden size {hidden_size}")),
                "{message}"
            );
        }
        assert!(LstmParams::<f64>::zeros(1, 1).check().is_ok());
    }

    #[test]
    fn slices_are_the_twelve_tensors_in_the_order_of_the_blocks() {
        let mut p = LstmParams::<f64>::zeros(2, 3);
        for (n, slice) in p.slices_mut().into_iter().enumerate() {
            slice.fill(n as f64);
        }
        assert_eq!(p.slices().len(), 12);
        assert_eq!(p.parameter_count(), 4 * (3 * 2 + 3 * 3 + 3));
        for (n, slice) in p.slices().into_iter().enumerate() {
            assert_eq!(slice.len(), [6, 9, 3][n % 3]);
            assert!(slice.iter().all(|&v| v == n as f64));
        }
        assert_eq!(
            (p.i.w_x[0], p.f.w_h[0], p.g.b[0], p.o.w_x[0]),
            (0.0, 4.0, 8.0, 9.0)
        );
    }
}
