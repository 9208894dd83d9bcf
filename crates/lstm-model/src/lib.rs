//! The model around the LSTM: E19–E22, E24–E27.
//!
//! This is the article's section 项目实践 3, 构建模型 (building the model).
//!
//! ```text
//! token ids s_t ─ Embedding (E19) ─ Stack of layers (E1–E8, E26) ─ Head (E20) ─ loss (E21, E22)
//!     or both directions: BidirectionalStack (E27) ┘
//! ```
//!
//! **One layer trait, several engines.** A recurrent layer is a [`Layer`]: it knows spans, states,
//! tapes and weights, but no head, network or task. [`Spec`] computes it equation by equation with
//! lstm-gates, lstm-cell and lstm-bptt; [`Batched`] computes the same with one matrix product per step.
//! Stacks, networks and training are written once and run on either. What an engine can do faster is
//! the trait [`Engine`]: the loss on top of the layers ([`Engine::head_loss`]) and reading one token
//! at a time ([`Reader`]). The threads that work on a call are an argument, a [`Team`].
//!
//! A network lists the fields that hold weights once, with [`fields!`]. The macro implements the traits
//! for optimisers ([`Parameters`]) and for files ([`Canonical`]) from that list.
//!
//! Everything is generic over the scalar, so that [`gradcheck`] can differentiate the loss of a whole
//! network with dual numbers.
//!
//! *Invariant:* this crate knows no task, no file and no thread pool. Every random choice comes from a
//! seed, a purpose and a place ([`Purpose`]).

mod error;
mod team;
mod parameters;
mod span;
mod input;
mod state;
mod layer;
mod tensors;
mod fields;
mod seed;
mod embedding;
mod dropout;
mod stack;
mod halves;
mod bidirectional;
mod loss;
mod head;
mod weighted;
mod reader;
mod engine;
mod spec;
mod batched;
mod config;
mod network;
mod sampling;
pub mod gradcheck;

pub use batched::{Batched, BatchedTape};
pub use bidirectional::{Bidirectional, BidirectionalPass, BidirectionalStack, BidirectionalTape};
pub use config::{NetworkConfig, layer_parameter_count};
pub use dropout::{Dropout, LayerDropout};
pub use embedding::{Embedding, look_up, table_gradient};
pub use engine::{Engine, HeadPass};
pub use error::ModelError;
pub use head::Head;
pub use input::Input;
pub use layer::{Forward, Layer, LayerGradient, Pass};
pub use loss::{Loss, bits_per_character, log_softmax, log_sum_exp, perplexity, softmax};
pub use lstm_gates::Init;
pub use network::{BatchLoss, Network, NetworkPass};
pub use parameters::Parameters;
pub use reader::{Reader, StackReader};
pub use sampling::Sampler;
pub use seed::Purpose;
pub use span::{Direction, Span};
pub use spec::Spec;
pub use stack::{Stack, StackDropout, StackGradient, StackPass, StackTape};
pub use state::BatchState;
pub use team::{Alone, Team, even_parts, share};
pub use tensors::{Canonical, Tensor, Tensors, joined};
pub use weighted::Weighting;
