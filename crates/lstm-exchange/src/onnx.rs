//! ONNX models: written, imported, and computed in double precision.
//!
//! The messages and operators are specified at <https://onnx.ai/onnx/>. Where the specification leaves a
//! choice, this module does what ONNX Runtime does.

mod export;
mod file;
mod graph;
mod guard;
mod import;
mod operator;
mod ops;
mod plain;
mod proto;
mod structure;
mod value;
mod verify;

pub use export::to_onnx;
pub use graph::{Graph, Values};
pub use import::from_onnx;
pub use operator::{AttributeValue, LSTM_INPUTS, LstmNode, LstmOperator};
pub use value::{ElementType, Value};
