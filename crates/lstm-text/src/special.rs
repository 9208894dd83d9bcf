//! The special ids, which have no text. Vocabularies of words and of subwords begin with them.

/// Padding.
pub const PAD: u32 = 0;
/// Stands for a word that is not in the vocabulary.
pub const UNKNOWN: u32 = 1;
/// Comes before the first token.
pub const BEGIN: u32 = 2;
/// Comes after the last token.
pub const END: u32 = 3;
/// The number of special ids.
pub(crate) const SPECIALS: u32 = 4;
