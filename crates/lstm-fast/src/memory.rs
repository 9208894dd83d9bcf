//! Buffers whose memory is reused.
//!
//! Every training step needs the same few hundred buffers. If each buffer were returned to the operating
//! system, the system would clear and map its pages again, which took a sixth of the step. So each thread
//! keeps the memory of its dropped buffers in a thread-local variable. The variable carries no argument
//! from a caller to a callee, and no result depends on it.

use crate::lanes::{LANES, Row, ZERO};
use nalgebra::DMatrix;
use std::cell::RefCell;
use std::ops::{Deref, DerefMut, Range};

/// The free blocks of memory of a thread, and the number of blocks in use.
struct Memory {
    free: Vec<Vec<f32>>,
    in_use: usize,
}

thread_local! {
    static MEMORY: RefCell<Memory> = const {
        RefCell::new(Memory {
            free: Vec::new(),
            in_use: 0,
        })
    };
}

// ANCHOR: take
/// Memory with arbitrary numbers: the smallest free block that is large enough and at most twice as large
/// as needed, or a new block.
fn take(len: usize) -> Vec<f32> {
    MEMORY.with_borrow_mut(|memory| {
        memory.in_use += 1;
        let sizes = memory.free.iter().map(Vec::capacity).enumerate();
        let fitting = sizes.filter(|(_, size)| (len..=2 * len).contains(size));
        let mut block = match fitting.min_by_key(|&(_, size)| size) {
            Some((n, _)) => memory.free.swap_remove(n),
            None => Vec::with_capacity(len),
        };
        block.resize(len, 0.0);
        block
    })
}
// ANCHOR_END: take

/// Keeps a free block. A thread keeps at most as many blocks as it has used at the same time, and none when
/// it ends.
fn give(block: Vec<f32>) {
    let _ = MEMORY.try_with(|memory| {
        let mut memory = memory.borrow_mut();
        if memory.in_use > 0 {
            memory.in_use -= 1;
            memory.free.push(block);
        }
    });
}

/// A matrix with arbitrary numbers.
pub(crate) fn any_matrix(rows: usize, columns: usize) -> DMatrix<f32> {
    DMatrix::from_vec(rows, columns, take(rows * columns))
}

/// Keeps the memory of a matrix for the thread's next matrix.
pub(crate) fn give_matrix(matrix: DMatrix<f32>) {
    give(matrix.data.into());
}

/// Rows that each fill one cache line. The memory is kept for the thread's next buffer.
///
/// A row that is not aligned to a cache line would be loaded as two lines.
#[derive(Debug)]
pub(crate) struct Buffer {
    memory: Vec<f32>,
    rows: Range<usize>,
}

/// The bytes of a row, and of a cache line on most machines.
const LINE: usize = size_of::<Row>();

impl Buffer {
    /// Rows with arbitrary numbers.
    pub fn any(len: usize) -> Self {
        let memory = take((len + 1) * LANES);
        let first = memory.as_ptr().align_offset(LINE);
        Self {
            memory,
            rows: first..first + len * LANES,
        }
    }

    pub fn zeros(len: usize) -> Self {
        let mut buffer = Self::any(len);
        buffer.fill(ZERO);
        buffer
    }
}

impl PartialEq for Buffer {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
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
        give(std::mem::take(&mut self.memory));
    }
}

impl Deref for Buffer {
    type Target = [Row];

    fn deref(&self) -> &[Row] {
        self.memory[self.rows.clone()].as_chunks().0
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [Row] {
        self.memory[self.rows.clone()].as_chunks_mut().0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(buffer: &Buffer) -> *const Row {
        buffer.as_ptr()
    }

    #[test]
    fn a_row_fills_a_line_of_a_cache() {
        let buffers = [1, 2, 3, 50].map(Buffer::zeros);
        assert!(
            buffers
                .iter()
                .all(|b| address(b).addr().is_multiple_of(LINE))
        );
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
    fn a_matrix_is_used_again_too() {
        let mut matrix = any_matrix(3, 4);
        matrix.fill(7.0);
        let memory = matrix.as_ptr();
        give_matrix(matrix);
        assert_eq!(any_matrix(6, 2).as_ptr(), memory);
    }

    #[test]
    fn a_thread_does_not_hoard_what_others_used() {
        let buffers: Vec<_> = (0..10).map(|_| Buffer::zeros(4)).collect();
        let kept = std::thread::spawn(move || {
            drop(buffers);
            MEMORY.with_borrow(|memory| memory.free.len())
        });
        assert_eq!(kept.join().unwrap(), 0);
    }
}
