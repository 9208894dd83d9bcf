//! The ids that stand for no text. Vocabularies of words and of sub-words begin with them.

/// Padding.
pub const PAD: u32 = 0;
/// A word that the vocabulary does not have.
pub const UNKNOWN: u32 = 1;
/// Before the first token.
pub const BEGIN: u32 = 2;
/// After the last token.
pub const END: u32 = 3;
/// How many there are.
pub(crate) const SPECIALS: u32 = 4;
