//! The LSTM layer as fast as the machine allows: what lstm-gates, lstm-cell and lstm-bptt compute
//! (E1–E17), for `f32`, as a [`Layer`](lstm_model::Layer) and an [`Engine`](lstm_model::Engine) of
//! lstm-model.
//!
//! In the order of reading; the book's chapter *Making it fast* (`book/en/speed.md`) says why each of
//! these is as it is, and the modules below stand in the same order:
//!
//! ```text
//! Lanes      sixteen numbers in registers
//! Level      which instructions the machine has; every Kernel below is compiled for each
//! activation exp, σ and tanh of sixteen numbers
//! memory     buffers whose memory the next buffer uses again
//! Panels     the one layout, [features/16][rows][16]: activations are never packed or transposed
//! product    C += A W and G += Aᵀ B in register tiles: nine tenths of the work
//! work       a step's work, cut into items for the threads of a team
//! Fast       a layer's weights in that layout
//! states     h and c of a batch in that layout
//! steps      between the products: Step (E2–E7), StepBack (E9–E14)
//! source     where W_x x comes from (Source)
//! sink       where the gradient of W_x x goes (Sink)
//! forward    Source, product and Step, for each t
//! backward   StepBack, then products, for each t
//! head       E20 and E21 the same way
//! vector     E1–E7 of one sequence, for generating text; reader shares it out among threads, which
//!            meet at a barrier
//! engine     all this as a Layer and an Engine of lstm-model
//! peak       the machine's own speed, for comparison
//! ```
//!
//! *Invariant:* the layout stays inside. The crate's public items take and return canonical weights,
//! nalgebra matrices, and [`Level`].
//!
//! *Invariant:* on one machine with one number of threads the same input gives the same bits:
//! every sum is taken in one fixed order.
//!
//! *Invariant:* no `unsafe`. Instruction sets are detected and dispatched by the `pulp` crate.

mod lanes;
mod level;
mod activation;
mod memory;
mod panels;
mod product;
mod work;
mod packed;
mod states;
mod steps;
mod source;
mod sink;
mod forward;
mod backward;
mod head;
mod vector;
mod barrier;
mod reader;
mod engine;
mod peak;

pub use forward::FastTape;
pub use level::Level;
pub use packed::Fast;
pub use peak::fma_peak;
pub use reader::{FastReader, Precision};
