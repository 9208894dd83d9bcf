//! Readers for data sets in the formats in which they are published.
//!
//! A malformed row is reported with its line number, never silently dropped; a file without a single
//! good row is an error. Gzip is recognised by its first bytes. Blank lines are skipped.
//! A reader takes an [`InputLimit`](lstm_text::InputLimit), for files from strangers.

mod bio;
mod conllup;
mod frames;
mod json;
mod labelled;
mod pairs;
mod quoting;
mod records;
mod rows;
mod sentences;
pub mod series;
mod srl_json;

pub use bio::{arguments_of, labels_of};
pub use conllup::read_conllup;
pub use frames::{Argument, Frame, Sentence};
pub use labelled::{
    Labelled, LabelledColumns, LabelledFile, Labels, Sequence, SequenceColumns, read_labelled,
};
pub use pairs::{Pair, Referenced, group_references, read_pairs};
pub use records::{RecordFields, read_records};
pub use rows::{Malformed, Rows};
pub use sentences::read_sentences;
pub use srl_json::{read_srl_json, to_srl_json};
