//! Numbers on their way between a page and the crates.

use lstm_gates::LstmParams;
use nalgebra::DVector;

/// How many numbers a mailbox holds.
pub const CAPACITY: usize = 8192;

/// No layer of a live page is larger than this in any of its sizes.
const LARGEST: usize = 64;

/// Whether these sizes can be those of a live page.
pub fn in_range(sizes: &[usize]) -> bool {
    sizes.iter().all(|n| (1..=LARGEST).contains(n))
}

/// Takes what a call was given, from the front.
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

/// Puts an answer into a mailbox, from the front; how many numbers it has.
pub fn answer(mailbox: &mut [f64], numbers: &[f64]) -> Option<usize> {
    mailbox.get_mut(..numbers.len())?.copy_from_slice(numbers);
    Some(numbers.len())
}
