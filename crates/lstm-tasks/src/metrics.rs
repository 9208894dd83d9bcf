//! What was written against what was meant, in the numbers people publish.
//!
//! Each is held to the reference program by recorded vectors: `tests/interop/bleu.py` and `rouge.py`.

mod bleu;
mod rouge;
mod spans;
mod tokenize;

pub use bleu::{Bleu, BleuCounts, corpus_bleu};
pub use rouge::{Rouge, RougeScore, rouge};
pub use spans::{SpanCounts, SpanScore};
pub use tokenize::{BleuTokens, rouge_tokens};
