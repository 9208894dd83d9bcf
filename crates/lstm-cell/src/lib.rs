//! The cell update of the LSTM, one step and a sequence: E6–E8.
//!
//! This is the article's section 核心算法原理具体操作步骤 (the algorithm, step by step) with its
//! formulas 4–5:
//!
//! ```text
//! c_t = f_t ⊙ c_{t−1} + i_t ⊙ g_t        (E6)
//! h_t = o_t ⊙ tanh(c_t)                  (E7)
//! h_0 = 0, c_0 = 0 unless carried in     (E8)
//! ```
//! All of length H.
//!
//! The article says that the cell is updated from the input, forget and output gates, and that a
//! later step makes an output from the output gate. E6 has no o_t in it, and E7 *is* the output:
//! h_t goes to step t+1 and to whatever reads the layer.
//!
//! [`step`] is one step. [`sequence`] runs it over x_1 … x_T and leaves a [`Tape`]: all that the
//! backward pass (lstm-bptt) needs, so that nothing is computed twice.
//!
//! *Invariant:* this crate computes no gradient.

mod state;
mod step;
mod sequence;
mod error;

pub use error::CellError;
pub use sequence::{Tape, sequence};
pub use state::State;
pub use step::{Step, cell_state, hidden_state, step};
