//! The article's four applications (实际应用场景): E28–E32, and the generation of text (E24).
//!
//! The article names text generation, translation, summarisation and semantic role labelling, without
//! code. Here each application has a description of its models, settings for training, and a task:
//!
//! ```text
//! LanguageModel   TextSettings    LanguageTask    text → the next token → text (E24)
//! Transducer      PairSettings    PairTask        source → encoder, attention, copying → target (E28–E31)
//! RoleLabeler     LabelSettings   LabelTask       words → scores → the best labels (E32)
//! ```
//!
//! A fifth one, which the article does not name, is what most people use an LSTM for: [`forecast`], the
//! next rows of a series of numbers (E33–E36). A sixth one, [`classify`], gives a whole text or series one
//! label.
//!
//! ```text
//! data     files in published formats → pairs, records, sentences with roles; malformed rows are reported
//!          tables → series; what is malformed is refused, what is missing is masked and counted
//! corpora  a seeded grammar → pairs and sentences without a download, with a held-out part
//! metrics  generated texts and references → BLEU, ROUGE, span F1; classes → accuracy, macro F1
//! ```
//!
//! *Invariant:* every gradient is derived by hand; every random number comes from a seed.

mod sizes;
mod text_settings;
mod corpus;
mod generator;
mod language_task;
mod language_model;
mod batch;
mod attention;
mod copy;
mod encoder_decoder;
mod beam;
mod generation;
mod examples;
mod pair_source;
mod transducer;
mod pair_task;
mod features;
mod labels;
pub mod crf;
mod labeler;
mod role_source;
mod role_labeler;
mod label_task;
mod from_data;
pub mod forecast;
pub mod classify;
pub mod data;
pub mod corpora;
pub mod metrics;
mod error;

pub use attention::{Attention, AttentionGradient, AttentionPass, AttentionTape};
pub use batch::{Buckets, Padded};
pub use beam::{Beam, Continuation, Hypothesis, MOST_HYPOTHESES};
pub use copy::{CopyPass, Copying};
pub use corpus::{Corpus, evaluation_streams};
pub use crf::{Crf, viterbi};
pub use data::read_sentences;
pub use encoder_decoder::{Decoding, EncoderDecoder, EncoderDecoderConfig, PairBatch};
pub use error::TasksError;
pub use examples::{Examples, Files};
pub use features::{FEATURES, Features};
pub use generation::Continuing;
pub use generator::{Generator, Line, prime_line};
pub use label_task::{LabelSettings, LabelTask};
pub use labeler::{LabelBatch, Labeler, LabelerConfig};
pub use labels::LabelSet;
pub use language_model::{LanguageDescription, LanguageModel};
pub use language_task::{LanguageTask, evaluate};
pub use pair_source::{PairData, PairOrigin, PairSource};
pub use pair_task::{PairSettings, PairTask};
pub use role_labeler::{LabelerDescription, RoleLabeler, label_names, usual_predicates};
pub use role_source::{RoleData, RoleSource};
pub use text_settings::{Cut, EvaluationSettings, TextSettings};
pub use transducer::{Generated, Transducer, TransducerDescription, Transduction};
