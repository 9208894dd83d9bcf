//! Chapter *Text into tokens*: the ids of E19, the targets and the mask of E21.
//! `cargo test -p exercises text::`

use lstm_text::Batch;
use std::ops::Range;

/// The distinct characters of a text in the order of their Unicode scalar values: the character with
/// id s is at index s.
pub fn vocabulary(text: &str) -> Vec<char> {
    todo!("each character once, sorted")
}

/// The ids of a text, or `None` if a character is not in the vocabulary `chars`.
pub fn encode(chars: &[char], text: &str) -> Option<Vec<u32>> {
    todo!("the index of every character")
}

/// The text of the ids, or `None` if an id is V or more: the inverse of [`encode`].
pub fn decode(chars: &[char], ids: &[u32]) -> Option<String> {
    todo!("the character of every id")
}

/// All windows of `seq_len` tokens that have a token after them, in order, each with its targets.
///
/// ```text
/// input(i)  = s_i     … s_{i+T−1}
/// target(i) = s_{i+1} … s_{i+T}        y_t = s_{t+1} (E21)
/// ```
/// There are N − T windows, and all are slices of `tokens`.
pub fn windows(tokens: &[u32], seq_len: usize) -> Vec<(&[u32], &[u32])> {
    todo!("two views of the same tokens for each window")
}

/// The positions that stream b of `batch_size` B reads; the target of each is the position after it.
///
/// A text of N tokens has N − 1 targets. N − 1 = q·B + r: the first r streams are q + 1 long, the
/// others q, and stream b + 1 starts where stream b ends.
pub fn stream(tokens: usize, batch_size: usize, b: usize) -> Range<usize> {
    todo!("the start and the end of stream b")
}

/// The batch in which sequence b reads the positions `spans[b]`, padded at its end to `seq_len` steps.
///
/// Time-major: step t of sequence b is at index t·B + b. At padding, input and target are 0 and the
/// mask m_t (E21) is false. `Batch::new(seq_len, batch_size, inputs, targets, mask)` takes two lists of
/// ids and one of `bool`.
pub fn batch(tokens: &[u32], seq_len: usize, spans: &[Range<usize>]) -> Batch {
    todo!("inputs, targets and mask, T times B of each")
}
