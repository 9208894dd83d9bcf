//! ONNX models: written, imported, and computed in double precision.
//!
//! The messages and operators are specified at <https://onnx.ai/onnx/>. Where the specification leaves a
//! choice, this module does what ONNX Runtime does.

mod export;
mod external;
mod file;
mod graph;
mod guard;
mod import;
mod operator;
mod ops;
mod plain;
mod proto;
mod structure;
mod test_case;
mod value;
mod verify;

pub use export::to_onnx;
pub use graph::{Graph, Values};
pub use import::{from_onnx, from_onnx_file};
pub use operator::{AttributeValue, LSTM_INPUTS, LstmNode, LstmOperator};
pub use test_case::{StoredTensor, lstm_model};
pub use value::{ElementType, Value};
