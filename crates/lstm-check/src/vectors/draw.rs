//! The numbers of the vectors, drawn at random from a fixed seed.

use lstm_exchange::Tensor;
use nalgebra::{DMatrix, DVector};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Draws multiples of 1/4096 with magnitudes from 1/16 to 1.
pub(super) struct Draw(pub ChaCha8Rng);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    fn number(&mut self) -> f64 {
        let size = f64::from(self.0.random_range(256..=4096_u32)) / 4096.0;
        if self.0.random_range(0..2) == 0 {
            size
        } else {
            -size
        }
    }

    pub fn vector(&mut self, len: usize) -> DVector<f64> {
        DVector::from_fn(len, |_, _| self.number())
    }

    pub fn matrix(&mut self, rows: usize, columns: usize) -> DMatrix<f64> {
        DMatrix::from_fn(rows, columns, |_, _| self.number())
    }

    pub fn tensor(&mut self, shape: &[usize]) -> Tensor {
        let data = (0..shape.iter().product()).map(|_| self.number()).collect();
        Tensor::new(shape, data)
    }
}
