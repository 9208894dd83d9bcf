//! Classification: a sequence is read step by step, and gets one of K labels.
//!
//! ```text
//! text ─ tokens ─ E (E19) ┐
//!                         ├ layers (E1–E8, E26, E27) ─ h_1 … h_T ─ Pooling: one vector ─ Head (E20) ─ loss (E21)
//! series ─ scaled (E33) ──┘
//! ```
//!
//! The loss is that of a language model, but for its targets: one for a sequence, not one for a token.

mod batch;
mod config;
mod describe;
mod description;
pub mod generated;
mod layers;
mod model;
mod network;
mod pooling;
mod source;
mod split;
mod task;

pub use batch::{ClassBatch, Example, Steps};
pub use config::ClassifierConfig;
pub use describe::NewClassifier;
pub use description::{Class, ClassifierDescription, Reading, TokenUnit};
pub use layers::Layers;
pub use model::{ClassifyModel, Unread, best};
pub use network::Classifier;
pub use pooling::Pooling;
pub use source::{ClassData, ClassSource};
pub use task::{ClassifySettings, ClassifyTask};
