//! The published metrics: BLEU, ROUGE, the F1 of labelled spans and of classes.
//!
//! BLEU and ROUGE are compared with their reference implementations by recorded vectors:
//! `tests/interop/bleu.py` and `rouge.py`.

mod bleu;
mod confusion;
mod rouge;
mod spans;
mod tokenize;

pub use bleu::{Bleu, BleuCounts, corpus_bleu};
pub use confusion::Confusion;
pub use rouge::{Rouge, RougeScore, mean_rouge, rouge};
pub use spans::{RoleCounts, SpanCounts, SpanScore};
pub use tokenize::{BleuTokens, rouge_tokens};
