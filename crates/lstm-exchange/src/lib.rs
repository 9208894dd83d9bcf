#![doc = include_str!("../README.md")]

mod error;
#[cfg(feature = "pytorch")]
mod sniff;
mod foreign;
#[cfg(any(feature = "keras", feature = "pytorch"))]
mod about;
mod tensor;
#[cfg(feature = "pytorch")]
mod tensor_file;
mod layout;
#[cfg(any(feature = "keras", feature = "onnx", feature = "pytorch"))]
mod parts;
#[cfg(any(feature = "keras", feature = "pytorch"))]
mod roles;
#[cfg(feature = "pytorch")]
pub mod pytorch;
#[cfg(feature = "keras")]
pub mod keras;
#[cfg(feature = "onnx")]
pub mod onnx;
mod vocabulary;

pub use error::ExchangeError;
pub use foreign::CharModel;
pub use layout::Layout;
pub use tensor::{Tensor, Tensors};
#[cfg(feature = "pytorch")]
pub use tensor_file::TensorFile;
pub use vocabulary::{GivenVocabulary, PADDING, vocabulary_from_json};
