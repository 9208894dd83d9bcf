//! The LSTM layer as fast as the machine allows: what lstm-gates, lstm-cell and lstm-bptt compute
//! (E1–E17), for `f32`, behind the seam of lstm-model.
//!
//! ```text
//! Level    which instructions the machine has; every kernel below is compiled for each
//! Lanes    sixteen numbers in registers
//! Panels   the one layout, [features/16][rows][16]: never packed, never transposed
//! product  C += A W and G += Aᵀ B in register tiles: nine tenths of the work
//! Fast     a layer's weights in that layout; Source and Sink, where x comes from and dx goes
//! forward  product, then Step (E2–E7), for each t
//! backward StepBack (E9–E14), then products, for each t
//! head     E20 and E21 the same way
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
pub use reader::FastReader;
