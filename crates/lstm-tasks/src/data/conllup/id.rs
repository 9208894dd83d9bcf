//! What the column ID of a row may be.

use std::str::FromStr;

/// The number of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Id {
    /// A word, counted from 1.
    Word(usize),
    /// A multiword token, from one word to another: `1-2`.
    Range(usize, usize),
    /// An empty node after a word: `1.1`.
    Empty(usize),
}

impl FromStr for Id {
    type Err = String;

    fn from_str(cell: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse::<usize>().ok();
        let id = if let Some((first, last)) = cell.split_once('-') {
            number(first)
                .zip(number(last))
                .map(|(a, b)| Self::Range(a, b))
        } else if let Some((word, node)) = cell.split_once('.') {
            number(word)
                .zip(number(node))
                .map(|(word, _)| Self::Empty(word))
        } else {
            number(cell).map(Self::Word)
        };
        id.ok_or_else(|| {
            format!("the ID is {cell:?}, expected the number of a word, 1-2 for a multiword token or 1.1 for an empty node")
        })
    }
}
