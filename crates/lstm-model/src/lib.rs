//! The model around the LSTM, and its training: E19–E26.
//!
//! This is the article's section 项目实践 (the project): what its Keras program meant to do.
//!
//! ```text
//! token ids s_t ─ Embedding (E19) ─ Stack of layers (E1–E8, E26) ─ Head (E20) ─ loss (E21, E22)
//!       ↑                                                                          │
//!   Corpus: batches          gradients, clip (E18), Optimizer (E23) ←──────────────┘
//!       text ← Generator ← Sampler (E24)
//! ```
//!
//! **One seam, two engines.** A recurrent layer is the trait [`Recurrent`]. [`Spec`] computes it
//! equation by equation with lstm-gates, lstm-cell and lstm-bptt; [`Batched`] computes the same with
//! one matrix product a step. Everything above the seam is written once and runs on either. An engine
//! may also take over what surrounds its layers: the columns of E ([`Input::Embedded`]), the loss of
//! the head ([`Recurrent::head_loss`]) and reading one token at a time ([`Reader`]).
//!
//! Everything below [`Trainer`] is generic over the scalar, so that the loss of a whole network can
//! be differentiated by dual numbers; [`gradcheck`] does.
//!
//! *Invariant:* this crate knows no task but the text it is given to continue; the applications
//! build on [`Task`]. Every random choice comes from a seed, a purpose and a place ([`Stream`]).

mod parameters;
mod recurrent;
mod spec;
mod batched;
mod seed;
mod embedding;
mod dropout;
mod stack;
mod loss;
mod head;
mod config;
mod network;
mod optimizer;
mod schedule;
mod sampling;
mod generator;
mod tensors;
pub mod store;
mod workers;
mod corpus;
mod progress;
mod task;
mod trainer;
mod run;
mod language_model;
pub mod gradcheck;
mod error;

pub use batched::{Batched, BatchedTape};
pub use config::{NetworkConfig, layer_parameter_count};
pub use corpus::{Corpus, Cut, DataConfig, evaluation_streams};
pub use dropout::Dropout;
pub use embedding::{Embedding, look_up, table_gradient};
pub use error::ModelError;
pub use generator::{Generator, NetworkReader, Reader};
pub use head::Head;
pub use language_model::{
    LanguageModel, LanguageModelHeader, LanguageTask, TextRecord, evaluate, resume,
};
pub use loss::{Loss, bits_per_character, log_sum_exp, perplexity, softmax};
pub use lstm_gates::Init;
pub use network::{BatchLoss, Network};
pub use optimizer::{Optimizer, OptimizerState};
pub use parameters::Parameters;
pub use progress::{Descent, Plan, Progress, TrainerState};
pub use recurrent::{Backward, BatchState, Direction, Forward, Input, Recurrent, Span};
pub use run::RunHeader;
pub use sampling::Sampler;
pub use schedule::{Schedule, ScheduleState};
pub use seed::Stream;
pub use spec::Spec;
pub use stack::{Stack, StackBackward, StackDropout, StackTape};
pub use task::{Evaluation, Observer, StepReport, Task};
pub use tensors::{Canonical, Tensor, Tensors};
pub use trainer::Trainer;
pub use workers::{Workers, even_parts, share, threads_at_hand};
