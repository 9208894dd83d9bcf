//! Two relatives of the LSTM, forward and backward, with the letters of the book: the gated recurrent
//! unit and the minimal LSTM, whose steps can be computed side by side by a scan.

pub mod gru;
pub mod min_lstm;
pub mod scan;
#[cfg(test)]
mod tests;

pub use gru::GruParams;
pub use min_lstm::MinLstmParams;
