//! The memory through which a page and the crates exchange numbers.

use lstm_gates::LstmParams;
use nalgebra::DVector;

/// The number of numbers in a mailbox.
pub const CAPACITY: usize = 8192;

/// The largest D, H and T of a live page.
const LARGEST: usize = 64;

/// Whether a live page may use these sizes.
pub fn in_range(sizes: &[usize]) -> bool {
    sizes.iter().all(|n| (1..=LARGEST).contains(n))
}

/// Reads the input of a call from the front of the mailbox.
#[derive(Debug)]
pub struct Inbox<'a>(&'a [f64]);

impl<'a> Inbox<'a> {
    /// All of a mailbox.
    pub fn new(numbers: &'a [f64]) -> Self {
        Self(numbers)
    }

    /// The next `n` numbers.
    pub fn slice(&mut self, n: usize) -> Option<&'a [f64]> {
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken)
    }

    /// A vector of length `n`.
    pub fn vector(&mut self, n: usize) -> Option<DVector<f64>> {
        self.slice(n).map(DVector::from_column_slice)
    }

    /// `count` vectors of length `n`.
    pub fn vectors(&mut self, count: usize, n: usize) -> Option<Vec<DVector<f64>>> {
        (0..count).map(|_| self.vector(n)).collect()
    }

    /// The twelve tensors of a layer.
    pub fn params(&mut self, input_size: usize, hidden_size: usize) -> Option<LstmParams<f64>> {
        let mut p = LstmParams::zeros(input_size, hidden_size);
        for tensor in p.slices_mut() {
            tensor.copy_from_slice(self.slice(tensor.len())?);
        }
        Some(p)
    }
}

/// Writes an answer to the front of a mailbox, and returns its length; `None` if it is too long.
pub fn answer(mailbox: &mut [f64], numbers: &[f64]) -> Option<usize> {
    mailbox.get_mut(..numbers.len())?.copy_from_slice(numbers);
    Some(numbers.len())
}
