//! Other people's LSTMs: recorded, computed again, and carried to and fro.

mod arrange;
mod check;
mod error;
mod layout;
mod recorded;
mod tensor;
pub mod variant;

pub use check::{Finding, Report, Row, check, check_recording};
pub use error::ExchangeError;
pub use layout::Layout;
pub use tensor::{Difference, Recording, Tensor, Tensors};
