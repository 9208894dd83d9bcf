//! Other people's LSTMs: recorded, computed again, and carried to and fro.

mod arrange;
mod check;
mod error;
mod foreign;
mod about;
mod layout;
mod parts;
mod roles;
pub mod pytorch;
pub mod keras;
pub mod onnx;
mod recorded;
mod tensor;
pub mod variant;
mod vectors;
mod vocabulary;

pub use check::{Finding, Power, Report, Row, check, check_recording, power, power_of, recompute};
pub use error::ExchangeError;
pub use foreign::CharModel;
pub use layout::Layout;
pub use tensor::{Difference, Recording, Tensor, Tensors, difference};
pub use vectors::{Vector, vectors};
pub use vocabulary::vocabulary_from_json;
