//! Cutting a text into overlapping windows, as the article does.

use crate::{Batch, TextError};

// ANCHOR: windows
/// All windows of T tokens of a text, each one token after the one before: the article's
/// `range(0, len(text) - seq_length)`.
///
/// ```text
/// input(i)  = s_i     … s_{i+T−1}
/// target(i) = s_{i+1} … s_{i+T}        y_t = s_{t+1} in E21
/// ```
/// A text of M tokens has M − T windows. They are not stored: input and target are views of the same ids. Each window
/// starts from a zero state, so the caller can read the windows in any order.
///
/// ```
/// let tokens = [3, 1, 4, 1, 5];
/// let windows = lstm_text::Windows::new(&tokens, 3)?;
/// assert_eq!(windows.len(), 2);
/// assert_eq!((windows.input(0), windows.target(0)), (&[3, 1, 4][..], &[1, 4, 1][..]));
/// assert_eq!((windows.input(1), windows.target(1)), (&[1, 4, 1][..], &[4, 1, 5][..]));
///
/// let order = [1, 0];
/// let batch = windows.batch(&order);
/// assert_eq!(batch.inputs, [1, 3, 4, 1, 1, 4]);
/// # Ok::<(), lstm_text::TextError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Windows<'a> {
    tokens: &'a [u32],
    seq_len: usize,
}

#[allow(clippy::len_without_is_empty, reason = "there is always a window")]
impl<'a> Windows<'a> {
    /// The windows of `seq_len` tokens of a text.
    ///
    /// # Errors
    /// If T is 0, or if the text has fewer than T + 1 tokens.
    pub fn new(tokens: &'a [u32], seq_len: usize) -> Result<Self, TextError> {
        if seq_len == 0 {
            let size = "sequence length";
            return Err(TextError::ZeroSize { size });
        }
        if tokens.len() <= seq_len {
            let tokens = tokens.len();
            return Err(TextError::TooShortForWindow { tokens, seq_len });
        }
        Ok(Self { tokens, seq_len })
    }

    /// M − T, the number of windows; at least 1.
    pub fn len(&self) -> usize {
        self.tokens.len() - self.seq_len
    }

    /// The inputs of window i.
    ///
    /// # Panics
    /// If i is [`len`](Self::len) or more.
    pub fn input(&self, i: usize) -> &'a [u32] {
        assert!(i < self.len(), "window {i} of {}", self.len());
        &self.tokens[i..i + self.seq_len]
    }

    /// The targets of window i: the token to predict at each step.
    ///
    /// # Panics
    /// If i is [`len`](Self::len) or more.
    pub fn target(&self, i: usize) -> &'a [u32] {
        assert!(i < self.len(), "window {i} of {}", self.len());
        &self.tokens[i + 1..i + 1 + self.seq_len]
    }

    /// The batch of these windows: sequence b is window `indices[b]`.
    ///
    /// # Panics
    /// If `indices` is empty, or if an index is [`len`](Self::len) or more.
    pub fn batch(&self, indices: &[usize]) -> Batch {
        let window = |&i: &usize| {
            assert!(i < self.len(), "window {i} of {}", self.len());
            i..i + self.seq_len
        };
        let spans: Vec<_> = indices.iter().map(window).collect();
        Batch::from_spans(self.tokens, self.seq_len, &spans)
    }
}
// ANCHOR_END: windows

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_shorter_than_a_window_is_refused() {
        let message = |n, t| Windows::new(&vec![0; n], t).unwrap_err().to_string();
        assert_eq!(
            message(100, 100),
            "a text of 100 tokens is too short: a window of 100 tokens and the token after it are 101; \
             use a shorter sequence or a longer text"
        );
        assert_eq!(
            message(0, 0),
            "the sequence length is 0, expected at least 1"
        );
    }

    #[test]
    fn a_text_of_one_window_and_a_token_has_one() {
        let tokens = [7, 8, 9];
        let windows = Windows::new(&tokens, 2).unwrap();
        assert_eq!(windows.len(), 1);
        assert_eq!(windows.target(0), [8, 9]);
    }

    #[test]
    #[should_panic(expected = "window 1 of 1")]
    fn a_window_past_the_last_has_no_input() {
        Windows::new(&[7, 8, 9], 2).unwrap().input(1);
    }

    #[test]
    #[should_panic(expected = "window 1 of 1")]
    fn a_window_past_the_last_is_in_no_batch() {
        Windows::new(&[7, 8, 9], 2).unwrap().batch(&[0, 1]);
    }
}
