//! The LSTM layer as fast as the machine allows: what lstm-gates, lstm-cell and lstm-bptt compute
//! (E1–E17), for `f32`, behind the seam of lstm-model.
//!
//! In the order of reading; the book's chapter *Making it fast* (`book/en/speed.md`) says why each of
//! these is as it is, and the modules below stand in the same order:
//!
//! ```text
//! Lanes      sixteen numbers in registers
//! Level      which instructions the machine has; every Kernel below is compiled for each
//! activation exp, σ and tanh of sixteen numbers
//! spare      buffers whose memory the next buffer uses again
//! Panels     the one layout, [features/16][rows][16]: activations are never packed or transposed
//! product    C += A W and G += Aᵀ B in register tiles: nine tenths of the work
//! team       what threads share out where a batch is too small for them
//! Fast       a layer's weights in that layout
//! steps      between the products: Step (E2–E7), StepBack (E9–E14)
//! source     where W_x x comes from (Source) and where its gradient goes (Sink)
//! forward    Source, product and Step, for each t
//! backward   StepBack, then products, for each t
//! head       E20 and E21 the same way
//! vector     E1–E7 of one sequence, for writing; reader shares it out among threads, which meet
//!            at a barrier
//! engine     all this as the seam of lstm-model
//! peak       the machine's own speed, for comparison
//! ```
//!
//! *Invariant:* nothing of this leaks. At the crate's face there are canonical weights, nalgebra
//! matrices, and [`Level`].
//!
//! *Invariant:* on one machine with one number of threads the same input gives the same bits:
//! every sum is taken in one fixed order.
//!
//! *Invariant:* no `unsafe`. Instruction sets are detected and dispatched by the `pulp` crate.

mod lanes;
mod level;
mod activation;
mod spare;
mod panels;
mod product;
mod team;
mod packed;
mod steps;
mod source;
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
