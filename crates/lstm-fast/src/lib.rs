//! The fast engine. It computes what lstm-gates, lstm-cell and lstm-bptt compute (E1–E17) in `f32`, as a
//! [`Layer`](lstm_model::Layer) and an [`Engine`](lstm_model::Engine) of lstm-model.
//!
//! The modules in the order of reading. The book's three chapters on speed explain them
//! (`book/en/speed.md`, `speed-ladder.md`, `speed-functions.md`):
//!
//! ```text
//! Lanes      sixteen numbers in registers
//! tile       the sizes of register tiles, and their code for each size
//! Level      the instructions of the machine; every Kernel below is compiled for each Level
//! activation exp, σ and tanh of sixteen numbers
//! memory     buffers whose memory is reused
//! Panels     the layout [features/16][rows][16]: activations are never packed or transposed
//! product    C += A W in register tiles, and
//! outer      G += Aᵀ B in register tiles: nine tenths of the work
//! work       work items for the threads of a team
//! Fast       the weights of a layer in this layout
//! states     h and c of a batch in this layout
//! steps      the element-wise equations: Step (E2–E7), StepBack (E9–E14)
//! source     the input product W_x x (Source)
//! sink       the gradient of the input product (Sink)
//! forward    Source, product and Step, for each t
//! backward   StepBack, then products, for each t
//! head       E20 and E21 with the same products
//! stored     the weights of a layer for reading one token at a time
//! vector     E1–E7 of one step of a few sequences, for generating text; reader shares it out among
//!            threads, which get their orders and wait for each other at a barrier
//! stepper    one layer that reads one vector at a time
//! engine     Fast as a Layer and an Engine of lstm-model
//! peak       the peak speed of the machine, for comparison
//! ```
//!
//! *Invariant:* the layout is private. The public items take and return canonical weights, nalgebra
//! matrices, and [`Level`]; [`Activation`] takes plain slices.
//!
//! *Invariant:* on one machine with one number of threads the same input gives the same bits:
//! every sum is computed in a fixed order.
//!
//! *Invariant:* no `unsafe`. Instruction sets are detected and dispatched by the `pulp` crate.

mod lanes;
mod tile;
mod level;
mod activation;
mod memory;
mod panels;
mod product;
mod outer;
mod work;
mod packed;
mod states;
mod steps;
mod source;
mod sink;
mod forward;
mod backward;
mod head;
mod stored;
mod vector;
mod sync;
mod barrier;
mod orders;
mod reader;
mod stepper;
mod engine;
mod peak;

pub use activation::Activation;
pub use forward::FastTape;
pub use level::Level;
pub use packed::Fast;
pub use peak::fma_peak;
pub use reader::{FastReader, Precision};
pub use stepper::Stepper;
pub use tile::{Tile, Tiles};
