//! Memory that is used again.
//!
//! A training step needs the same few hundred buffers as the one before. If they went back to the
//! system in between, it would clear and map each of their pages anew: a sixth of the step.

use crate::lanes::{Row, ZERO};
use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

/// Rows whose memory is kept for the next buffer of the thread.
#[derive(Debug, PartialEq)]
pub(crate) struct Buffer(Vec<Row>);

/// The memory that a thread has done with, and how many buffers it has not.
struct Spare {
    memory: Vec<Vec<Row>>,
    in_use: usize,
}

thread_local! {
    static SPARE: RefCell<Spare> = const {
        RefCell::new(Spare {
            memory: Vec::new(),
            in_use: 0,
        })
    };
}

impl Buffer {
    /// Rows with any numbers in them: the smallest spare memory that is large enough and not much
    /// too large, or else new memory.
    pub fn any(len: usize) -> Self {
        SPARE.with_borrow_mut(|spare| {
            spare.in_use += 1;
            let sizes = spare.memory.iter().map(Vec::capacity).enumerate();
            let fitting = sizes.filter(|(_, size)| (len..=2 * len).contains(size));
            let mut rows = match fitting.min_by_key(|&(_, size)| size) {
                Some((n, _)) => spare.memory.swap_remove(n),
                None => Vec::with_capacity(len),
            };
            rows.resize(len, ZERO);
            Self(rows)
        })
    }

    pub fn zeros(len: usize) -> Self {
        let mut buffer = Self::any(len);
        buffer.fill(ZERO);
        buffer
    }
}

impl Clone for Buffer {
    fn clone(&self) -> Self {
        let mut buffer = Self::any(self.len());
        buffer.copy_from_slice(self);
        buffer
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let memory = std::mem::take(&mut self.0);
        // A thread keeps no more than it once used at the same time; one that is ending, nothing.
        let _ = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.in_use > 0 {
                spare.in_use -= 1;
                spare.memory.push(memory);
            }
        });
    }
}

impl Deref for Buffer {
    type Target = [Row];

    fn deref(&self) -> &[Row] {
        &self.0
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [Row] {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(buffer: &Buffer) -> *const Row {
        buffer.0.as_ptr()
    }

    #[test]
    fn memory_is_used_again_where_it_fits_and_by_one_buffer_only() {
        let first = Buffer::zeros(100);
        let memory = address(&first);
        drop(first);
        assert_ne!(address(&Buffer::any(300)), memory);
        assert_ne!(address(&Buffer::any(20)), memory);
        let again = Buffer::zeros(90);
        assert_eq!((address(&again), again.len()), (memory, 90));
        assert_ne!(address(&again.clone()), memory);
    }

    #[test]
    fn a_thread_does_not_hoard_what_others_used() {
        let buffers: Vec<_> = (0..10).map(|_| Buffer::zeros(4)).collect();
        let kept = std::thread::spawn(move || {
            drop(buffers);
            SPARE.with_borrow(|spare| spare.memory.len())
        });
        assert_eq!(kept.join().unwrap(), 0);
    }
}
