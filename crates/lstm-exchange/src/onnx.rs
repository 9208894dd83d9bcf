//! ONNX models: read, computed in double precision, checked against what somebody else computed,
//! written, and taken over.
//!
//! Source of the messages and operators: <https://onnx.ai/onnx/>. Where ONNX's text leaves a choice,
//! ONNX Runtime's is followed.

mod export;
mod file;
mod graph;
mod guard;
mod import;
mod ops;
mod proto;
mod recorded;
mod structure;
mod value;
mod verify;

pub use export::to_onnx;
pub use import::from_onnx;
pub(crate) use recorded::understand_file;
