//! The article's four applications (实际应用场景), working on real data: E27–E32.
//!
//! The article names text generation, translation, summarisation and semantic role labelling, and
//! shows none. Here are the parts they are built of:
//!
//! ```text
//! data     files people really have → pairs, records, sentences with roles     malformed rows are named
//! corpora  a seeded grammar → the same, with no download                       held out by construction
//! crf      emissions → the labels of a sentence, chosen together (E32)         Viterbi: legal ones only
//! metrics  what was written against what was meant → BLEU, ROUGE, span F1
//! ```
//!
//! *Invariant:* every gradient is derived and written out; no random number without a seed.

mod batch;
mod bidirectional;
mod attention;
mod copy;
mod encoder_decoder;
mod beam;
mod generation;
mod sharing;
mod pair_source;
mod transducer;
mod features;
mod labeler;
mod role_source;
mod role_labeling;
mod labels;
pub mod crf;
pub mod data;
pub mod corpora;
pub mod metrics;
mod error;

pub use attention::{Attention, AttentionBackward, AttentionTape};
pub use batch::{Buckets, Padded};
pub use beam::{Beam, Continuation, Hypothesis};
pub use bidirectional::{Bidirectional, BidirectionalStack, BidirectionalTape, LayerDropout};
pub use copy::Copying;
pub use crf::{Crf, viterbi};
pub use encoder_decoder::{Decoding, EncoderDecoder, EncoderDecoderConfig, PairBatch};
pub use error::TasksError;
pub use features::{FEATURES, Features};
pub use generation::Continuing;
pub use labeler::{LabelBatch, Labeler, LabelerConfig};
pub use labels::LabelSet;
pub use pair_source::{Files, PairData, PairOrigin, PairSource};
pub use role_labeling::{
    LabelTask, LabelerHeader, RoleLabeler, label_names, resume_labeling, usual_predicates,
};
pub use role_source::{RoleData, RoleSource, read_sentences};
pub use transducer::{
    Application, PairConfig, PairTask, Transducer, TransducerHeader, Written, resume,
};
