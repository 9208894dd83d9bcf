//! Files people really have, read with their faults named.
//!
//! A row that is not as it should be is counted and named with its line number, never silently
//! dropped; a file without one good row is an error. Gzip is seen by its first bytes. A blank line is
//! no row.

mod bio;
mod conllup;
mod frames;
mod pairs;
mod records;
mod rows;
mod srl_json;

pub use bio::{arguments_of, labels_of};
pub use conllup::read_conllup;
pub use frames::{Argument, Frame, Sentence};
pub use pairs::{Pair, Referenced, group_references, read_pairs};
pub use records::{RecordFields, read_records};
pub use rows::{Malformed, Rows};
pub use srl_json::read_srl_json;
